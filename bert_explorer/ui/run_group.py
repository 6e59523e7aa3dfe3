"""The runs that belong together with the one on the page: how a search came out, or the mean of the folds."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.training.groups import (
    FOLDS,
    describe_choice,
    group_of,
    headline_of,
    members,
    predictions_of_folds,
    rank_search,
    summarise_folds,
)
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.tables.predicted import HELD_OUT_COLUMNS, held_out_cells
from bert_explorer.ui.downloads import show_table_download
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.runs import get_run_queue, get_run_store
from bert_explorer.ui.texts import fine_tune as text

LOOK_AGAIN_S = 3.0


def show_group(run: Run, owner: str) -> None:
    """Nothing for a run that stands alone, or is somebody else's."""
    group = group_of(run)
    if group is None or not run.belongs_to(owner):
        return
    kind, tag = group
    runs = members(get_run_store().list(owner), tag)
    if any(one.state.is_active for one in runs):
        _show_live(kind, tag, owner)
    else:
        _show(kind, tag, runs)


@st.fragment(run_every=LOOK_AGAIN_S)
def _show_live(kind: str, tag: str, owner: str) -> None:
    """While one of them waits or trains; the whole page runs again when all have ended."""
    with guard():
        runs = members(get_run_store().list(owner), tag)
        if not any(run.state.is_active for run in runs):
            st.rerun()
        _show(kind, tag, runs)


def _show(kind: str, tag: str, runs: Sequence[Run]) -> None:
    finished = [one for one in runs if one.state is RunState.FINISHED]
    with st.container(border=True, key="group"):
        st.markdown(f"**{escape_markdown(tag)}**: {len(finished)} of {len(runs)} runs have finished.")
        if kind == FOLDS:
            _show_folds(runs)
        else:
            _show_search(runs)


def _show_folds(runs: Sequence[Run]) -> None:
    summary = summarise_folds(runs)
    if summary is not None:
        name = text.TASK_FIGURES[summary.metric].lower()
        interval = (
            f", 95 % interval {summary.low:.3f} to {summary.high:.3f}" if summary.low is not None else ""
        )
        st.markdown(f"Mean held-out {name}: **{summary.mean:.3f}**{interval}.")
        st.caption(text.FOLDS_CAPTION)
    _show_table(runs)
    if summary is not None:
        queue = get_run_queue()
        show_table_download(  # rows are read when the button is pressed, not at every look at the runs
            "folds", HELD_OUT_COLUMNS, lambda: held_out_cells(predictions_of_folds(queue, runs))
        )


def _show_search(runs: Sequence[Run]) -> None:
    ranked = rank_search(runs)
    if ranked and len(ranked) == len(runs):
        best = ranked[0]
        st.markdown(f"Best by its validation rows: **{describe_choice(best.config)}**.")
    _show_table([*ranked, *(run for run in runs if run not in ranked)])


def _show_table(runs: Sequence[Run]) -> None:
    """A row each; a run that has not finished has no scores, rather than zeros."""
    scores = [headline_of(run) for run in runs]
    metrics = [run.metrics or {} for run in runs]
    table: dict[str, list[object]] = {
        "Run": [describe_choice(run.config) for run in runs],
        "State": [text.STATES[run.state] for run in runs],
        "Validation": [found.get("validation_score") for found in metrics],
        "Held out": [score[1] if score is not None else None for score in scores],
        "Best epoch": [found.get("best_epoch") for found in metrics],
        "Minutes": [_minutes(run) for run in runs],
    }
    shown = {name: cells for name, cells in table.items() if any(cell is not None for cell in cells)}
    st.dataframe(shown, hide_index=True, height="content")


def _minutes(run: Run) -> float | None:
    if run.started_at is None or run.ended_at is None:
        return None
    return round((run.ended_at - run.started_at).total_seconds() / 60, 1)
