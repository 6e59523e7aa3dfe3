"""Inputs of the map of embeddings: what the points are, and how to draw them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from bert_explorer.analysis.maps import Drawing
from bert_explorer.errors import InputError
from bert_explorer.results import Embeddings, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.embedding_questions import TextsQuestion, TokensQuestion, WordsQuestion
from bert_explorer.ui.inputs import choice, number_slider, text_box
from bert_explorer.ui.text_sources import ask_lines, ask_upload, ask_vectors
from bert_explorer.ui.texts import embeddings as text

if TYPE_CHECKING:
    from bert_explorer.analysis.anisotropy import Correction
    from bert_explorer.analysis.projection import Method
    from bert_explorer.models.requests import Pooling

MAX_WORD_TEXTS = 500  # texts whose words become points: about 10,000 of them
MAX_SEED = 9_999
MapQuestion = TextsQuestion | WordsQuestion | TokensQuestion


@dataclass(frozen=True)
class Asked:
    """What to draw: a question to the model, or ``vectors`` that came with a file, and how.

    ``labels`` belong to the texts (or to the vectors), if they have any.
    """

    question: MapQuestion | None
    drawing: Drawing
    labels: tuple[str, ...] | None = None
    vectors: Embeddings | None = None


def ask_map(model: ModelInfo) -> Asked | None:
    """Draw all inputs; None until there is something to draw. Raises InputError or DataError."""
    source = choice("What to map", text.SOURCES, state.EMBED_SOURCE)
    if source == text.VECTORS:
        file = ask_vectors()
        if file is None:
            return None
        rows = tuple(range(len(file.items)))
        return Asked(
            None, choose_drawing(), file.labels, Embeddings(file.vectors, file.items, rows, 0, "own")
        )
    if source == text.ONE_TEXT:
        words = ask_one_text()
        layer, num_layers = choose_layers(model)
        return Asked(TokensQuestion(words, layer, num_layers), choose_drawing())
    texts = ask_upload() if source == text.UPLOAD else ask_lines("Map the texts")
    if texts is None:
        return None
    points, layer, num_layers, pooling = choose_vectors(model)
    if points == text.WORDS:
        kept = texts.sample(MAX_WORD_TEXTS)
        if len(kept.texts) < len(texts.texts):
            st.caption(f"The words of {len(kept.texts)} texts, drawn at random from {len(texts.texts):,}.")
        return Asked(WordsQuestion(kept.texts, layer, num_layers), choose_drawing(), kept.labels)
    return Asked(TextsQuestion(texts.texts, layer, pooling, num_layers), choose_drawing(), texts.labels)


def ask_one_text() -> str:
    with st.form("tokens-form", border=False):
        words = text_box("Text", text.TOKENS_TEXT, state.EMBED_TOKENS_TEXT)
        st.form_submit_button("Map the tokens", type="primary")
    if not words.strip():
        raise InputError("There is no text. Type a sentence of at least three words.")
    return words


def choose_vectors(model: ModelInfo) -> tuple[str, int, int, "Pooling"]:
    """(a point is a text or a word, layer, number of layers, pooling) for several texts."""
    with st.container(horizontal=True, gap="medium"):
        points = choice("A point is", text.POINTS, state.EMBED_POINTS, width="content")
        layer = choose_layer(model)
        pooling = choose_pooling() if points == text.TEXTS else "mean"
    num_layers = _choose_num_layers(layer)
    return points, layer, num_layers, pooling


def choose_layers(model: ModelInfo) -> tuple[int, int]:
    """The highest layer from 0 (before the first), and how many are averaged."""
    layer = choose_layer(model)
    return layer, _choose_num_layers(layer)


def choose_layer(model: ModelInfo) -> int:
    with st.container(width=220):
        return number_slider(
            "Layer (0: before the first)", 0, model.num_layers, model.num_layers, state.EMBED_LAYER
        )


def choose_pooling() -> "Pooling":
    names = tuple(text.POOLINGS.values())
    chosen = st.selectbox("Vector of a text", names, key=state.EMBED_POOLING, bind="query-params", width=220)
    return cast("Pooling", key_of(text.POOLINGS, chosen))


def _choose_num_layers(layer: int) -> int:
    with st.expander("Mean of several layers"), st.container(width=320):
        return number_slider("Layers averaged, counted downwards", 1, layer + 1, 1, state.EMBED_NUM_LAYERS)


def choose_drawing() -> Drawing:
    """Controls between the texts and the figure."""
    with st.container(horizontal=True, gap="medium"):
        method = key_of(
            text.METHODS,
            choice("Projection", tuple(text.METHODS.values()), state.EMBED_METHOD, width="content"),
        )
        dimensions = choice("Dimensions", text.DIMENSIONS, state.EMBED_DIMENSIONS, width="content")
        correction = st.selectbox(
            "Correction",
            tuple(text.CORRECTIONS.values()),
            key=state.EMBED_CORRECTION,
            bind="query-params",
            width=250,
            help=text.CORRECTION_HELP,
        )
        seed = 0
        if method != "pca":
            seed = st.number_input(
                "Seed", 0, MAX_SEED, 0, key=state.EMBED_SEED, bind="query-params", width=110
            )
    return Drawing(
        cast("Method", method),
        text.DIMENSIONS.index(dimensions) + 2,
        cast("Correction", key_of(text.CORRECTIONS, correction)),
        int(seed),
    )


def key_of(names: dict[str, str], name: str) -> str:
    """The key whose value is ``name``."""
    return next(key for key, value in names.items() if value == name)
