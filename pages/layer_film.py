"""Layers as a film: how do texts move from layer to layer?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import long_answer
from bert_explorer.ui.beside_embeddings import show_film_beside
from bert_explorer.ui.embedding_inputs import choose_pooling
from bert_explorer.ui.embedding_questions import FilmQuestion
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.film_views import show_film, show_film_files
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.text_sources import ask_collection
from bert_explorer.ui.texts import embeddings, layer_film


def show_layer_film(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        texts = ask_collection("Texts to follow", "Make the film")
        if texts is not None:
            with st.container(horizontal=True, gap="medium"):
                pooling = choose_pooling()
                dimensions = choice(
                    "Dimensions", embeddings.DIMENSIONS, state.EMBED_DIMENSIONS, width="content"
                )
            question = FilmQuestion(texts.texts, pooling, embeddings.DIMENSIONS.index(dimensions) + 2)
            code = question.code(model.ref)
            film = long_answer("layer film", model.ref, question, "Reading")
            if film is not None:
                note_long_texts(model, texts.texts)
                files = partial(show_film_files, film, texts, show_film(film, texts, model.ref))
                show_film_beside(model, question, film, texts)
    show_explanation(layer_film.EXPLANATION, code=code, downloads=files)


show_heading(layer_film.PAGE)
show_layer_film(require_model(Capability.EMBEDDINGS))
