"""Draws answers of the page Embeddings: the map, the table of what is selected, the files."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.results import Embeddings, Projection
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download

HEADER = ("row", "text", "label", "x", "y", "z")
FIGURE = "embeddings"


@dataclass(frozen=True)
class Map:
    """Everything that the page draws: one entry a point."""

    embeddings: Embeddings
    projection: Projection
    labels: tuple[str, ...] | None

    @property
    def items(self) -> tuple[str, ...]:
        """What to print for each point."""
        if self.embeddings.pooling == "token":
            return tuple(format_token(token) for token in self.embeddings.items)
        return self.embeddings.items

    @property
    def key(self) -> str:
        """Changes with the points, so that a selection never outlives the points that it named."""
        return sha256(self.projection.coordinates.tobytes()).hexdigest()[:8]


def show_map(points: Map) -> list[int]:
    """Draw the map with its table; returns the numbers of the selected rows (all without a selection)."""
    from bert_explorer.plots.embeddings import plot_projection, selected_rows

    figure = plot_projection(points.projection, points.items, points.labels)
    flat = points.projection.coordinates.shape[1] == 2
    options = {"on_select": "rerun", "selection_mode": ("lasso", "box", "points")} if flat else {}
    alt = f"Map of {len(points.items)} points, drawn by {points.projection.method}"
    event = show_figure(figure, FIGURE, alt=alt, chart_key=f"map-{points.key}", **options)
    rows = selected_rows(event.selection.points) if flat else []
    _show_table(points, rows, flat=flat)
    return rows or list(range(len(points.items)))


def _show_table(points: Map, rows: list[int], *, flat: bool) -> None:
    count = len(points.items)
    if rows:
        st.markdown(
            f"**{len(rows)} of {count} points selected.** A double click in the map lifts the selection."
        )
    elif flat:
        st.markdown(
            f"**All {count} points.** Draw around some with the lasso to see and download those alone."
        )
    else:
        st.markdown(
            f"**All {count} points.** Drag to turn the map. In 2D you can draw around points to select them."
        )
    shown = rows or range(count)
    table: dict[str, list[object]] = {"Row": [row + 1 for row in shown]}
    if points.labels is not None:
        table["Label"] = [points.labels[row] for row in shown]
    table["Text"] = [points.items[row] for row in shown]
    columns = {
        "Row": st.column_config.NumberColumn(width=60),
        "Label": st.column_config.TextColumn(width="small"),
        "Text": st.column_config.TextColumn(width="large"),
    }
    st.dataframe(table, hide_index=True, height=260, column_config=columns)


def show_map_files(points: Map, rows: list[int]) -> None:
    """Figure, table of the selected rows, and their vectors as a numpy file."""
    from bert_explorer.plots.embeddings import plot_projection

    show_figure_downloads(plot_projection(points.projection, points.items, points.labels), FIGURE)
    with st.container(horizontal=True):
        show_table_download(FIGURE, HEADER, lambda: map_rows(points, rows))
        st.download_button(
            "Vectors (NPY)",
            lambda: vectors_file(points.embeddings, rows),
            file_name="embeddings.npy",
            mime="application/octet-stream",
            on_click="ignore",
            key="vectors",
        )
    st.caption(f"Table and vectors hold {len(rows)} rows: what is selected, or everything.")


def map_rows(points: Map, rows: Sequence[int]) -> list[tuple[object, ...]]:
    """Rows of the table file; rows count from 1, ``z`` is empty in two dimensions."""
    labels = points.labels or ("",) * len(points.items)
    coordinates = [[f"{value:.6g}" for value in points.projection.coordinates[row]] for row in rows]
    return [
        (row + 1, points.embeddings.items[row], labels[row], *place, *[""] * (3 - len(place)))
        for row, place in zip(rows, coordinates, strict=True)
    ]


def vectors_file(embeddings: Embeddings, rows: Sequence[int]) -> bytes:
    """The vectors of these rows, (len(rows), hidden_size), as ``numpy.load`` reads them."""
    file = io.BytesIO()
    np.save(file, embeddings.vectors[list(rows)], allow_pickle=False)
    return file.getvalue()
