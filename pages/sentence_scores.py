"""Sentence scores: how expected is this sentence, and which of several would the model rather read?"""

from functools import partial

import streamlit as st

from bert_explorer.analysis.minimal_pairs import compute_accuracies
from bert_explorer.analysis.rescoring import mix_scores
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.bench import show_bench
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.sentence_inputs import ask_pairs, ask_sentences, ask_text
from bert_explorer.ui.sentence_views import (
    show_accuracies,
    show_accuracies_files,
    show_ranking,
    show_ranking_files,
    show_score,
    show_score_files,
)
from bert_explorer.ui.texts import sentence_scores as text


def show_one(model: ModelInfo) -> None:
    question = ask_text()
    by_word = choice("Show", text.BY, state.SCORE_BY) == text.WORDS
    score = None
    with guard():
        score = answer("sentence score", model.ref, question)
        if score is not None:
            show_score(score, by_word=by_word)
    files = None if score is None else partial(show_score_files, score)
    show_explanation(text.SCORE, code=question.code(model.ref), downloads=files)


def show_several(model: ModelInfo) -> None:
    code = files = None
    with guard():
        question, weight = ask_sentences()
        code = question.code(model.ref, weight=weight)
        scores = answer("ranking", model.ref, question)
        if scores is not None:
            ranked = mix_scores(question.hypotheses, scores, weight=weight)
            show_ranking(ranked)
            files = partial(show_ranking_files, ranked)
    show_explanation(text.RANKING, code=code, downloads=files)


def show_pairs(model: ModelInfo) -> None:
    code = files = None
    with guard():
        question = ask_pairs()
        code = question.code(model.ref)
        bench = show_bench(model.ref, question.pairs)
        if bench is not None and bench.judged:
            if not bench.is_whole:
                st.info(f"Stopped after {len(bench.judged):,} of {len(bench.pairs):,} pairs.")
            accuracies = compute_accuracies(bench.judged)
            show_accuracies(bench.judged, accuracies)
            files = partial(show_accuracies_files, bench.judged, accuracies)
    show_explanation(text.MINIMAL_PAIRS, code=code, downloads=files)


show_heading(text.PAGE)
info = require_model(Capability.MASKED_LM)
tabs = st.tabs(text.TABS, key=state.SCORE_TAB, on_change="rerun", bind="query-params")
for tab, show in zip(tabs, (show_one, show_several, show_pairs), strict=True):
    if tab.open:
        with tab:
            show(info)
