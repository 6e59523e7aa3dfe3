"""Draws a finished run of a task whose answers are not one class a row: figures, curve, rows."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import fine_tune as text

MAX_ROWS = 1_000


def headline_of(task: str, metrics: Sequence[TrainingMetric]) -> str:
    """The metric to look at while a run trains."""
    if task == "token-classification" and any(metric.name == "eval_entity_f1" for metric in metrics):
        return "entity_f1"
    return text.HEADLINES[task]


def show_task_results(run: Run, *, is_own: bool) -> None:
    """The texts of a shared run are shown to its owner only."""
    from bert_explorer.plots.training import plot_training

    metrics = run.metrics or {}
    _show_numbers(run, metrics)
    st.markdown("**How it learned**")
    figure = plot_training(get_run_store().metrics(run.id), score=metrics["headline"])
    show_figure(figure, "training", alt="Loss and held-out score while the model trained")
    if metrics.get("per_class"):
        st.markdown("**Label by label**")
        st.dataframe(_per_class(metrics["per_class"]), hide_index=True, height="content")
    if is_own:
        _show_rows(run)
    st.caption(
        f"To use the model: `python -m bert_explorer predict FILE --model {run.ref} --output OUT.csv`, or "
        "download it below."
    )


def _show_numbers(run: Run, metrics: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        for name in text.TASK_FIGURES:
            if name in metrics:
                st.metric(text.TASK_FIGURES[name], f"{metrics[name]:.3f}", width="content")
        st.button("Open this model", type="primary", on_click=open_model_in_bar, args=(run.ref,))
    cut = f" {metrics['num_truncated']} were cut at the limit." if metrics.get("num_truncated") else ""
    st.caption(
        f"Measured on {metrics['num_held_out']:,} examples that were kept out of this training; "
        f"{metrics['num_train']:,} were learned from.{cut}"
    )


def _per_class(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        "Label": [row["label"] for row in rows],
        **{
            name.capitalize(): [round(row[name], 3) for row in rows] for name in ("precision", "recall", "f1")
        },
        "Held out": [row["support"] for row in rows],
    }


def _show_rows(run: Run) -> None:
    """Held-out rows, the wrong ones first."""
    from bert_explorer.training.predictions import read_predictions

    rows = sorted(read_predictions(run_folder(run.id, get_settings())), key=lambda row: row.is_right)[
        :MAX_ROWS
    ]
    with st.expander("The held-out examples, those not fully right first"):
        table = {
            "Line": [row.line for row in rows],
            "True": [row.true_label for row in rows],
            "Predicted": [row.predicted_label for row in rows],
            "Text": [row.text for row in rows],
        }
        if any(row.pair for row in rows):
            table["Second text"] = [row.pair or "" for row in rows]
        st.dataframe(table, hide_index=True, height=380)
