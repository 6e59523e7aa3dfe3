"""Masked words: which words fit here? And: does this sentence follow that one?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import number_slider, show_examples, split_words, text_box
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.predictions import (
    show_masks,
    show_masks_files,
    show_next_sentence,
    show_next_sentence_files,
)
from bert_explorer.ui.questions import MaskedWordsQuestion, NextSentenceQuestion
from bert_explorer.ui.texts import masked_words as text


def ask_masked_words() -> MaskedWordsQuestion:
    show_examples(
        "masked",
        {item.name: {state.TEXT: item.text, state.MASKED_TARGETS: item.targets} for item in text.EXAMPLES},
    )
    with st.form("masked-form", border=False):
        sentence = text_box("Text with [MASK]", text.EXAMPLES[0].text, state.TEXT)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            targets = st.text_input(
                "Words to look for (optional)",
                key=state.MASKED_TARGETS,
                bind="query-params",
                placeholder="she, he",
                help="Words of your own, separated by commas: you see how probable the model finds each.",
                width=320,
            )
            with st.container(width=220):
                top_k = number_slider("Words to show", 3, 50, text.DEFAULT_TOP_K, state.MASKED_TOP_K)
            st.form_submit_button("Predict", type="primary")
    return MaskedWordsQuestion(sentence, top_k, split_words(targets))


def show_masked_words(model: ModelInfo) -> None:
    question = ask_masked_words()
    words = None
    with guard():
        words = answer("masked words", model.ref, question)
        if words is not None:
            show_masks(words)
    files = None if words is None else partial(show_masks_files, words)
    show_explanation(text.EXPLANATION, code=question.code(model.ref), downloads=files)


def ask_next_sentence() -> NextSentenceQuestion:
    show_examples(
        "next",
        {
            item.name: {state.NEXT_FIRST: item.first, state.NEXT_SECOND: item.second}
            for item in text.NEXT_EXAMPLES
        },
    )
    with st.form("next-form", border=False):
        left, right = st.columns(2)
        with left:
            first = text_box("First sentence", text.NEXT_EXAMPLES[0].first, state.NEXT_FIRST)
        with right:
            second = text_box("Second sentence", text.NEXT_EXAMPLES[0].second, state.NEXT_SECOND)
        st.form_submit_button("Judge", type="primary")
    return NextSentenceQuestion(first, second)


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
