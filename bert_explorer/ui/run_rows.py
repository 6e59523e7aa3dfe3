"""The held-out rows of a finished run that are worth reading, for the owner of the texts."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.downloads import Figure, show_figure
from bert_explorer.ui.texts import fine_tune as text

ANY = "(any)"
MAX_ROWS = 1_000


def show_cells(figure: Figure, name: str, run: Run, *, alt: str, what: str) -> None:
    """A confusion matrix whose cells can be clicked: ``what`` they hold is shown below."""
    key = f"{name}-{run.id}"
    options = {"on_select": partial(_choose_cell, key, run.labels), "selection_mode": "points"}
    show_figure(figure, name, alt=alt, chart_key=key, **options)
    st.caption(f"Click a cell to read its {what} below.")


def _choose_cell(chart_key: str, labels: Sequence[str]) -> None:
    """A click in the confusion matrix: show the rows of its cell. For a callback."""
    from bert_explorer.plots.cells import cell_of_click

    selection = st.session_state[chart_key]["selection"]
    cell = cell_of_click(selection["points"])
    if cell is None:
        return
    true, predicted = cell
    st.session_state[state.RUN_VIEW] = text.ROWS_VIEW
    st.session_state[state.ROWS_KIND] = text.CELL_ROWS
    st.session_state[state.ROWS_TRUE] = labels[true]
    st.session_state[state.ROWS_PREDICTED] = labels[predicted]


def show_rows(run: Run) -> None:
    """One kind of rows as a table."""
    from bert_explorer.training.predictions import read_predictions

    rows = read_predictions(run_folder(run.id, get_settings()))
    kinds = list(text.ROW_KINDS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = ask_kind(kinds)
        chosen, wishes = _choose_rows(run, rows, kind)
    st.caption(text.ROW_KINDS[kind])
    if not chosen:
        st.markdown("The model made no mistake." if kind == text.ERROR_ROWS else "There is no such row.")
        return
    count = len(chosen)
    st.markdown(f"**{count:,} {'row' if count == 1 else 'rows'}**")
    _show_table(run, chosen[:MAX_ROWS], wishes)


def _choose_rows(
    run: Run, rows: Sequence[HeldOutRow], kind: str
) -> tuple[Sequence[HeldOutRow], list[str] | None]:
    """The rows, and for suspected ones the labels that the model would rather give."""
    from bert_explorer.training import review

    if kind == text.ERROR_ROWS:
        return review.confident_errors(rows), None
    if kind == text.HARD_ROWS:
        return review.hardest(rows, run.labels), None
    if kind == text.SUSPECT_ROWS:
        suspects = review.suspected_labels(rows, run.labels)
        return [row for row, _ in suspects], [label for _, label in suspects]
    true = ask_label("True label", run, state.ROWS_TRUE)
    predicted = ask_label("Predicted label", run, state.ROWS_PREDICTED)
    return review.in_cell(rows, true, predicted), None


def ask_kind(kinds: Sequence[str]) -> str:
    """Which rows; in the link."""
    if st.session_state.get(state.ROWS_KIND) not in kinds:  # of another task
        st.session_state.pop(state.ROWS_KIND, None)
    return str(st.selectbox("Which rows", kinds, key=state.ROWS_KIND, bind="query-params", width=200))


def ask_label(title: str, run: Run, key: str) -> str | None:
    """One of the run's labels, in the link; None for any."""
    options = [ANY, *run.labels]
    if st.session_state.get(key) not in options:  # of another run
        st.session_state.pop(key, None)
    chosen = st.selectbox(title, options, key=key, bind="query-params", width=220)
    return None if chosen == ANY else str(chosen)


def _show_table(run: Run, rows: Sequence[HeldOutRow], wishes: list[str] | None) -> None:
    index_of = {label: index for index, label in enumerate(run.labels)}
    table: dict[str, list[object]] = {
        "Line": [row.line for row in rows],
        "True": [row.true_label for row in rows],
        "Predicted": [row.predicted_label for row in rows],
        "Certainty": [100 * max(row.probabilities) for row in rows],
        "Of the true label": [100 * row.probabilities[index_of[row.true_label]] for row in rows],
        "Text": [row.text for row in rows],
    }
    if wishes is not None:
        table["Rather"] = list(wishes[: len(rows)])
    if run.config.pair_column is not None:
        table["Second text"] = [row.pair or "" for row in rows]
    percent = st.column_config.NumberColumn(format="%.1f %%", width="small")
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(rows) < 10 else 380,
        column_config={"Certainty": percent, "Of the true label": percent},
    )
