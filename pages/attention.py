"""Attention: which words does each word look at?"""

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.attention_inputs import OF_ONE_HEAD, choose_shown
from bert_explorer.ui.attention_pairs import show_pair
from bert_explorer.ui.attention_questions import AttentionQuestion
from bert_explorer.ui.attention_summaries import show_summaries
from bert_explorer.ui.attention_views import show_view
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.head_knowledge import show_known_head
from bert_explorer.ui.inputs import show_examples, text_box
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import attention as text


def ask_texts() -> AttentionQuestion:
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
    return AttentionQuestion(sentence, pair.strip() or None)


@st.fragment  # another layer, head or view draws this part alone
def show_one(model: ModelInfo, question: AttentionQuestion) -> None:
    shown = choose_shown(model, has_pair=question.pair is not None)
    files = None
    with guard():
        attention = answer("attention", model.ref, question, keep=False)
        if attention is not None:
            files = show_view(shown, attention)
            if shown.head is not None and shown.view in OF_ONE_HEAD:
                show_known_head(model, shown.layer, shown.head)
    code = question.code(model.ref, layer=shown.layer, head=shown.head or 0)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
model = require_model(Capability.ATTENTIONS)
asked = ask_texts()
tabs = st.tabs(text.TABS, key=state.ATTENTION_TAB, on_change="rerun", bind="query-params")
for tab, show in zip(tabs, (show_one, show_summaries, show_pair), strict=True):
    if tab.open:
        with tab:
            show(model, asked)
