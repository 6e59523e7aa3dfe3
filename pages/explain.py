"""Explain: which words made the model say this, and can that be believed?"""

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer, long_answer
from bert_explorer.ui.explain_inputs import ask_question, show_hint
from bert_explorer.ui.explain_questions import CurvesQuestion
from bert_explorer.ui.explain_views import show_attributions, show_curves
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.held_out_views import show_class_words, show_shortcuts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import explain as text


def show_one_text(model: ModelInfo) -> None:
    files = code = None
    with guard():
        show_hint(model)
        question = ask_question(model)
        code = question.code(model.ref)
        found = answer("explain", model.ref, question)
        if found is not None:
            files = show_attributions(found, model)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


def show_test(model: ModelInfo) -> None:
    files = code = None
    with guard():
        question = CurvesQuestion(ask_question(model))
        code = question.code(model.ref)
        curves = long_answer("explain test", model.ref, question, "Copies of the text")
        if curves is not None:
            files = show_curves(curves)
    show_explanation(text.TEST_EXPLANATION, code=code, downloads=files)


def show_words(model: ModelInfo) -> None:
    files = code = None
    with guard():
        code, files = show_class_words(model)
    show_explanation(text.CLASS_EXPLANATION, code=code, downloads=files)


def show_flips(model: ModelInfo) -> None:
    files = code = None
    with guard():
        code, files = show_shortcuts(model)
    show_explanation(text.SHORTCUTS_EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
model = require_model()
tabs = st.tabs(text.TABS, key=state.EXPLAIN_TAB, on_change="rerun", bind="query-params")
for tab, show in zip(tabs, (show_one_text, show_test, show_words, show_flips), strict=True):
    if tab.open:
        with tab:
            show(model)
