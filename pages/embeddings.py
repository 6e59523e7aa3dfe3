"""Embeddings: which texts mean something alike?"""

from functools import partial

import streamlit as st

from bert_explorer.analysis.maps import Map, draw_map
from bert_explorer.results import Capability, Embeddings, ModelInfo
from bert_explorer.ui.answers import long_answer, remember
from bert_explorer.ui.beside_embeddings import show_map_beside
from bert_explorer.ui.embedding_inputs import Asked, ask_map
from bert_explorer.ui.embedding_questions import TokensQuestion, WordsQuestion
from bert_explorer.ui.embedding_views import show_map, show_map_files
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import embeddings as text


def find_vectors(model: ModelInfo, asked: Asked) -> Embeddings | None:
    """The vectors to draw, or None while the model is being opened."""
    if asked.vectors is not None:
        return asked.vectors
    assert asked.question is not None
    return long_answer("embeddings", model.ref, asked.question, "Reading")


def draw(model: ModelInfo, asked: Asked) -> Map | None:
    embeddings = find_vectors(model, asked)
    if embeddings is None:
        return None

    def compute() -> Map:
        with st.spinner("Drawing the map"):
            return draw_map(embeddings, asked.labels, asked.drawing)

    what = asked.question if asked.question is not None else embeddings.vectors.tobytes()
    return remember("projection", (model.ref, what, asked.labels, asked.drawing), compute)


def texts_of(asked: Asked) -> tuple[str, ...]:
    if asked.question is None:
        return ()
    return (asked.question.text,) if isinstance(asked.question, TokensQuestion) else asked.question.texts


def show_embeddings(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        asked = ask_map(model)
        points = None if asked is None else draw(model, asked)
        if asked is not None and asked.question is not None:
            drawing = asked.drawing
            code = asked.question.code(
                model.ref,
                method=drawing.method,
                dimensions=drawing.dimensions,
                correction=drawing.correction,
            )
        if asked is not None and points is not None:
            note_long_texts(model, texts_of(asked), cut=isinstance(asked.question, WordsQuestion))
            files = partial(show_map_files, points, show_map(points, texts_of(asked), model.ref))
            show_map_beside(model, asked)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_embeddings(require_model(Capability.EMBEDDINGS))
