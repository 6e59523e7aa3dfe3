"""How hard each layer of a run was pulled, as a picture and in numbers."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.results import GRADIENT_PREFIX, TrainingMetric
from bert_explorer.ui.downloads import show_figure
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
        show_figure(plot_gradients(measured), "gradients", alt=alt)
        last = {metric.name.removeprefix(GRADIENT_PREFIX): metric for metric in measured}
        numbers = ", ".join(f"{name_of_part(part)} {metric.value:.3g}" for part, metric in last.items())
        st.caption(f"In step {max(metric.step for metric in measured)}: {numbers}")
