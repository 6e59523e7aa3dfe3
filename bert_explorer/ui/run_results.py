"""Draws a finished run: how well its model does, the model on a sentence, its export."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from bert_explorer.intervals import wilson_interval
from bert_explorer.results import Classification
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.questions import ClassificationQuestion
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import fine_tune as text


def show_results(run: Run, *, is_own: bool) -> None:
    """Figures, then the model itself. The texts of a shared run are shown to its owner only."""
    metrics = run.metrics or {}
    _show_numbers(run, metrics)
    confusion_column, curve_column = st.columns(2, gap="medium")
    with confusion_column:
        _show_confusion(run, metrics)
    with curve_column:
        _show_curves(run)
    if is_own:
        _show_mistakes(run)
    _show_model(run)


def _show_numbers(run: Run, metrics: dict[str, Any]) -> None:
    accuracy, count = metrics["accuracy"], metrics["num_held_out"]
    lowest, highest = wilson_interval(round(accuracy * count), count)
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
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


def _show_confusion(run: Run, metrics: dict[str, Any]) -> None:
    from bert_explorer.plots.training import plot_confusion

    st.markdown("**Where it is right, where it errs**")
    figure = plot_confusion(metrics["confusion_matrix"], run.labels)
    show_figure(figure, "confusion", alt="Confusion matrix: true labels in rows, predicted ones in columns")


def _show_curves(run: Run) -> None:
    from bert_explorer.plots.training import plot_training

    st.markdown("**How it learned**")
    figure = plot_training(get_run_store().metrics(run.id))
    show_figure(figure, "training", alt="Loss and held-out accuracy while the model trained")


def _show_mistakes(run: Run) -> None:
    """Held-out texts that got a wrong label, those that the model was surest of first."""
    from bert_explorer.training.predictions import read_predictions

    rows = read_predictions(run_folder(run.id, get_settings()))
    wrong = sorted((row for row in rows if not row.is_right), key=lambda row: -max(row.probabilities))
    if not wrong:
        st.markdown("The model made no mistake on the held-out texts.")
        return
    with st.expander(
        f"The {len(wrong)} held-out texts that it got wrong"
        if len(wrong) > 1
        else "The one held-out text that it got wrong"
    ):
        table = {
            "Line": [row.line for row in wrong],
            "True": [row.true_label for row in wrong],
            "Predicted": [row.predicted_label for row in wrong],
            "Certainty": [100 * max(row.probabilities) for row in wrong],
            "Text": [row.text for row in wrong],
        }
        if run.config.pair_column is not None:
            table["Second text"] = [row.pair or "" for row in wrong]
        columns = {"Certainty": st.column_config.NumberColumn(format="%.1f %%", width="small")}
        st.dataframe(
            table, hide_index=True, height="content" if len(wrong) < 10 else 380, column_config=columns
        )


def _show_model(run: Run) -> None:
    st.subheader("Try your model", anchor=False)
    with st.form("try-form", border=False):
        sentence = st.text_area("A text to sort", text.TRY_TEXT, height=82, key=state.TRY_TEXT)
        pair = None
        if run.config.pair_column is not None:
            pair = st.text_area("Its second text", text.TRY_TEXT, height=82, key=state.TRY_PAIR)
        st.form_submit_button("Sort it", type="primary")
    with guard():
        sorted_text = answer("try", run.ref, ClassificationQuestion(sentence, pair))
        if sorted_text is not None:
            _show_classification(sorted_text)


def _show_classification(sorted_text: Classification) -> None:
    label = escape_markdown(sorted_text.label)
    st.markdown(f"The model says **{label}**, with a probability of {100 * sorted_text.probability:.1f} %.")
    order = sorted_text.probabilities.argsort()[::-1][:10]
    rows = {
        "Label": [sorted_text.labels[i] for i in order],
        "Probability": [100 * float(sorted_text.probabilities[i]) for i in order],
    }
    columns = {"Probability": st.column_config.ProgressColumn(format="%.2f %%", min_value=0, max_value=100)}
    st.dataframe(rows, hide_index=True, column_config=columns, height="content", width=420)


def results_files(run: Run) -> Callable[[], None]:
    """What draws the download buttons of a finished run."""
    return lambda: _show_files(run)


def _show_files(run: Run) -> None:
    from bert_explorer.plots.training import plot_confusion, plot_training
    from bert_explorer.training.export import export_zip

    metrics = get_run_store().metrics(run.id)
    st.download_button(
        "The model (ZIP)",
        lambda: export_zip(run).read_bytes(),
        file_name=f"{run.name}-{run.id[:4]}.zip",
        mime="application/zip",
        on_click="ignore",
        key="export",
    )
    st.caption(
        "The ZIP holds a Hugging Face folder: `pipeline('text-classification', 'FOLDER')` opens it without "
        "BERT Explorer."
    )
    show_figure_downloads(plot_training(metrics), "training")
    show_figure_downloads(plot_confusion((run.metrics or {})["confusion_matrix"], run.labels), "confusion")
    header = ("step", "epoch", "metric", "value")
    show_table_download("training", header, lambda: [(m.step, m.epoch, m.name, m.value) for m in metrics])
