"""Draws answers of the pages Two templates and Writing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.ui import state
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown

if TYPE_CHECKING:
    from bert_explorer.analysis.templates import TemplateComparison
    from bert_explorer.analysis.writing import WritingStep

TEMPLATES, STEPS = "templates", "writing"


def show_templates(comparison: "TemplateComparison", count: int) -> None:
    """The words that differ most on either side, and every word at its two probabilities."""
    from bert_explorer.plots.writing import plot_templates

    sides = comparison.most_different(count)
    if not any(sides):
        st.info("No word that is likely in one of the two sentences differs between them.")
    left, right = st.columns(2, gap="medium")
    for column, side, name in zip((left, right), sides, ("first", "second"), strict=True):
        with column:
            st.markdown(f"**Likelier in the {name} sentence**")
            _show_side(comparison, side)
    alt = f"{len(comparison.tokens)} words at their probability in either sentence"
    show_figure(plot_templates(comparison, count), TEMPLATES, alt=alt)


def _show_side(comparison: "TemplateComparison", side: list[int]) -> None:
    rows = {
        "Word": [format_token(comparison.tokens[i]) for i in side],
        "First": [100 * float(np.exp(comparison.log_first[i])) for i in side],
        "Second": [100 * float(np.exp(comparison.log_second[i])) for i in side],
        "Times": [float(np.exp(abs(comparison.differences[i]))) for i in side],
    }
    percent = st.column_config.NumberColumn(format="%.3f %%")
    columns = {"First": percent, "Second": percent, "Times": st.column_config.NumberColumn(format="%.1f ×")}
    st.dataframe(rows, hide_index=True, height="content", column_config=columns)


def show_templates_files(comparison: "TemplateComparison", count: int) -> None:
    from bert_explorer.plots.writing import plot_templates

    show_figure_downloads(plot_templates(comparison, count), TEMPLATES)
    rows = zip(
        comparison.tokens,
        comparison.log_first.tolist(),
        comparison.log_second.tolist(),
        comparison.differences.tolist(),
        strict=True,
    )
    kept = list(rows)
    header = ("token", "log-probability in first", "log-probability in second", "difference")
    show_table_download(TEMPLATES, header, lambda: kept)


def show_writing(steps: Sequence["WritingStep"], num_given: int) -> None:
    """The text after a step, the word drawn in it, and all steps; the prompt has ``num_given`` tokens."""
    from bert_explorer.analysis.writing import join_tokens
    from bert_explorer.plots.writing import plot_steps

    st.markdown(f"The text at the end: **{escape_markdown(join_tokens(steps[-1].tokens))}**")
    kept = st.session_state.get(state.WRITE_STEP)
    if isinstance(kept, int) and kept > len(steps):
        st.session_state[state.WRITE_STEP] = len(steps)
    number = (
        st.slider("After step", 1, len(steps), len(steps), key=state.WRITE_STEP, bind="query-params")
        if len(steps) > 1
        else 1
    )
    step = steps[number - 1]
    token_strip(
        [
            StripToken(format_token(token), kind="masked" if token in ("[MASK]", "<mask>") else "")
            for token in step.tokens
        ],
        label=f"The text after step {number}; the word drawn in it is marked",
        key=state.WRITE_STRIP,
        selected=[num_given + step.place],
        select="none",
    )
    drawn = escape_markdown(format_token(step.token))
    st.caption(f"Step {number} drew **{drawn}**, to which the model gave {100 * step.probability:.2g} %.")
    show_figure(plot_steps(steps), STEPS, alt=f"Probability of the drawn word in {len(steps)} steps")
    with st.expander("Every step as a table"):
        rows = {
            "Step": list(range(1, len(steps) + 1)),
            "Place": [item.place + 1 for item in steps],
            "Word": [format_token(item.token) for item in steps],
            "Probability": [100 * item.probability for item in steps],
            "Text": [join_tokens(item.tokens) for item in steps],
        }
        columns = {"Probability": st.column_config.NumberColumn(format="%.3f %%")}
        st.dataframe(rows, hide_index=True, height=320, column_config=columns)


def show_writing_files(steps: Sequence["WritingStep"]) -> None:
    from bert_explorer.analysis.writing import join_tokens
    from bert_explorer.plots.writing import plot_steps

    show_figure_downloads(plot_steps(steps), STEPS)
    header = ("step", "place", "token", "probability", "text")
    rows = [
        (number, step.place + 1, step.token, step.probability, join_tokens(step.tokens))
        for number, step in enumerate(steps, start=1)
    ]
    show_table_download(STEPS, header, lambda: rows)
