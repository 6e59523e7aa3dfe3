"""Start: what the app is, what the open model can do, where to go."""

import streamlit as st

from bert_explorer.ui.answers import answer
from bert_explorer.ui.bars import show_bars
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import chosen_model
from bert_explorer.ui.openings import START_QUESTION
from bert_explorer.ui.texts import start as text

show_heading(text.PAGE)
model = chosen_model()

if model is not None and text.Capability.MASKED_LM in model.capabilities:
    with st.container(border=True, key="first-look"), guard():
        words = answer("start", model.ref, START_QUESTION)
        if words is not None:
            st.markdown(text.EXAMPLE_HEADING)
            show_bars(START_QUESTION.text, words.masks[0].predictions)

st.subheader("Where to go", anchor=False)
with st.container(key="cards", horizontal=True):
    for card in text.CARDS:
        with st.container(border=True, height="stretch"):
            st.page_link(card.path, label=card.title)
            st.markdown(card.promise)
            if model is not None and card.needs is not None and card.needs not in model.capabilities:
                st.caption("The open model cannot do this; choose another above.")
