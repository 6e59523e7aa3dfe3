"""A closer look at a finished model: beside simpler ways, class by class, over all thresholds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from bert_explorer.intervals import wilson_interval
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.runs import check_may_open
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results


def show_baselines(run: Run, *, is_own: bool) -> None:
    """One row a way, measured on the same held-out rows, with its interval."""
    from bert_explorer.training.baselines import kept_baseline

    frozen = kept_baseline(run_folder(run.id, get_settings()))
    rows = _baseline_rows(run.metrics or {}, frozen)
    count = (run.metrics or {})["num_held_out"]
    bounds = [wilson_interval(round(accuracy * count), count) for _, accuracy, _ in rows]
    table = {
        "Way": [text.BASELINE_NAMES[name] for name, _, _ in rows],
        "Accuracy": [100 * accuracy for _, accuracy, _ in rows],
        "95 % interval": [f"{lowest:.0%} to {highest:.0%}" for lowest, highest in bounds],
        "Macro F1": [f1 for _, _, f1 in rows],
    }
    columns = {
        "Accuracy": st.column_config.NumberColumn(format="%.1f %%"),
        "Macro F1": st.column_config.NumberColumn(format="%.2f"),
    }
    st.dataframe(table, hide_index=True, column_config=columns, height="content", width=620)
    if frozen is None and is_own:
        pressed = st.button("Measure the model as it began, too", key="measure-frozen")
        st.caption("It reads every text once: seconds for hundreds of texts, a few minutes at most.")
        if pressed:
            _measure_frozen(run)
            st.rerun()


def _baseline_rows(metrics: dict[str, Any], frozen: Any) -> list[tuple[str, float, float | None]]:
    """(name, accuracy, macro F1), the plainest way first."""
    rows = [("majority", metrics["majority_accuracy"], None)]
    rows += [(item["name"], item["accuracy"], item["macro_f1"]) for item in metrics.get("baselines", ())]
    if frozen is not None:
        rows.append((frozen.name, frozen.accuracy, frozen.macro_f1))
    return [*rows, ("model", metrics["accuracy"], metrics["macro_f1"])]


def _measure_frozen(run: Run) -> None:
    from bert_explorer.models.cache import open_model
    from bert_explorer.training.baselines import keep_baseline, measure_frozen_encoder, rows_of_run
    from bert_explorer.ui.owner import current_owner

    kind, _, base = run.config.model.partition(":")
    if kind == "run":
        check_may_open(base, current_owner() or "")
    settings = get_settings()
    data, split = rows_of_run(run, settings)
    bar = st.progress(0.0, "Reading the texts")

    def show_progress(done: int, total: int) -> None:
        bar.progress(done / max(1, total), "Reading the texts")

    with open_model(run.config.model) as engine:
        baseline = measure_frozen_encoder(engine, data, split, progress=show_progress)
    keep_baseline(run_folder(run.id, settings), baseline)


def show_classes(run: Run) -> None:
    """Precision, recall and F1 of every class."""
    show_label_scores((run.metrics or {}).get("per_class", []), "Rows")
    st.caption(text.CLASSES_CAPTION)


def show_label_scores(rows: Sequence[Mapping[str, Any]], counted: str) -> None:
    """One line a label; ``counted`` heads the column of how many were held out."""
    table = {
        "Label": [row["label"] for row in rows],
        "Precision": [100 * row["precision"] for row in rows],
        "Recall": [100 * row["recall"] for row in rows],
        "F1": [row["f1"] for row in rows],
        counted: [row["support"] for row in rows],
    }
    percent = st.column_config.NumberColumn(format="%.1f %%")
    columns = {
        "Precision": percent,
        "Recall": percent,
        "F1": st.column_config.NumberColumn(format="%.2f"),
    }
    st.dataframe(table, hide_index=True, column_config=columns, height="content" if len(rows) < 12 else 420)


def show_curves(run: Run) -> None:
    """ROC, precision and recall of one label against the rest, and calibration."""
    curves = _compute_curves(run, _ask_class(run))
    titles = {"roc": "ROC", "precision": "Precision and recall", "calibration": "Calibration"}
    columns = st.columns(3, gap="medium")
    for column, (name, (figure, measure, alt)) in zip(columns, curves.items(), strict=False):
        with column:
            st.markdown(f"**{titles[name]}**, {measure}")
            show_figure(figure, name, alt=alt)
    if "roc" not in curves:
        st.caption("No held-out text tells this label apart from the others.")
    is_task = run.config.task == "multi-label"
    st.caption(task_results.CURVES_CAPTION if is_task else text.CURVES_CAPTION)


def show_curves_files(run: Run) -> None:
    """Each figure as a file, and the points of all of them as one table."""
    curves = _compute_curves(run, st.session_state.get(state.CURVE_CLASS) or run.labels[-1])
    for name, (figure, _, _) in curves.items():
        st.markdown(f"**{name.capitalize()}**")
        show_figure_downloads(figure, name)
    header = ("curve", "x", "y")
    rows = [
        (name, float(x), float(y))
        for name, (figure, _, _) in curves.items()
        for x, y in zip(figure.data[-1].x, figure.data[-1].y, strict=True)
    ]
    show_table_download("curves", header, lambda: rows)


def _compute_curves(run: Run, label: str) -> dict[str, tuple[Any, str, str]]:
    """Name -> (figure, its one number in words, alternative text), for one label against the rest."""
    from bert_explorer.plots.evaluation import plot_calibration, plot_precision_recall, plot_roc
    from bert_explorer.training.curves import compute_calibration, compute_precision_recall, compute_roc

    is_positive, scores, calibrated = _scores_of(run, label)
    roc, recall = compute_roc(is_positive, scores), compute_precision_recall(is_positive, scores)
    calibration = compute_calibration(*calibrated)
    curves: dict[str, tuple[Any, str, str]] = {}
    if roc is not None and recall is not None:
        words = f"area {roc.area:.3f}"
        curves["roc"] = (plot_roc(roc), words, "Share found against share of others taken for it")
        words = f"average precision {recall.average_precision:.3f}"
        curves["precision"] = (plot_precision_recall(recall), words, "Precision against recall")
    words = f"expected error {calibration.expected_error:.1%}"
    curves["calibration"] = (plot_calibration(calibration), words, "Share right against certainty")
    return curves


def _scores_of(run: Run, label: str) -> tuple[Any, Any, tuple[Any, Any]]:
    """(rows of the label, its probability, what calibration compares) over the held-out rows.

    Classes are calibrated all together; of several labels, each has a yes and a no of its own.
    """
    from bert_explorer.training.predictions import read_predictions
    from bert_explorer.training.review import probabilities_of, true_ids_of

    rows = read_predictions(run_folder(run.id, get_settings()))
    index, probabilities = run.labels.index(label), probabilities_of(rows)
    scores = probabilities[:, index]
    if run.config.task == "multi-label":
        is_positive = np.array([label in row.true_labels for row in rows])
        return is_positive, scores, (np.stack([1 - scores, scores], axis=1), is_positive.astype(np.int64))
    true_ids = true_ids_of(rows, run.labels)
    return true_ids == index, scores, (probabilities, true_ids)


def _ask_class(run: Run) -> str:
    """The last class at first: of two classes it is usually the one that is looked for."""
    if st.session_state.get(state.CURVE_CLASS) not in run.labels:  # of another run
        st.session_state.pop(state.CURVE_CLASS, None)
    name = "Label" if run.config.task == "multi-label" else "Class"
    last = len(run.labels) - 1
    return str(st.selectbox(name, run.labels, last, key=state.CURVE_CLASS, bind="query-params", width=260))
