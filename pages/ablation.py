"""Heads switched off: what does the model say without some of its heads, and how many can go?"""

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.ablation_inputs import ask_ablation
from bert_explorer.ui.ablation_views import show_comparison
from bert_explorer.ui.answers import answer
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.pruning_views import pruning_code, show_pruning
from bert_explorer.ui.texts import ablation as text


def show_one_text(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        question = ask_ablation(model)
        code = question.code(model.ref)
        compared = answer("ablation", model.ref, question)
        if compared is not None:
            files = show_comparison(compared, model)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


def show_curve(model: ModelInfo) -> None:
    files = None
    with guard():
        files = show_pruning(model)
    show_explanation(text.CURVE_EXPLANATION, code=pruning_code(model), downloads=files)


show_heading(text.PAGE)
model = require_model(Capability.ATTENTIONS)
one_tab, curve_tab = st.tabs(text.TABS, key=state.ABLATION_TAB, on_change="rerun", bind="query-params")
if one_tab.open:
    with one_tab:
        show_one_text(model)
if curve_tab.open:
    with curve_tab:
        show_curve(model)
