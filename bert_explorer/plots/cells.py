"""Cells of a heat map that can be clicked: invisible points over them, since plotly's heat maps cannot be."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from bert_explorer.plots import theme

MAX_SHAPES = 2_500  # more cells get points of WebGL, which are no elements of the page


def cell_targets(
    num_rows: int, num_columns: int, *, customdata: Sequence[Any], hover: str, size: float
) -> go.Scatter | go.Scattergl:
    """Points over all cells, row by row as ``customdata`` has them; a chosen one gets a frame.

    ``hover`` is plotly's template for what the pointer shows, ``size`` the frame's side in pixels.
    """
    cells = [(row, column) for row in range(num_rows) for column in range(num_columns)]
    kind = go.Scatter if len(cells) <= MAX_SHAPES else go.Scattergl
    return kind(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        mode="markers",
        showlegend=False,
        marker={"size": size, "symbol": "square-open", "line_width": 3, "color": theme.ACCENT_COLOUR},
        opacity=0,
        selected_marker_opacity=1,
        unselected_marker_opacity=0,
        customdata=list(customdata),
        hovertemplate=hover,
    )


def cell_of_click(points: Sequence[Mapping[str, object]]) -> tuple[int, int] | None:
    """(row, column) of the first selected point, None without a selection."""
    for point in points:
        x, y = point.get("x"), point.get("y")
        if isinstance(x, (int, float)) and isinstance(y, (int, float)):
            return int(y), int(x)
    return None
