"""The same number of several runs, over their epochs."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_label
from bert_explorer.plots.training import MetricPoint

HEIGHT = 380
NAME_WIDTH = 24  # columns


def plot_runs(runs: Mapping[str, Sequence[MetricPoint]], metric: str, title: str) -> go.Figure:
    """One curve a run, by its name; epochs, since steps of different batches cannot be compared."""
    traces = []
    for index, (name, points) in enumerate(runs.items()):
        colour, symbol = theme.class_style(index)
        curve = sorted((point for point in points if point.name == metric), key=lambda point: point.step)
        traces.append(
            go.Scatter(
                x=[point.epoch for point in curve],
                y=[point.value for point in curve],
                name=format_label(name, NAME_WIDTH),
                mode="lines+markers" if len(curve) <= 30 else "lines",
                line={"color": colour, "width": 2},
                marker={"symbol": symbol, "size": 8},
                hovertemplate="epoch %{x:.2f}<br>%{y:.4f}",
            )
        )
    figure = theme.new_figure(*traces, height=HEIGHT)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text=title)
    return figure
