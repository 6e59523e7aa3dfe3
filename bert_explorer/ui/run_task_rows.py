"""What a finished run of a task decided wrongly or with difficulty, for the owner of the texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.run_rows import MAX_ROWS, ask_kind, ask_label
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results

if TYPE_CHECKING:
    from bert_explorer.training.decisions import Decision

WHAT = {"token-classification": "Word", "multi-label": "Label"}


def show_task_rows(run: Run) -> None:
    """One kind of decisions as a table."""
    from bert_explorer.training.decisions import read_decisions
    from bert_explorer.training.predictions import read_predictions

    task = run.config.task
    decisions = read_decisions(task, read_predictions(run_folder(run.id, get_settings())), run.labels)
    kinds = task_results.ROW_KINDS[task]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = ask_kind(list(kinds))
        chosen = _choose(run, decisions, kind)
    st.caption(kinds[kind])
    if not chosen:
        st.markdown("The model made no mistake." if kind == text.ERROR_ROWS else "There is no such row.")
        return
    st.markdown(f"**{len(chosen):,} of {len(decisions):,}**")
    _show_table(run, chosen[:MAX_ROWS])
    if len(chosen) > MAX_ROWS:
        st.caption(f"The first {MAX_ROWS:,}.")


def _choose(run: Run, decisions: "Sequence[Decision]", kind: str) -> "list[Decision]":
    from bert_explorer.training.decisions import hardest, in_cell, mistakes, suspects

    if kind == text.ERROR_ROWS:
        return mistakes(decisions)
    if kind == text.SUSPECT_ROWS:
        return suspects(decisions)
    if kind == text.CELL_ROWS:
        true = ask_label("True label", run, state.ROWS_TRUE)
        return in_cell(decisions, true, ask_label("Predicted label", run, state.ROWS_PREDICTED))
    return hardest(decisions)


def _show_table(run: Run, chosen: "Sequence[Decision]") -> None:
    table: dict[str, list[object]] = {"Line": [item.row.line for item in chosen]}
    if run.config.task in WHAT:
        table[WHAT[run.config.task]] = [item.what for item in chosen]
    table["True"] = [item.true for item in chosen]
    table["Predicted"] = [item.given for item in chosen]
    if any(item.probability is not None for item in chosen):
        table["Certainty"] = [_percent(item.probability) for item in chosen]
        table["Of the true label"] = [_percent(item.true_probability) for item in chosen]
    elif run.config.task == "regression":
        table["Error"] = [item.badness for item in chosen]
    else:
        table["F1 of words"] = [1 - item.badness for item in chosen]
    if any(item.rather not in (None, item.given) for item in chosen):  # of a number, both are the same
        table["Rather"] = [item.rather or "" for item in chosen]
    first, second = (
        ("Question", "Text") if run.config.task == "question-answering" else ("Text", "Second text")
    )
    table[first] = [item.row.text for item in chosen]
    if any(item.row.pair for item in chosen):
        table[second] = [item.row.pair or "" for item in chosen]
    percent = st.column_config.NumberColumn(format="%.1f %%", width="small")
    number = st.column_config.NumberColumn(format="%.3g", width="small")
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(chosen) < 10 else 380,
        column_config=dict.fromkeys(("Certainty", "Of the true label"), percent)
        | dict.fromkeys(("Error", "F1 of words"), number),
    )


def _percent(probability: float | None) -> float | None:
    return None if probability is None else 100 * probability
