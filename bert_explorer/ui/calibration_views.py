"""Draws the answer of the page Calibration."""

import streamlit as st

from bert_explorer.results import Calibration
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download

NAME = "calibration"
HEADER = ("from", "to", "guesses", "right", "mean probability", "share right")


def show_calibration(answer: Calibration) -> None:
    """The curve with its sums and a row for each bin."""
    from bert_explorer.plots.calibration import plot_calibration

    with st.container(horizontal=True, gap="large"):
        st.metric("First guesses", f"{answer.num_guesses:,}", width="content")
        st.metric("Right", f"{100 * answer.num_right / answer.num_guesses:.1f} %", width="content")
        st.metric("Mean probability", f"{100 * answer.mean_probability:.1f} %", width="content")
        st.metric("Expected calibration error", f"{100 * answer.expected_error:.1f} %", width="content")
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"Share of right guesses by probability, in {len(answer.bins)} bins"
        show_figure(plot_calibration(answer), NAME, alt=alt)
    with table_column:
        rows = {
            "Says": [f"{100 * item.low:.0f} to {100 * item.high:.0f} %" for item in answer.bins],
            "Mean": [100 * item.mean_probability for item in answer.bins],
            "Is right": [100 * item.share_right for item in answer.bins],
            "Guesses": [item.count for item in answer.bins],
        }
        percent = st.column_config.NumberColumn(format="%.1f %%")
        columns = {"Mean": percent, "Is right": percent}
        st.dataframe(rows, hide_index=True, height="content", column_config=columns)


def show_calibration_files(answer: Calibration) -> None:
    from bert_explorer.plots.calibration import plot_calibration

    show_figure_downloads(plot_calibration(answer), NAME)
    rows = [(b.low, b.high, b.count, b.num_right, b.mean_probability, b.share_right) for b in answer.bins]
    show_table_download(NAME, HEADER, lambda: rows)
