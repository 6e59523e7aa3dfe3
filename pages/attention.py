"""Attention: which words does each word look at?"""

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.attention_views import show_view
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice, number_slider, show_examples, text_box
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.questions import AttentionQuestion
from bert_explorer.ui.texts import attention as text

MAX_CHARS_ALL_LAYERS = 400  # longer texts: only the layer that is shown, to spare memory


def ask_texts() -> tuple[str, str | None]:
    show_examples(
        "attention",
        {
            item.name: {state.ATTENTION_TEXT: item.text, state.ATTENTION_PAIR: item.pair}
            for item in text.EXAMPLES
        },
    )
    with st.form("attention-form", border=False):
        first, second = st.columns([3, 2])
        with first:
            sentence = text_box("Sentence", text.EXAMPLES[0].text, state.ATTENTION_TEXT)
        with second:
            pair = text_box("Second sentence (optional)", "", state.ATTENTION_PAIR)
        st.form_submit_button("Show attention", type="primary")
    return sentence, pair.strip() or None


def choose_view(model: ModelInfo) -> tuple[str, int, int]:
    """The view, and the layer and head to show, from 0."""
    with st.container(horizontal=True, gap="medium"):
        view = choice("View", text.VIEWS, state.ATTENTION_VIEW, width="content")
        layer = head = 1
        if view != text.MODEL_VIEW:
            with st.container(width=200):
                layer = number_slider("Layer", 1, model.num_layers, text.DEFAULT_LAYER, state.ATTENTION_LAYER)
        if view == text.HEAT_MAP:
            with st.container(width=200):
                head = number_slider("Head", 1, model.num_heads, 1, state.ATTENTION_HEAD)
    return view, layer - 1, head - 1


def show_attention(model: ModelInfo) -> None:
    sentence, pair = ask_texts()
    view, layer, head = choose_view(model)
    few = len(sentence) + len(pair or "") <= MAX_CHARS_ALL_LAYERS
    layers = None if few or view == text.MODEL_VIEW else (layer,)
    question = AttentionQuestion(sentence, pair, layers)
    files = None
    with guard():
        attention = answer("attention", model.ref, question)
        if attention is not None:
            st.caption(text.HINTS[view])
            files = show_view(view, attention, layer, head)
    code = question.code(model.ref, layer=layer, head=head)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_attention(require_model(Capability.ATTENTIONS))
