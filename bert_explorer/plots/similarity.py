"""Sentences against sentences as a heat map of their cosines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from bert_explorer.plots import theme
from bert_explorer.plots.cells import cell_targets
from bert_explorer.plots.labels import format_hover, format_label

LABEL_WIDTH = 26
CELL_HEIGHT = 22
MAX_HEIGHT = 900
TARGET_SIZE = 16  # pixels; cells are 22 high and at 390 pixels of width often narrower


def plot_similarities(
    similarities: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]
) -> go.Figure:
    """Heat map of (num_rows, num_columns) cosines on a diverging scale around 0."""
    return _plot_cells(similarities, rows, columns, "cosine", limit=1)


def plot_differences(
    differences: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]
) -> go.Figure:
    """The same of cosines minus cosines; the largest difference gets the full colour."""
    limit = float(np.abs(differences).max()) or 1.0
    return _plot_cells(differences, rows, columns, "difference", limit=limit)


def _plot_cells(
    values: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], name: str, *, limit: float
) -> go.Figure:
    trace = go.Heatmap(
        z=values,
        hoverinfo="skip",  # the targets above it answer
        zmin=-limit,
        zmax=limit,
        colorscale=theme.DIVERGING,
        colorbar={"thickness": 10, "title_text": ""},
    )
    figure = theme.new_figure(
        trace,
        _cell_targets(values, rows, columns, name),
        height=min(160 + CELL_HEIGHT * len(rows), MAX_HEIGHT),
    )
    figure.update_xaxes(
        tickvals=list(range(len(columns))),
        ticktext=[str(number) for number in range(1, len(columns) + 1)],
        side="top",
        showgrid=False,
    )
    names = [f"{format_label(text, LABEL_WIDTH)} {number}" for number, text in enumerate(rows, start=1)]
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, autorange="reversed", showgrid=False)
    return figure


def _cell_targets(
    values: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], name: str
) -> go.Scatter | go.Scattergl:
    firsts, seconds = ([format_hover(text) for text in texts] for texts in (rows, columns))
    told = [
        [first, second, float(values[i, j])]
        for i, first in enumerate(firsts)
        for j, second in enumerate(seconds)
    ]
    hover = f"%{{customdata[0]}}<br>and<br>%{{customdata[1]}}<br>{name} %{{customdata[2]:.3f}}<extra></extra>"
    size = min(TARGET_SIZE, MAX_HEIGHT / max(len(rows), 1) * 0.7)
    return cell_targets(len(rows), len(columns), customdata=told, hover=hover, size=size)
