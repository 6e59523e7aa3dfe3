"""Where the texts of the Embeddings pages come from: a box, an upload, or vectors computed elsewhere.

An upload is kept for the session, so that the next page of the group starts with the same texts.
"""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.analysis.vector_files import VectorFile
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.collections import (
    TextCollection,
    collect_columns,
    is_plain_lines,
    parse_lines,
    read_example,
)
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inputs import choice, lines_box
from bert_explorer.ui.texts import embeddings as text

NO_LABELS = "(no labels)"
MAX_LABELS = 30  # colours and a legend for more say nothing
FORGOTTEN = "The file stays on the computer that runs BERT Explorer, and is forgotten when you leave."


@dataclass(frozen=True)
class Upload:
    """The texts of the last upload of this session, and the name of its file."""

    name: str
    texts: TextCollection


def ask_collection(label: str = "Texts", submit: str = "Map the texts") -> TextCollection | None:
    """Texts from the box or from a file; None until there are some. Raises InputError or DataError."""
    source = choice(label, text.COLLECTIONS, state.COLLECTION)
    return ask_upload() if source == text.UPLOAD else ask_lines(submit)


def ask_lines(submit: str) -> TextCollection:
    """Texts typed or pasted, one a line."""
    with st.form("texts-form", border=False):
        lines = lines_box(
            "Texts, one a line",
            read_example(get_settings()),
            state.EMBED_TEXTS,
            lines=5,
            help="Paste two columns from a spreadsheet, label and text, and the labels colour the points.",
        )
        st.form_submit_button(submit, type="primary")
    return parse_lines(lines)


def ask_upload() -> TextCollection | None:
    """Texts of a file, or of the last one of this session; None until there is one."""
    limit_mb = get_settings().max_upload_bytes / 1e6
    upload = st.file_uploader(
        f"A file of texts: .txt with one text a line, or .csv, .tsv, .jsonl, .xlsx; up to {limit_mb:.0f} MB",
        key=state.EMBED_FILE,
    )
    if upload is None:
        return _last_upload()
    texts = _read_texts(upload.name, upload.getvalue())
    st.session_state[state.UPLOADED] = Upload(upload.name, texts)
    return texts


def _last_upload() -> TextCollection | None:
    last = st.session_state.get(state.UPLOADED)
    if not isinstance(last, Upload):
        st.caption(FORGOTTEN)
        return None
    st.caption(f"{len(last.texts.texts):,} texts of {escape_markdown(last.name)}, uploaded before.")
    return last.texts


def _read_texts(name: str, content: bytes) -> TextCollection:
    from bert_explorer.training.data import guess_columns, read_table
    from bert_explorer.training.tables.decoding import decode_text

    if is_plain_lines(name, content):
        return parse_lines(decode_text(content)[0])
    table = read_table(name, content)
    guess = guess_columns(table)
    with st.container(horizontal=True):
        columns = list(table.columns)
        texts = st.selectbox("Column of texts", columns, columns.index(guess.text), width=240)
        options = [NO_LABELS, *columns]
        few = len(set(table.column(guess.label))) <= MAX_LABELS  # not a column of numbers or names
        likely = options.index(guess.label) if few else 0
        labels = st.selectbox("Column of labels", options, likely, width=240)
    return collect_columns(table, texts, None if labels == NO_LABELS else labels)


def ask_vectors() -> VectorFile | None:
    """Vectors of a file and, where it has none, labels of another one; None until there is a file."""
    from bert_explorer.analysis.vector_files import attach_labels, read_vectors
    from bert_explorer.training.tables.decoding import decode_text

    limit_mb = get_settings().max_upload_bytes / 1e6
    with st.container(horizontal=True):
        upload = st.file_uploader(
            f"Vectors: .npy, or a table (.csv, .parquet) with columns of numbers; up to {limit_mb:.0f} MB",
            key=state.VECTORS_FILE,
        )
        labels = st.file_uploader("Labels, one a line (optional): .txt", key=state.VECTORS_LABELS)
    if upload is None:
        st.caption(FORGOTTEN)
        return None
    vectors = read_vectors(upload.name, upload.getvalue())
    return (
        vectors if labels is None else attach_labels(vectors, decode_text(labels.getvalue())[0].splitlines())
    )
