"""Draws a finished run of a task whose answers are not one class a text: figures, curve, a closer look."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.run_evaluation import show_curves, show_label_scores
from bert_explorer.ui.run_rows import show_cells
from bert_explorer.ui.run_task_rows import show_task_rows
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results

SIGNED = ("spearman", "pearson")  # from -1 to 1


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
    picture_column, curve_column = st.columns(2, gap="medium")
    with picture_column, guard():
        _show_picture(run, is_own=is_own)
    with curve_column:
        st.markdown("**How it learned**")
        figure = plot_training(get_run_store().metrics(run.id), score=metrics["headline"])
        show_figure(figure, "training", alt="Loss and held-out score while the model trained")
    _show_view(run, is_own=is_own)


def _show_numbers(run: Run, metrics: dict[str, Any]) -> None:
    with st.container(key="run-numbers", horizontal=True, gap="large", vertical_alignment="center"):
        for name in text.TASK_FIGURES:
            if name in metrics:
                st.metric(text.TASK_FIGURES[name], f"{metrics[name]:.3f}", width="content")
        st.button("Open this model", type="primary", on_click=open_model_in_bar, args=(run.ref,))
    cut = f" Cut at the limit: {metrics['num_truncated']:,}." if metrics.get("num_truncated") else ""
    st.caption(
        f"Measured on {metrics['num_held_out']:,} examples that were kept out of this training; "
        f"{metrics['num_train']:,} were learned from.{cut}{_describe_interval(metrics)}"
    )


def _describe_interval(metrics: dict[str, Any]) -> str:
    name = metrics["headline"]
    bounds = metrics.get("intervals", {}).get(name)
    if bounds is None:
        return ""
    low, high = (f"{bound:.2f}" for bound in bounds)
    return (
        f" On many more such texts, expect {task_results.INTERVALS[name]} of {low} to {high} (95 % interval)."
    )


def _show_picture(run: Run, *, is_own: bool) -> None:
    figure = task_picture(run)
    if figure is None:
        return
    title, alt = task_results.PICTURES[run.config.task]
    st.markdown(f"**{title}**")
    if is_own and run.config.task == "token-classification":
        show_cells(figure, "result", run, alt=alt, what="words")
    else:
        show_figure(figure, "result", alt=alt)


def task_picture(run: Run) -> Any:
    """The figure of a run at one look; None where the run has left nothing to draw it of."""
    from bert_explorer.plots.task_results import plot_answers, plot_label_scores, plot_numbers
    from bert_explorer.plots.training import plot_confusion
    from bert_explorer.training.decisions import read_decisions
    from bert_explorer.training.predictions import read_predictions

    metrics, task = run.metrics or {}, run.config.task
    if task == "token-classification":
        matrix = metrics.get("confusion_matrix")
        return None if matrix is None else plot_confusion(matrix, run.labels, counted="words")
    if task == "multi-label":
        return plot_label_scores(metrics["per_class"])
    folder = run_folder(run.id, get_settings())
    if not folder.predictions.is_file():  # imported
        return None
    rows = read_predictions(folder)
    if task == "question-answering":
        return plot_answers([1 - item.badness for item in read_decisions(task, rows, ())])
    return plot_numbers([float(row.true_label) for row in rows], [float(row.predicted_label) for row in rows])


def _show_view(run: Run, *, is_own: bool) -> None:
    """One closer look at a time. Rows are shown to the owner of their texts only."""
    views = [text.BASELINES_VIEW]
    if (run.metrics or {}).get("per_class"):
        views.append(task_results.LABELS_VIEW)
    has_rows = run_folder(run.id, get_settings()).predictions.is_file()
    if run.config.task == "multi-label" and has_rows:
        views.append(text.CURVES_VIEW)
    if is_own and has_rows:
        views.append(text.ROWS_VIEW)
    if st.session_state.get(state.RUN_VIEW) not in views:
        st.session_state.pop(state.RUN_VIEW, None)
    view = choice("A closer look", views, state.RUN_VIEW)
    with guard(), st.container(key="closer-look"):
        if view == text.BASELINES_VIEW:
            _show_baselines(run)
        elif view == task_results.LABELS_VIEW:
            _show_labels(run)
        elif view == text.CURVES_VIEW:
            show_curves(run)
        else:
            show_task_rows(run)


def _show_baselines(run: Run) -> None:
    """One row a way, all on the same held-out rows."""
    metrics = run.metrics or {}
    baselines = metrics.get("baselines", [])
    if not baselines:
        st.caption(task_results.NO_BASELINE if run.config.task == "question-answering" else "None was kept.")
        return
    ways = [(item["name"], item["scores"]) for item in baselines] + [("model", metrics)]
    shown = [name for name in text.TASK_FIGURES if name in metrics and name in baselines[-1]["scores"]]
    table: dict[str, list[Any]] = {"Way": [task_results.BASELINE_NAMES[name] for name, _ in ways]}
    for name in shown:
        table[text.TASK_FIGURES[name]] = [_shown_score(way, name, scores) for way, scores in ways]
    st.dataframe(table, hide_index=True, height="content")
    bounds = metrics.get("intervals", {})
    if bounds:
        lines = [f"{text.TASK_FIGURES[name]} {low:.2f} to {high:.2f}" for name, (low, high) in bounds.items()]
        st.caption(f"95 % intervals of this model: {'; '.join(lines)}.")


def _shown_score(way: str, name: str, scores: dict[str, Any]) -> str:
    """A constant agrees with no order: its correlation is not 0 but undefined."""
    return "–" if name not in scores or (way == "mean" and name in SIGNED) else f"{scores[name]:.3f}"


def _show_labels(run: Run) -> None:
    metrics, task = run.metrics or {}, run.config.task
    show_label_scores(metrics["per_class"], "Held out")
    are_tags = task == "token-classification" and "entity_f1" not in metrics
    st.caption(task_results.TAGS_CAPTION if are_tags else task_results.LABELS_CAPTIONS[task])
