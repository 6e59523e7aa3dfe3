"""Word senses: does BERT know which bank is meant?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.answers import answer
from bert_explorer.ui.beside_embeddings import show_senses_beside
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.sense_views import ask_senses, show_curve, show_layer, show_path, show_sense_files
from bert_explorer.ui.texts import word_senses as text


def show_word_senses(model: ModelInfo) -> None:
    question = ask_senses()
    files = None
    with guard():
        senses = answer("word senses", model.ref, question)
        if senses is not None:
            show_curve(senses)
            st.subheader("The occurrences in one layer", anchor=False)
            layer, rows = show_layer(senses, model)
            st.subheader("One occurrence through the layers", anchor=False)
            followed = show_path(senses)
            files = partial(show_sense_files, senses, layer, rows, followed)
            show_senses_beside(model, question)
    show_explanation(text.EXPLANATION, code=question.code(model.ref), downloads=files)


show_heading(text.PAGE)
show_word_senses(require_model(Capability.EMBEDDINGS))
