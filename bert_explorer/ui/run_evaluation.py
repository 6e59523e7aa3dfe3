"""A closer look at a finished model: beside simpler ways, class by class, over all thresholds."""

from typing import Any

import streamlit as st

from bert_explorer.intervals import wilson_interval
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.runs import check_may_open
from bert_explorer.ui.texts import fine_tune as text


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
    rows = (run.metrics or {}).get("per_class", [])
    table = {
        "Label": [row["label"] for row in rows],
        "Precision": [100 * row["precision"] for row in rows],
        "Recall": [100 * row["recall"] for row in rows],
        "F1": [row["f1"] for row in rows],
        "Rows": [row["support"] for row in rows],
    }
    percent = st.column_config.NumberColumn(format="%.1f %%")
    columns = {
        "Precision": percent,
        "Recall": percent,
        "F1": st.column_config.NumberColumn(format="%.2f"),
    }
    st.dataframe(table, hide_index=True, column_config=columns, height="content" if len(rows) < 12 else 420)
    st.caption(text.CLASSES_CAPTION)


def show_curves(run: Run) -> None:
    """ROC, precision and recall of one class against all others, and calibration of all."""
    from bert_explorer.plots.evaluation import plot_calibration, plot_precision_recall, plot_roc
    from bert_explorer.training.curves import compute_calibration, compute_precision_recall, compute_roc
    from bert_explorer.training.predictions import read_predictions
    from bert_explorer.training.review import probabilities_of, true_ids_of

    rows = read_predictions(run_folder(run.id, get_settings()))
    probabilities, true_ids = probabilities_of(rows), true_ids_of(rows, run.labels)
    label = _ask_class(run)
    index = run.labels.index(label)
    roc = compute_roc(true_ids == index, probabilities[:, index])
    recall = compute_precision_recall(true_ids == index, probabilities[:, index])
    calibration = compute_calibration(probabilities, true_ids)
    columns = st.columns(3, gap="medium")
    if roc is not None and recall is not None:
        with columns[0]:
            st.markdown(f"**ROC**, area {roc.area:.3f}")
            show_figure(plot_roc(roc), "roc", alt="Share found against share of others taken for it")
        with columns[1]:
            st.markdown(f"**Precision and recall**, average precision {recall.average_precision:.3f}")
            show_figure(plot_precision_recall(recall), "precision", alt="Precision against recall")
    else:
        st.caption(f"No held-out text tells {escape_markdown(label)} apart from the others.")
    with columns[2]:
        st.markdown(f"**Calibration**, expected error {calibration.expected_error:.1%}")
        show_figure(plot_calibration(calibration), "calibration", alt="Share right against certainty")
    st.caption(text.CURVES_CAPTION)


def _ask_class(run: Run) -> str:
    """The last class at first: of two classes it is usually the one that is looked for."""
    chosen = st.selectbox(
        "Class", run.labels, len(run.labels) - 1, key=f"{state.CURVE_CLASS}-{run.id}", width=260
    )
    return str(chosen)
