"""Points of a projection as a picture in which rows are selected, whatever their number and dimensions."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.plots.embeddings import plot_projection, selected_rows
from bert_explorer.plots.point_cloud import is_cloud, make_cloud
from bert_explorer.results import Projection
from bert_explorer.ui.components.point_cloud import point_cloud
from bert_explorer.ui.downloads import (
    figure_html,
    figure_key,
    show_figure,
    show_figure_downloads,
    show_picture_downloads,
)


def show_points(
    projection: Projection,
    items: Sequence[str],
    classes: Sequence[str] | None,
    *,
    name: str,
    key: str,
) -> list[int]:
    """Draw them as the figure ``name``; returns the selected rows, none without a selection.

    ``key`` has to change with the points, so that a selection never outlives the points that it named.
    """
    alt = f"Map of {len(items)} points, drawn by {projection.method}"
    if is_cloud(projection):
        with st.container(key=figure_key(name)):
            return point_cloud(
                make_cloud(projection, items, classes), key=f"cloud-{key}", figure=name, label=alt
            )
    event = show_figure(
        plot_projection(projection, items, classes),
        name,
        alt=alt,
        chart_key=f"map-{key}",
        on_select="rerun",
        selection_mode=("lasso", "box", "points"),
    )
    return selected_rows(event.selection.points)


def show_point_downloads(
    projection: Projection, items: Sequence[str], classes: Sequence[str] | None, *, name: str
) -> None:
    """PNG and SVG as the reader has turned it, and HTML."""
    if is_cloud(projection):
        show_picture_downloads(name, lambda: figure_html(plot_projection(projection, items, classes)))
    else:
        show_figure_downloads(plot_projection(projection, items, classes), name)
