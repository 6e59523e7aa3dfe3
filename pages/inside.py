"""Inside: one token followed through every step, with its real numbers."""

import streamlit as st

from bert_explorer.ui import state
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.inputs import show_examples, text_box
from bert_explorer.ui.inside_walk import show_walk
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import inside as text


def ask_texts() -> tuple[str, str | None]:
    show_examples(
        "inside",
        {
            item.name: {
                state.INSIDE_TEXT: item.text,
                state.INSIDE_PAIR: item.pair,
                state.INSIDE_FROM_TOKEN: 1,
            }
            for item in text.EXAMPLES
        },
    )
    with st.form("inside-form", border=False):
        first, second = st.columns([3, 2])
        with first:
            sentence = text_box("Sentence", text.EXAMPLES[0].text, state.INSIDE_TEXT, lines=1)
        with second:
            pair = text_box("Second sentence (optional)", "", state.INSIDE_PAIR, lines=1)
        st.form_submit_button("Walk through it", type="secondary")
    return sentence, pair.strip() or None


show_heading(text.PAGE)
model = require_model()
show_walk(model, *ask_texts())
