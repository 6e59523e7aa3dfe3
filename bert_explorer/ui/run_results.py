"""Draws a finished run: how well its model does, from the figures to the single rows; its files."""

from typing import Any

import streamlit as st

from bert_explorer.intervals import wilson_interval
from bert_explorer.training.config import MASKED_WORDS
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.before_after import show_ways_inside
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.file_predictions import show_file_prediction
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.pretrained_results import show_pretrained
from bert_explorer.ui.run_evaluation import show_baselines, show_classes, show_curves
from bert_explorer.ui.run_gradients import show_gradients
from bert_explorer.ui.run_model import show_model
from bert_explorer.ui.run_rows import show_cells, show_rows
from bert_explorer.ui.run_task_results import show_task_results
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import fine_tune as text


def show_results(run: Run, *, is_own: bool) -> None:
    """Figures, then the model itself. The texts of a shared run are shown to its owner only."""
    if run.config.task == MASKED_WORDS:
        show_pretrained(run, is_own=is_own)
        return
    if run.config.task == "text-classification":
        _show_class_results(run, is_own=is_own)
    else:
        show_task_results(run, is_own=is_own)
    show_gradients(get_run_store().metrics(run.id))
    show_ways_inside(run)
    show_model(run)
    owner = current_owner()
    if owner is not None:
        with guard():
            show_file_prediction(run, owner)


def _show_class_results(run: Run, *, is_own: bool) -> None:
    metrics = run.metrics or {}
    _show_numbers(run, metrics)
    confusion_column, curve_column = st.columns(2, gap="medium")
    with confusion_column:
        _show_confusion(run, metrics, is_own=is_own)
    with curve_column:
        _show_learning(run)
    _show_view(run, is_own=is_own)


def _show_view(run: Run, *, is_own: bool) -> None:
    """One closer look at a time. Rows are shown to the owner of their texts only."""
    views = text.OWN_VIEWS if is_own else text.VIEWS
    if st.session_state.get(state.RUN_VIEW) not in views:
        st.session_state.pop(state.RUN_VIEW, None)
    view = choice("A closer look", views, state.RUN_VIEW)
    with guard(), st.container(key="closer-look"):
        if view == text.BASELINES_VIEW:
            show_baselines(run, is_own=is_own)
        elif view == text.CLASSES_VIEW:
            show_classes(run)
        elif view == text.CURVES_VIEW:
            show_curves(run)
        else:
            show_rows(run)


def _show_numbers(run: Run, metrics: dict[str, Any]) -> None:
    accuracy, count = metrics["accuracy"], metrics["num_held_out"]
    lowest, highest = wilson_interval(round(accuracy * count), count)
    with st.container(key="run-numbers", horizontal=True, gap="large", vertical_alignment="center"):
        st.metric("Held-out accuracy", f"{accuracy:.1%}", width="content")
        st.metric("Always the commonest label", f"{metrics['majority_accuracy']:.1%}", width="content")
        st.metric("Macro F1", f"{metrics['macro_f1']:.2f}", width="content")
        st.button("Open this model", type="primary", on_click=open_model_in_bar, args=(run.ref,))
    st.caption(
        f"Measured on {count} texts that were kept out of this training. On many more such texts, expect an "
        f"accuracy between {lowest:.0%} and {highest:.0%} (95 % interval).{_caveats(run, metrics)}"
    )


def _caveats(run: Run, metrics: dict[str, Any]) -> str:
    """What the figures above leave out, where there is something."""
    notes = ""
    if run.config.model.startswith("run:"):
        notes += " The model that it began from may have learned from some of these texts before."
    if metrics.get("num_truncated"):
        length = run.config.max_length
        notes += (
            f" {metrics['num_truncated']} texts are longer than {length} tokens; their ends were not read."
        )
    return notes


def _show_confusion(run: Run, metrics: dict[str, Any], *, is_own: bool) -> None:
    from bert_explorer.plots.training import plot_confusion

    st.markdown("**Where it is right, where it errs**")
    figure = plot_confusion(metrics["confusion_matrix"], run.labels)
    alt = "Confusion matrix: true labels in rows, predicted ones in columns"
    if is_own:
        show_cells(figure, "confusion", run, alt=alt, what="rows")
    else:
        show_figure(figure, "confusion", alt=alt)


def _show_learning(run: Run) -> None:
    from bert_explorer.plots.training import plot_training

    st.markdown("**How it learned**")
    figure = plot_training(get_run_store().metrics(run.id))
    show_figure(figure, "training", alt="Loss and held-out accuracy while the model trained")
