"""Vectors drawn in two or three dimensions, one point a text or token.

Each point carries its row number (from 0) as ``customdata[0]``, so that a lasso can be looked up.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_hover, format_label, measure_width
from bert_explorer.results import Projection

HEIGHT = 560  # pixels
MAX_PRINTED = 80  # points whose label stands beside them
MAX_PRINTED_WIDTH = 14  # columns of such a label
METHOD_NAMES = {"tsne": "t-SNE", "umap": "UMAP"}
NO_CLASS = "(no label)"
CAMERA = {"x": 1.5, "y": 1.5, "z": 1.1}  # a little further away than usual, so that titles fit a phone


def plot_projection(
    projection: Projection, labels_to_print: Sequence[str], classes: Sequence[str] | None = None
) -> go.Figure:
    """Scatter plot of a projection; ``labels_to_print`` and ``classes`` have one entry a row.

    Two dimensions can be lassoed; three can be turned. Short labels of few points are printed
    beside them, others appear under the pointer.
    """
    num_items = len(projection.coordinates)
    if len(labels_to_print) != num_items or (classes is not None and len(classes) != num_items):
        raise ValueError(f"one label and one class are needed for each of {num_items} points")
    traces = [
        _points(projection, labels_to_print, rows, name, index)
        for index, (name, rows) in enumerate(group_rows(classes, num_items).items())
    ]
    figure = theme.new_figure(*traces, height=HEIGHT)
    figure.update_layout(showlegend=classes is not None)
    titles = axis_titles(projection)
    if len(titles) == 3:
        return _style_space(figure, titles)
    return _style_plane(figure, titles)


def axis_titles(projection: Projection) -> list[str]:
    """Titles of the axes; PCA's say which share of the variance each one keeps."""
    count = projection.coordinates.shape[1]
    if projection.method == "pca":
        shares = zip(range(1, count + 1), projection.explained_variance, strict=True)
        return [f"component {i} ({share:.1%})" for i, share in shares]
    name = METHOD_NAMES.get(projection.method, "direction")
    return [f"{name} {i}" for i in range(1, count + 1)]


def group_rows(classes: Sequence[str] | None, num_items: int) -> dict[str, list[int]]:
    """Rows of each class, the classes in order; without classes, one group named ""."""
    if classes is None:
        return {"": list(range(num_items))}
    groups: dict[str, list[int]] = {name: [] for name in sorted(set(classes))}
    for row, name in enumerate(classes):
        groups[name].append(row)
    return groups


def _points(
    projection: Projection, labels: Sequence[str], rows: list[int], name: str, index: int
) -> go.Scattergl | go.Scatter | go.Scatter3d:
    points = projection.coordinates[rows]  # (rows, 2 or 3)
    colour, symbol = theme.class_style(index)
    printed = is_printed(labels)
    options: dict[str, Any] = {
        "name": format_label(name or NO_CLASS, 30),
        "mode": "markers+text" if printed else "markers",
        "text": [format_label(labels[row], MAX_PRINTED_WIDTH) for row in rows] if printed else None,
        "textposition": "top center",
        "customdata": [[row, format_hover(labels[row])] for row in rows],
        "hovertemplate": "%{customdata[1]}<extra>" + ("%{fullData.name}" if name else "") + "</extra>",
        "marker": {"color": colour, "opacity": 0.85, "line": {"width": 0.5, "color": "#808080"}},
    }
    if points.shape[1] == 3:
        options["marker"] |= {"size": 5, "symbol": _symbol_in_space(symbol)}
        return go.Scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], **options)
    options["marker"] |= {"size": 9, "symbol": symbol}
    plane = go.Scatter if printed else go.Scattergl  # WebGL draws thousands, but prints no entities
    return plane(x=points[:, 0], y=points[:, 1], **options)


def is_printed(labels: Sequence[str]) -> bool:
    """Whether labels are few enough and mostly short enough to stand beside their points."""
    if len(labels) > MAX_PRINTED:
        return False
    return sum(map(measure_width, labels)) / len(labels) <= MAX_PRINTED_WIDTH


def _symbol_in_space(symbol: str) -> str:
    return symbol if symbol in ("circle", "square", "diamond", "cross", "x") else "circle-open"


def _style_plane(figure: go.Figure, titles: list[str]) -> go.Figure:
    figure.update_layout(dragmode="lasso")
    axis = dict.fromkeys(("showticklabels", "showgrid", "zeroline"), False)  # places have no unit to count in
    figure.update_xaxes(axis, title_text=escape_markup(titles[0]))
    figure.update_yaxes(axis, title_text=escape_markup(titles[1]), scaleanchor="x")
    return figure


def _style_space(figure: go.Figure, titles: list[str]) -> go.Figure:
    axis = {"showticklabels": False, "showbackground": False, "gridcolor": "#909090"}
    axis |= {"title_font_size": 12}
    names = ("xaxis", "yaxis", "zaxis")
    scene = {name: axis | {"title_text": title} for name, title in zip(names, titles, strict=True)}
    figure.update_layout(scene=scene | {"aspectmode": "auto", "camera_eye": CAMERA})
    return figure


def selected_rows(points: Sequence[dict[str, object]]) -> list[int]:
    """Row numbers of points that a page reports as selected, in order and once each."""
    rows = {int(np.asarray(point["customdata"]).ravel()[0]) for point in points}
    return sorted(rows)
