"""Similarity: how alike are these sentences?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import long_answer
from bert_explorer.ui.beside_embeddings import show_similarity_beside
from bert_explorer.ui.embedding_inputs import choose_layer, choose_pooling
from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.similarity_code import matrix_code
from bert_explorer.ui.similarity_views import ask_sentences, make_matrix, show_matrix, show_matrix_files
from bert_explorer.ui.texts import similarity as text


def show_similarity(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        sentences = ask_sentences()
        with st.container(horizontal=True, gap="medium"):
            layer = choose_layer(model)
            pooling = choose_pooling()
            kind = choice(
                "Vectors", text.VECTORS, state.SIMILAR_CENTRE, width="content", help=text.VECTORS_HELP
            )
        question = TextsQuestion(sentences.all, layer, pooling)
        code = matrix_code(question, model.ref, centre=kind == text.CENTRED)
        embeddings = long_answer("similarity", model.ref, question, "Reading")
        if embeddings is not None:
            note_long_texts(model, sentences.all)
            matrix = make_matrix(sentences, embeddings, centre=kind == text.CENTRED)
            files = partial(show_matrix_files, matrix, show_matrix(matrix, model.ref))
            show_similarity_beside(model, question, matrix, centre=kind == text.CENTRED)
    show_explanation(text.SIMILARITY_EXPLANATION, code=code, downloads=files)


show_heading(text.SIMILARITY_PAGE)
show_similarity(require_model(Capability.EMBEDDINGS))
