"""Inputs of the page Embeddings: which texts, and how to draw them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from bert_explorer.errors import InputError
from bert_explorer.results import ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.collections import (
    TextCollection,
    collect_columns,
    is_plain_lines,
    parse_lines,
    read_example,
)
from bert_explorer.ui.inputs import choice, number_slider, text_box
from bert_explorer.ui.questions import TextsQuestion, TokensQuestion
from bert_explorer.ui.texts import embeddings as text

if TYPE_CHECKING:
    from bert_explorer.analysis.projection import Method
    from bert_explorer.models.requests import Pooling

MAX_LINK_CHARS = 4_000  # browsers and servers cut longer addresses
NO_LABELS = "(no labels)"
MAX_LABELS = 30  # colours and a legend for more say nothing


@dataclass(frozen=True)
class Drawing:
    """How to draw: layer from 0 (before the first), the rest as ``project`` takes it."""

    layer: int
    pooling: "Pooling"
    method: "Method"
    dimensions: int


@dataclass(frozen=True)
class Asked:
    """What the page asks, and how to draw the answer. ``labels`` belong to the texts, if they have any."""

    question: TextsQuestion | TokensQuestion
    drawing: Drawing
    labels: tuple[str, ...] | None = None


def ask_texts(model: ModelInfo) -> Asked | None:
    """Draw all inputs; None until there are texts. Raises InputError or DataError."""
    source = choice("What to map", text.SOURCES, state.EMBED_SOURCE)
    if source == text.ONE_TEXT:
        words = ask_one_text()
        drawing = choose_drawing(model, pooled=False)
        return Asked(TokensQuestion(words, drawing.layer), drawing)
    texts = ask_upload() if source == text.UPLOAD else ask_lines()
    if texts is None:
        return None
    drawing = choose_drawing(model, pooled=True)
    return Asked(TextsQuestion(texts.texts, drawing.layer, drawing.pooling), drawing, texts.labels)


def ask_lines() -> TextCollection:
    """Texts typed or pasted, one a line. Long ones stay out of the link."""
    kept = st.session_state.get(state.EMBED_TEXTS)
    fits = kept is None or len(kept) <= MAX_LINK_CHARS
    with st.form("texts-form", border=False):
        lines = st.text_area(
            "Texts, one a line",
            read_example(get_settings()),
            height=150,
            max_chars=get_settings().max_text_chars,
            key=state.EMBED_TEXTS,
            bind="query-params" if fits else None,
            help="Paste two columns from a spreadsheet, label and text, and the labels colour the points.",
        )
        st.form_submit_button("Map the texts", type="primary")
    if not fits:
        st.caption(
            f"These texts are too long for a link (over {MAX_LINK_CHARS:,} characters): a link opens the "
            f"example."
        )
    return parse_lines(lines)


def ask_upload() -> TextCollection | None:
    """Texts of a file, or None until there is one."""
    limit_mb = get_settings().max_upload_bytes / 1e6
    upload = st.file_uploader(
        f"A file of texts: .txt with one text a line, or .csv, .tsv, .jsonl, .xlsx; up to {limit_mb:.0f} MB",
        key=state.EMBED_FILE,
    )
    if upload is None:
        st.caption(
            "The file stays on the computer that runs BERT Explorer, and is forgotten when you leave the "
            "page."
        )
        return None
    content = upload.getvalue()
    from bert_explorer.training.data import guess_columns, read_table
    from bert_explorer.training.tables.decoding import decode_text

    if is_plain_lines(upload.name, content):
        return parse_lines(decode_text(content)[0])
    table = read_table(upload.name, content)
    guess = guess_columns(table)
    with st.container(horizontal=True):
        columns = list(table.columns)
        texts = st.selectbox("Column of texts", columns, columns.index(guess.text), width=240)
        options = [NO_LABELS, *columns]
        few = len(set(table.column(guess.label))) <= MAX_LABELS  # not a column of numbers or names
        likely = options.index(guess.label) if few else 0
        labels = st.selectbox("Column of labels", options, likely, width=240)
    return collect_columns(table, texts, None if labels == NO_LABELS else labels)


def ask_one_text() -> str:
    with st.form("tokens-form", border=False):
        words = text_box("Text", text.TOKENS_TEXT, state.EMBED_TOKENS_TEXT)
        st.form_submit_button("Map the tokens", type="primary")
    if not words.strip():
        raise InputError("There is no text. Type a sentence of at least three words.")
    return words


def choose_drawing(model: ModelInfo, *, pooled: bool) -> Drawing:
    """Controls between the texts and the figure. ``pooled``: one vector a text, so ask how to pool."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=220):
            layer = number_slider(
                "Layer (0: before the first)", 0, model.num_layers, model.num_layers, state.EMBED_LAYER
            )
        pooling = "token"
        if pooled:
            names = tuple(text.POOLINGS.values())
            chosen = st.selectbox(
                "Vector of a text", names, key=state.EMBED_POOLING, bind="query-params", width=220
            )
            pooling = _key_of(text.POOLINGS, chosen)
        method = _key_of(
            text.METHODS,
            choice("Projection", tuple(text.METHODS.values()), state.EMBED_METHOD, width="content"),
        )
        dimensions = choice("Dimensions", text.DIMENSIONS, state.EMBED_DIMENSIONS, width="content")
    return Drawing(
        layer, cast("Pooling", pooling), cast("Method", method), text.DIMENSIONS.index(dimensions) + 2
    )


def _key_of(names: dict[str, str], name: str) -> str:
    return next(key for key, value in names.items() if value == name)
