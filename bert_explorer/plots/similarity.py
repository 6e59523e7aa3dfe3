"""Sentences against sentences as a heat map of their cosines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_hover, format_label

LABEL_WIDTH = 26
CELL_HEIGHT = 22
MAX_HEIGHT = 900


def plot_similarities(
    similarities: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]
) -> go.Figure:
    """Heat map of (num_rows, num_columns) cosines on a diverging scale around 0."""
    hover = [[f"{format_hover(row)}<br>and<br>{format_hover(column)}" for column in columns] for row in rows]
    trace = go.Heatmap(
        z=similarities,
        customdata=hover,
        zmin=-1,
        zmax=1,
        colorscale=theme.DIVERGING,
        colorbar={"thickness": 10, "title_text": ""},
        hovertemplate="%{customdata}<br>cosine %{z:.3f}<extra></extra>",
    )
    figure = theme.new_figure(trace, height=min(160 + CELL_HEIGHT * len(rows), MAX_HEIGHT))
    figure.update_xaxes(
        tickvals=list(range(len(columns))),
        ticktext=[str(number) for number in range(1, len(columns) + 1)],
        side="top",
        showgrid=False,
    )
    names = [f"{format_label(text, LABEL_WIDTH)} {number}" for number, text in enumerate(rows, start=1)]
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, autorange="reversed", showgrid=False)
    return figure
