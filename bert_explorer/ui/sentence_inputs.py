"""Inputs of the page Sentence scores."""

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.inputs import choice, show_examples, text_box
from bert_explorer.ui.sentence_questions import PairsQuestion, RankingQuestion, TextScoreQuestion
from bert_explorer.ui.texts import sentence_scores as text

FIRST = next(iter(text.EXAMPLES.values()))


def ask_text() -> TextScoreQuestion:
    show_examples("score", {name: {state.SCORE_TEXT: sentence} for name, sentence in text.EXAMPLES.items()})
    with st.form("score-form", border=False):
        sentence = text_box("Text", FIRST, state.SCORE_TEXT)
        st.form_submit_button("Score", type="primary")
    return TextScoreQuestion(sentence)


def ask_sentences() -> tuple[RankingQuestion, float]:
    """The list and the weight of the model. Raises DataError, EmptyTextError or InputError."""
    from bert_explorer.analysis.rescoring import parse_hypotheses

    with st.form("sentences-form", border=False):
        content = text_box("Sentences, one a line", text.SENTENCES, state.SCORE_SENTENCES, lines=6)
        st.form_submit_button("Rank", type="primary")
    hypotheses = parse_hypotheses(content)
    weight = 1.0
    if hypotheses[0].own_score is not None:
        weight = st.slider(
            "Weight of the model against the sentences' own scores",
            0.0,
            1.0,
            0.5,
            0.05,
            key=state.SCORE_WEIGHT,
            bind="query-params",
        )
    return RankingQuestion(hypotheses), weight


def ask_pairs() -> PairsQuestion:
    """The pairs to judge. Raises DataError, EmptyTextError or InputError."""
    from bert_explorer.analysis.minimal_pairs import parse_pairs, read_bench

    source = choice("Pairs", text.SOURCES, state.PAIRS_SOURCE)
    if source == text.BENCH:
        pairs = read_bench(get_settings())
        st.markdown(
            f"{len(pairs):,} pairs of BLiMP, 20 of each of its 67 kinds. They take one to two minutes on two "
            "cores."
        )
    else:
        content = text_box("Right sentence, a tab, wrong sentence", text.OWN, state.PAIRS_TEXT, lines=5)
        pairs = parse_pairs(content)
    return PairsQuestion(pairs, bundled=source == text.BENCH)
