"""The tab "What matters for a prediction": four methods side by side, and how far they agree."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from bert_explorer.analysis.attention_summaries import ranked_units
from bert_explorer.analysis.attention_words import Units, merge_scores, token_units, word_units
from bert_explorer.analysis.classification import gives_number
from bert_explorer.analysis.rank_agreement import MIN_ITEMS, Coefficient, agreement, kendall, spearman
from bert_explorer.plots.labels import format_token
from bert_explorer.results import AttentionSummaries, Capability, FloatArray, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.attention_questions import AttentionQuestion, SummariesQuestion
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import attention as text

NAME = "attention-summaries"
MASK = "[MASK]"
COEFFICIENTS: dict[str, Coefficient] = {"Spearman's rho": spearman, "Kendall's tau": kendall}


@st.fragment
def show_summaries(model: ModelInfo, question: AttentionQuestion) -> None:
    """Controls, figure, agreement and files."""
    asked, words = _ask(model, question)
    files = None
    with guard():
        summaries = answer("attention summaries", model.ref, asked)
        if summaries is not None:
            files = _show(summaries, words)
    show_explanation(text.SUMMARIES, code=asked.code(model.ref), downloads=files)


def _ask(model: ModelInfo, question: AttentionQuestion) -> tuple[SummariesQuestion, bool]:
    """The question, and whether whole words are shown."""
    masks = f"{question.text} {question.pair or ''}".count(MASK)
    mask, target = 0, None
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if Capability.SEQUENCE_CLASSIFICATION in model.capabilities and not gives_number(model):
            target = _ask_class(model)
        elif Capability.MASKED_LM in model.capabilities and masks:
            mask, target = _ask_word(masks)
        units = choice("On the axes", text.UNITS, state.ATTENTION_UNITS, width="content")
    return SummariesQuestion(question.text, question.pair, mask, target), units == text.WORDS


def _ask_class(model: ModelInfo) -> str | None:
    options = (text.LIKELIEST, *model.labels)
    if st.session_state.get(state.SUMMARY_TARGET) not in options:
        st.session_state.pop(state.SUMMARY_TARGET, None)  # a class of another model
    chosen = st.selectbox("Class", options, key=state.SUMMARY_TARGET, bind="query-params", width=240)
    return None if chosen == text.LIKELIEST else chosen


def _ask_word(masks: int) -> tuple[int, str | None]:
    mask = 1
    if masks > 1:
        mask = st.selectbox(
            "Mask", list(range(1, masks + 1)), key=state.SUMMARY_MASK, bind="query-params", width=100
        )
    word = st.text_input(
        "Word (empty: the first guess)", key=state.SUMMARY_TARGET, bind="query-params", width=240
    )
    return mask - 1, word.strip() or None


def _show(summaries: AttentionSummaries, words: bool) -> Callable[[], None]:
    from bert_explorer.plots.attention_summaries import plot_scores

    units, scores = _rearrange(summaries, words)
    kept = ranked_units(units, summaries.position)
    names = [units.names[i] for i in kept]
    titles = [text.METHODS[method] for method in summaries.methods]
    _say_what(summaries, units)
    figure = plot_scores(names, scores[:, kept], titles)
    show_figure(figure, NAME, alt="Scores of the tokens by several methods")
    st.caption(text.LEFT_OUT)
    show_agreement(scores[:, kept], titles)
    with st.expander("The same as a table"):
        st.dataframe(_table(units, scores, titles), hide_index=True)

    def files() -> None:
        show_figure_downloads(figure, NAME)
        rows = lambda: zip(units.names, *scores.tolist(), strict=True)  # noqa: E731
        show_table_download(NAME, ("token", *summaries.methods), rows)

    return files


def _rearrange(summaries: AttentionSummaries, words: bool) -> tuple[Units, FloatArray]:
    if not words:
        return token_units(summaries.tokens), summaries.scores
    units = word_units(summaries.tokens)
    return units, merge_scores(summaries.scores, units)


def _say_what(summaries: AttentionSummaries, units: Units) -> None:
    seen_from = next(i for i, group in enumerate(units.groups) if summaries.position in group)
    name = escape_markdown(format_token(units.names[seen_from]))
    if summaries.log_probability is None:
        st.info(text.NO_PREDICTION)
        st.markdown(f"Seen from **{name}**, the first token.")
        return
    probability = np.exp(summaries.log_probability)
    st.markdown(
        f"Prediction: **{escape_markdown(format_token(summaries.prediction))}**, probability "
        f"{probability:.1%}. The first three are seen from **{name}**."
    )


def show_agreement(scores: FloatArray, titles: list[str]) -> None:
    """Both coefficients of every two methods, or why there are none."""
    if scores.shape[1] < MIN_ITEMS:
        st.caption(f"Rankings of fewer than {MIN_ITEMS} tokens cannot be compared.")
        return
    st.markdown(f"**Do the methods agree?** Rank correlation over {scores.shape[1]} tokens, from -1 to 1")
    columns = st.columns(2, gap="medium")
    for column, (name, coefficient) in zip(columns, COEFFICIENTS.items(), strict=True):
        with column:
            st.caption(name)
            st.dataframe(_agreement_table(scores, titles, coefficient), hide_index=True)


def _agreement_table(
    scores: FloatArray, titles: list[str], coefficient: Coefficient
) -> dict[str, list[object]]:
    values = agreement(list(scores), coefficient)
    table: dict[str, list[object]] = {"": list(titles)}
    for i, title in enumerate(titles):
        table[title] = [None if row[i] is None else round(float(row[i] or 0), 2) for row in values]
    return table


def _table(units: Units, scores: FloatArray, titles: list[str]) -> dict[str, list[object]]:
    table: dict[str, list[object]] = {
        "Place": list(range(1, len(units) + 1)),
        "Token": [format_token(name) for name in units.names],
    }
    for title, row in zip(titles, scores, strict=True):
        table[title] = [round(float(value), 5) for value in row]
    return table
