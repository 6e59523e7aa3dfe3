"""How hard each layer of a run was pulled, as a picture and in numbers."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.results import GRADIENT_PREFIX, TrainingMetric
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.texts import fine_tune as text


def show_gradients(metrics: Sequence[TrainingMetric]) -> None:
    """Folded; nothing where no gradient was measured yet."""
    from bert_explorer.plots.training import name_of_part, plot_gradients

    measured = [metric for metric in metrics if metric.name.startswith(GRADIENT_PREFIX)]
    if not measured:
        return
    with st.expander("How hard each layer is pulled"):
        st.caption(text.GRADIENTS)
        alt = "Norm of the gradient of each layer, step by step"
        figure = plot_gradients(measured)
        show_figure(figure, "gradients", alt=alt)
        last = {_part(metric): metric for metric in measured}
        numbers = ", ".join(f"{name_of_part(part)} {metric.value:.3g}" for part, metric in last.items())
        st.caption(f"In step {max(metric.step for metric in measured)}: {numbers}")
        with st.container(horizontal=True):  # here, since they save what is drawn, and a folded figure is not
            show_figure_downloads(figure, "gradients")
            rows = [(metric.step, name_of_part(_part(metric)), metric.value) for metric in measured]
            show_table_download("gradients", ("step", "part", "norm"), lambda: rows)


def _part(metric: TrainingMetric) -> str:
    return metric.name.removeprefix(GRADIENT_PREFIX)
