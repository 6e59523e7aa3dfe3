"""The file to learn from: the bundled example or an upload, its columns, its preview."""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import LabelledTexts, Table, guess_columns, labelled_texts
from bert_explorer.training.examples import COLUMNS_OF, Examples, has_columns
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_tasks import ask_task, read_rows, show_task_preview

PREVIEW_ROWS = 100
MAX_DRAWN_CLASSES = 30
NO_PAIR = "(none)"


@dataclass(frozen=True)
class TrainingFile:
    """A labelled file as it will be given to the queue, what it is for, and its rows."""

    name: str
    content: bytes
    table: Table
    task: str = "text-classification"


@dataclass(frozen=True)
class Columns:
    """Which columns of the file mean what."""

    text: str
    label: str
    pair: str | None


def ask_file() -> TrainingFile | None:
    """The example or an upload; None until a file is chosen. Raises DataError with the line."""
    source = choice("Data", text.SOURCES, state.TRAIN_SOURCE, width="content")
    if source == text.EXAMPLE:
        return _ask_example()
    settings = get_settings()
    upload = st.file_uploader(
        f"A table with a column of texts and a column of labels (.csv, .tsv, .jsonl, .xlsx), words with tags "
        f"(.conll, .conllu, .jsonl) or questions on texts (.json, .jsonl), up to "
        f"{settings.max_upload_bytes / 1e6:.0f} MB and {settings.max_upload_rows:,} rows",
        key=state.TRAIN_FILE,
    )
    if upload is None:
        st.caption(
            "The file stays on the computer that runs BERT Explorer, with the run, until you delete the run."
        )
        return None
    content = upload.getvalue()
    return _open_file(upload.name, content)


def _ask_example() -> TrainingFile:
    names = text.EXAMPLES
    filename = st.selectbox(
        "Example file",
        list(names),
        format_func=names.__getitem__,
        key=state.TRAIN_EXAMPLE,
        bind="query-params",
        width=300,
    )
    content = (get_settings().assets / "datasets" / filename).read_bytes()
    return _open_file(filename, content)


def _open_file(name: str, content: bytes) -> TrainingFile:
    task = ask_task(name, content)
    return TrainingFile(name, content, read_rows(name, content, task), task)


def ask_columns(file: TrainingFile) -> Columns:
    """The columns, guessed well and open to change."""
    if not has_columns(file.task):
        fixed = COLUMNS_OF[file.task]
        return Columns(str(fixed["text_column"]), str(fixed["label_column"]), fixed["pair_column"])
    columns = list(file.table.columns)
    guess = guess_columns(file.table)
    texts = st.selectbox("Texts", columns, columns.index(guess.text), key=state.TRAIN_TEXT_COLUMN, width=140)
    labels = st.selectbox(
        "Labels", columns, columns.index(guess.label), key=state.TRAIN_LABEL_COLUMN, width=140
    )
    if len(columns) < 3:
        return Columns(texts, labels, None)
    options = [NO_PAIR, *columns]
    index = options.index(guess.pair) if guess.pair else 0
    pair = st.selectbox("Second texts", options, index, key=state.TRAIN_PAIR_COLUMN, width=140)
    return Columns(texts, labels, None if pair == NO_PAIR else pair)


def show_preview(file: TrainingFile, config: FineTuneConfig) -> Examples:
    """First rows. Raises DataError where the columns cannot be learned from."""
    if config.task != "text-classification":
        return show_task_preview(file.name, file.content, file.table, config)
    return _show_classes(file, config)


def _show_classes(file: TrainingFile, config: FineTuneConfig) -> LabelledTexts:
    """First rows and rows a class."""
    from bert_explorer.plots.training import plot_class_counts

    data = labelled_texts(file.table, config)
    rows_column, counts_column = st.columns([3, 2], gap="medium")
    with rows_column:
        st.markdown(f"**{len(data):,} texts** in {escape_markdown(file.name)}")
        shown = range(min(PREVIEW_ROWS, len(data)))
        names = {i: data.labels[data.label_ids[i]] for i in shown}
        rows = {"Line": [data.line_numbers[i] for i in shown], "Label": list(names.values())}
        rows["Text"] = [data.texts[i] for i in shown]
        if data.pairs is not None:
            rows["Second text"] = [data.pairs[i] for i in shown]
        st.dataframe(rows, hide_index=True, height=250)
    with counts_column:
        st.markdown(f"**{len(data.labels)} labels**")
        counts = sorted(data.class_counts.items(), key=lambda item: -item[1])
        alt = "Number of texts of each label"
        show_figure(plot_class_counts(dict(counts[:MAX_DRAWN_CLASSES])), "class-counts", alt=alt)
        if len(counts) > MAX_DRAWN_CLASSES:
            st.caption(f"The {MAX_DRAWN_CLASSES} most frequent labels.")
    return data
