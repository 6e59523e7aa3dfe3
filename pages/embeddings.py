"""Embeddings: which texts mean something alike?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo, Projection
from bert_explorer.ui.answers import answer, remember
from bert_explorer.ui.embedding_inputs import Asked, ask_texts
from bert_explorer.ui.embedding_views import Map, show_map, show_map_files
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import embeddings as text


def map_texts(model: ModelInfo, asked: Asked) -> Map | None:
    """The points to draw, or None while the model is being opened."""
    embeddings = answer("embeddings", model.ref, asked.question)
    if embeddings is None:
        return None

    def compute() -> Projection:
        from bert_explorer.analysis.projection import project

        method, dimensions = asked.drawing.method, asked.drawing.dimensions
        with st.spinner("Drawing the map"):
            return project(embeddings.vectors, method=method, dimensions=dimensions)

    projection = remember("projection", (model.ref, asked.question, asked.drawing), compute)
    return Map(embeddings, projection, asked.labels)


def show_embeddings(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        asked = ask_texts(model)
        if asked is not None:
            drawing = asked.drawing
            code = asked.question.code(model.ref, method=drawing.method, dimensions=drawing.dimensions)
            points = map_texts(model, asked)
            if points is not None:
                files = partial(show_map_files, points, show_map(points))
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_embeddings(require_model(Capability.EMBEDDINGS))
