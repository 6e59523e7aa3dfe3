"""Masked words: which words fit here? And: does this sentence follow that one?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.beside import note_other_view
from bert_explorer.ui.beside_inside import show_masks_beside
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.masked_inputs import Asked, ask_masked_words, ask_next_sentence
from bert_explorer.ui.masked_questions import JointQuestion, LayersQuestion
from bert_explorer.ui.masked_views import show_fillings, show_fillings_files, show_layers, show_layers_files
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.predictions import (
    show_masks,
    show_masks_files,
    show_next_sentence,
    show_next_sentence_files,
)
from bert_explorer.ui.texts import masked_views
from bert_explorer.ui.texts import masked_words as text
from bert_explorer.ui.word_masking import words_of


def show_masked_words(model: ModelInfo) -> None:
    with guard():
        asked = ask_masked_words()
        view = choice("Look at", text.VIEWS, state.MASKED_VIEW)
        show = {text.EACH_MASK: show_each, text.TOGETHER: show_together, text.BY_LAYER: show_by_layer}[view]
        show(model, asked)
        if view != text.EACH_MASK:
            note_other_view(text.EACH_MASK)


def show_each(model: ModelInfo, asked: Asked) -> None:
    words = None
    with guard():
        words = answer("masked words", model.ref, asked.question)
        if words is not None:
            show_masks(words, only_own=asked.only_own)
            show_masks_beside(model, asked)
    files = None if words is None else partial(show_masks_files, words, only_own=asked.only_own)
    show_explanation(text.EXPLANATION, code=asked.question.code(model.ref), downloads=files)


def show_together(model: ModelInfo, asked: Asked) -> None:
    question, fillings = JointQuestion(asked.question.text, asked.question.top_k), None
    with guard():
        fillings = answer("fillings", model.ref, question)
        if fillings is not None:
            show_fillings(fillings)
    files = None if fillings is None else partial(show_fillings_files, fillings)
    show_explanation(masked_views.TOGETHER, code=question.code(model.ref), downloads=files)


def show_by_layer(model: ModelInfo, asked: Asked) -> None:
    num_masks = sum(word.is_mask for word in words_of(asked.question.text))
    mask = number_slider("Mask", 1, num_masks, 1, state.MASKED_LAYER_MASK) if num_masks > 1 else 1
    question, layers = LayersQuestion(asked.question.text, mask - 1), None
    with guard():
        layers = answer("layers", model.ref, question)
        if layers is not None:
            show_layers(layers)
    files = None if layers is None else partial(show_layers_files, layers)
    show_explanation(masked_views.BY_LAYER, code=question.code(model.ref), downloads=files)


def show_following(model: ModelInfo) -> None:
    question = ask_next_sentence()
    following = None
    with guard():
        following = answer("next sentence", model.ref, question)
        if following is not None:
            show_next_sentence(following)
    files = None if following is None else partial(show_next_sentence_files, following)
    show_explanation(text.NEXT_EXPLANATION, code=question.code(model.ref), downloads=files)


show_heading(text.PAGE)
words_tab, next_tab = st.tabs(text.TABS, key=state.MASKED_TAB, on_change="rerun", bind="query-params")
if words_tab.open:
    with words_tab:
        show_masked_words(require_model(Capability.MASKED_LM))
if next_tab.open:
    with next_tab:
        show_following(require_model(Capability.NEXT_SENTENCE))
