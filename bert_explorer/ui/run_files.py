"""The files of a finished run: its model, its report, what its figures show."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.config import MASKED_WORDS
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.tables.predicted import HELD_OUT_COLUMNS, held_out_cells
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure_downloads, show_table_download
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_evaluation import show_curves_files
from bert_explorer.ui.run_task_results import headline_of, task_picture
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results

CLASSES = "text-classification"


def files_of(run: Run) -> Callable[[], None] | None:
    """What the page Fine-tune offers below a run; None for one that ended before it measured anything."""
    if run.state == RunState.FINISHED:
        return partial(show_result_files, run)
    is_there = run.state.is_active or get_run_store().metrics(run.id)
    return partial(show_curve_files, run) if is_there else None


def show_model_files(run: Run) -> None:
    """Model, ONNX and report; for every page that shows a finished run."""
    from bert_explorer.training.export import export_zip
    from bert_explorer.training.onnx_export import export_onnx_zip

    with st.container(horizontal=True):
        _offer("The model (ZIP)", lambda: export_zip(run).read_bytes(), run, "zip", key="export")
        _offer(
            "The model as ONNX (ZIP)", lambda: export_onnx_zip(run).read_bytes(), run, "onnx.zip", key="onnx"
        )
        _offer("The report (HTML)", lambda: _report(run), run, "html", key="report")
    st.caption(text.FILES_CAPTION)


def _offer(label: str, content: Any, run: Run, extension: str, *, key: str) -> None:
    st.download_button(
        label,
        content,
        file_name=f"{run.name}-{run.id[:4]}.{extension}",
        mime="text/html" if extension == "html" else "application/zip",
        on_click="ignore",
        key=key,
    )


def show_curve_files(run: Run) -> None:
    """What a run has measured when a button is pressed, finished or not."""
    st.markdown("**How it learned**")
    show_figure_downloads(lambda: _draw_training(run), "training")
    header = ("step", "epoch", "metric", "value")
    show_table_download(
        "training",
        header,
        lambda: [(m.step, m.epoch, m.name, m.value) for m in get_run_store().metrics(run.id)],
    )


def _draw_training(run: Run) -> Any:
    from bert_explorer.plots.training import plot_training

    points = get_run_store().metrics(run.id)
    return plot_training(points, score=headline_of(run.config.task, points))


def show_result_files(run: Run) -> None:
    """All files of a finished run; figures are those that the page draws."""
    from bert_explorer.plots.training import plot_confusion

    metrics = run.metrics or {}
    show_model_files(run)
    show_curve_files(run)
    if run.config.task == CLASSES:
        st.markdown("**Where it is right, where it errs**")
        show_figure_downloads(plot_confusion(metrics["confusion_matrix"], run.labels), "confusion")
    elif run.config.task != MASKED_WORDS and (picture := task_picture(run)) is not None:
        st.markdown(f"**{task_results.PICTURES[run.config.task][0]}**")
        show_figure_downloads(picture, "result")
    if "confusion_matrix" in metrics:
        _offer_confusions(metrics["confusion_matrix"], run)
    if st.session_state.get(state.RUN_VIEW) == text.CURVES_VIEW:
        show_curves_files(run)
    if run.belongs_to(current_owner() or ""):
        _offer_rows(run)


def _offer_confusions(matrix: list[list[int]], run: Run) -> None:
    rows = [
        (true, predicted, matrix[i][j])
        for i, true in enumerate(run.labels)
        for j, predicted in enumerate(run.labels)
    ]
    show_table_download("confusion", ("true", "predicted", "count"), lambda: rows)


def _offer_rows(run: Run) -> None:
    """The texts that the model was measured with, and what it said of each."""
    from bert_explorer.training.predictions import read_predictions

    folder = run_folder(run.id, get_settings())
    if folder.predictions.is_file():
        st.markdown("**The held-out rows**")
        show_table_download("rows", HELD_OUT_COLUMNS, lambda: held_out_cells(read_predictions(folder)))


def _report(run: Run) -> str:
    from bert_explorer.plots.report import report_html, task_report_html
    from bert_explorer.training.baselines import kept_baseline

    points = get_run_store().metrics(run.id)
    if run.config.task != CLASSES:
        names = (text.TASK_FIGURES, task_results.BASELINE_NAMES)
        return task_report_html(run, points, task_picture(run), *names)
    kept = [
        (item["name"], item["accuracy"], item["macro_f1"])
        for item in (run.metrics or {}).get("baselines", ())
    ]
    frozen = kept_baseline(run_folder(run.id, get_settings()))
    if frozen is not None:
        kept.append((frozen.name, frozen.accuracy, frozen.macro_f1))
    return report_html(run, points, kept)
