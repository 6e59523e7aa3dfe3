"""A model with all its heads beside the same model without some."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_label
from bert_explorer.results import PruningCurve

LABEL_WIDTH = 18  # columns
ROW_HEIGHT = 44  # pixels
CURVE_HEIGHT = 420
WITH, WITHOUT = "all heads", "without"


def plot_beside(names: Sequence[str], before: Sequence[float], after: Sequence[float]) -> go.Figure:
    """Two bars a row: its probability with all heads, and without some. Rows stand in their order."""
    rows = list(range(len(names)))
    traces = [
        go.Bar(
            orientation="h",
            name=title,
            x=list(values),
            y=rows,
            marker_color=colour,
            customdata=[format_label(name) for name in names],
            hovertemplate="%{customdata}<br>%{x:.2%} " + title + "<extra></extra>",
        )
        for title, values, colour in (
            (WITH, before, theme.MAIN_COLOUR),
            (WITHOUT, after, theme.ACCENT_COLOUR),
        )
    ]
    figure = theme.new_figure(*traces, height=90 + ROW_HEIGHT * len(names))
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(title_text="probability", tickformat=".3~p", rangemode="tozero", nticks=5)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[format_label(name, LABEL_WIDTH) for name in names],
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return figure


def plot_pruning(curve: PruningCurve) -> go.Figure:
    """The greedy curve, and the mean of the random ones in the band from their lowest to their highest."""
    steps = curve.num_off.tolist()
    lowest, highest = curve.random.min(axis=0), curve.random.max(axis=0)
    band = go.Scatter(
        x=[*steps, *reversed(steps)],
        y=np.concatenate([highest, lowest[::-1]]),
        fill="toself",
        fillcolor="rgba(230, 159, 0, 0.25)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    form = ".1%" if curve.measure == "accuracy" else ".3f"
    traces = [
        go.Scatter(
            x=steps,
            y=values,
            name=title,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{x} heads off<br>" + curve.measure + " %{y:" + form + "}<extra></extra>",
        )
        for title, values, colour, dash in (
            ("least important first", curve.greedy, theme.MAIN_COLOUR, "solid"),
            (
                f"random order ({len(curve.random)} times)",
                curve.random.mean(axis=0),
                theme.ACCENT_COLOUR,
                "dash",
            ),
        )
    ]
    figure = theme.new_figure(band, *traces, height=CURVE_HEIGHT)
    figure.update_xaxes(title_text="heads switched off", rangemode="tozero")
    figure.update_yaxes(
        title_text="accuracy" if curve.measure == "accuracy" else "loss (nats)", tickformat=form
    )
    return figure
