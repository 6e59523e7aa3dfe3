"""Draws the map of embeddings: the figure and how far to trust it, what is selected, the files."""

import io
from collections.abc import Sequence

import numpy as np
import streamlit as st

from bert_explorer.analysis.maps import HEADER, Map, map_rows
from bert_explorer.plots.labels import format_token
from bert_explorer.results import FloatArray
from bert_explorer.ui.downloads import show_table_download
from bert_explorer.ui.point_views import show_point_downloads, show_points
from bert_explorer.ui.selections import show_selected

FIGURE = "embeddings"


def printed_items(points: Map) -> tuple[str, ...]:
    """What to print for each point."""
    items = points.embeddings.items
    return tuple(map(format_token, items)) if points.embeddings.pooling == "token" else items


def show_map(points: Map, texts: Sequence[str], model: str) -> list[int]:
    """Draw the map with its table; returns the numbers of the selected points (all without a selection).

    ``texts`` are what ``embeddings.rows`` counts, for the link to Attention; empty where there are none.
    """
    rows = show_points(points.projection, printed_items(points), points.labels, name=FIGURE, key=points.key)
    show_quality(points)
    return show_selected(
        printed_items(points),
        points.labels,
        rows,
        model,
        key=f"table-{points.key}",
        sources=[texts[row] for row in points.embeddings.rows] if texts else (),
        hint="Drag to turn the map. " if points.projection.coordinates.shape[1] == 3 else "",
    )


def show_quality(points: Map, key: str = "quality") -> None:
    """How far the picture can be trusted, in one line of figures and one of words."""
    quality, projection = points.quality, points.projection
    with st.container(horizontal=True, gap="medium", key=key):
        if projection.explained_variance:
            st.metric("Variance kept", f"{sum(projection.explained_variance):.0%}", width="content")
        if quality is not None:
            st.metric("Trustworthiness", f"{quality.trustworthiness:.2f}", width="content")
        if quality is not None and quality.agreement is not None:
            agreement = quality.agreement
            st.metric("Same label nearby, picture", f"{agreement.picture:.0%}", width="content")
            st.metric("in all dimensions", f"{agreement.full:.0%}", width="content")
            st.metric("by chance", f"{agreement.chance:.0%}", width="content")
        if points.anisotropy is not None:
            st.metric("Mean cosine", f"{points.anisotropy[1]:.2f}", width="content")
    st.caption(_describe_quality(points))


def _describe_quality(points: Map) -> str:
    parts = []
    if points.quality is not None:
        count, measured = points.quality.num_neighbours, points.quality.num_measured
        of = "" if measured == len(points.embeddings.items) else f", measured on {measured:,} points"
        parts.append(
            f"Trustworthiness: 1 if the {count} nearest in the picture are nearest in truth, about 0.5 in a "
            f"random picture{of}."
        )
    if points.anisotropy is not None:
        before, after = points.anisotropy
        change = f" ({before:.2f} before the correction)" if before != after else ""
        parts.append(
            f"Mean cosine of two points{change}: 0 if they point everywhere, 1 if all point one way."
        )
    if points.projection.method != "pca":
        parts.append(f"Seed {points.projection.seed}: another one gives another picture.")
    if len(points.embeddings.items) < points.num_found:
        parts.append(
            f"{len(points.embeddings.items):,} of {points.num_found:,} points are drawn, chosen at random."
        )
    return " ".join(parts)


def show_map_files(points: Map, rows: list[int]) -> None:
    """Figure, table of the selected rows, and their vectors as a numpy file."""
    show_point_downloads(points.projection, printed_items(points), points.labels, name=FIGURE)
    with st.container(horizontal=True):
        show_table_download(FIGURE, HEADER, lambda: map_rows(points, rows))
        show_vectors_download(points.embeddings.vectors, rows, FIGURE)
    st.caption(f"Table and vectors hold {len(rows)} rows: what is selected, or everything.")


def show_vectors_download(vectors: FloatArray, rows: Sequence[int], name: str) -> None:
    st.download_button(
        "Vectors (NPY)",
        lambda: vectors_file(vectors, rows),
        file_name=f"{name}.npy",
        mime="application/octet-stream",
        on_click="ignore",
        key=f"vectors-{name}",
    )


def vectors_file(vectors: FloatArray, rows: Sequence[int]) -> bytes:
    """The vectors of these rows, (len(rows), hidden_size), as ``numpy.load`` reads them."""
    file = io.BytesIO()
    np.save(file, vectors[list(rows)], allow_pickle=False)
    return file.getvalue()
