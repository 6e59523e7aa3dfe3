"""Draws the map of embeddings: the figure and how far to trust it, what is selected, the files."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import streamlit as st

from bert_explorer.analysis.projection_quality import ProjectionQuality, sample_rows
from bert_explorer.plots.labels import format_token
from bert_explorer.results import Embeddings, FloatArray, Projection
from bert_explorer.ui.downloads import show_table_download
from bert_explorer.ui.embedding_inputs import Drawing
from bert_explorer.ui.point_views import show_point_downloads, show_points
from bert_explorer.ui.selections import show_selected

HEADER = ("row", "text", "label", "x", "y", "z")
FIGURE = "embeddings"
MAX_POINTS = 20_000  # more would make the browser slow


@dataclass(frozen=True)
class Map:
    """Everything that the page draws: one entry a point, which are ``num_found`` or a sample of so many.

    ``anisotropy`` is before and after correcting.
    """

    embeddings: Embeddings
    projection: Projection
    labels: tuple[str, ...] | None
    num_found: int
    quality: ProjectionQuality | None = None
    anisotropy: tuple[float, float] | None = None

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


def draw_map(embeddings: Embeddings, labels: tuple[str, ...] | None, drawing: Drawing) -> Map:
    """Correct, project and measure. ``labels`` has one entry a text; each point gets its text's."""
    from bert_explorer.analysis.anisotropy import compute_anisotropy, correct_vectors
    from bert_explorer.analysis.projection import project
    from bert_explorer.analysis.projection_quality import measure_quality

    kept, names = sample_points(embeddings, labels)
    vectors = correct_vectors(kept.vectors, drawing.correction)
    method, dimensions = drawing.method, drawing.dimensions
    projection = project(vectors, method=method, dimensions=dimensions, seed=drawing.seed)
    quality = measure_quality(vectors, projection.coordinates, names)
    anisotropy = compute_anisotropy(kept.vectors), compute_anisotropy(vectors)
    return Map(kept, projection, names, len(embeddings.items), quality, anisotropy)


def sample_points(
    embeddings: Embeddings, labels: tuple[str, ...] | None, limit: int = MAX_POINTS
) -> tuple[Embeddings, tuple[str, ...] | None]:
    """At most ``limit`` points, drawn at random (always the same), with a label each."""
    rows = sample_rows(len(embeddings.items), limit, seed=0)
    names = None if labels is None else tuple(labels[embeddings.rows[row]] for row in rows)
    if len(rows) == len(embeddings.items):
        return embeddings, names
    items = tuple(embeddings.items[row] for row in rows)
    owners = tuple(embeddings.rows[row] for row in rows)
    return replace(embeddings, vectors=embeddings.vectors[rows], items=items, rows=owners), names


def show_map(points: Map, texts: Sequence[str], model: str) -> list[int]:
    """Draw the map with its table; returns the numbers of the selected points (all without a selection).

    ``texts`` are what ``embeddings.rows`` counts, for the link to Attention; empty where there are none.
    """
    rows = show_points(points.projection, points.items, points.labels, name=FIGURE, key=points.key)
    show_quality(points)
    return show_selected(
        points.items,
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
        of = "" if measured == len(points.items) else f", measured on {measured:,} points"
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
    if len(points.items) < points.num_found:
        parts.append(f"{len(points.items):,} of {points.num_found:,} points are drawn, chosen at random.")
    return " ".join(parts)


def show_map_files(points: Map, rows: list[int]) -> None:
    """Figure, table of the selected rows, and their vectors as a numpy file."""
    show_point_downloads(points.projection, points.items, points.labels, name=FIGURE)
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


def map_rows(points: Map, rows: Sequence[int]) -> list[tuple[object, ...]]:
    """Rows of the table file; rows count from 1, ``z`` is empty in two dimensions."""
    labels = points.labels or ("",) * len(points.items)
    coordinates = [[f"{value:.6g}" for value in points.projection.coordinates[row]] for row in rows]
    return [
        (row + 1, points.embeddings.items[row], labels[row], *place, *[""] * (3 - len(place)))
        for row, place in zip(rows, coordinates, strict=True)
    ]


def vectors_file(vectors: FloatArray, rows: Sequence[int]) -> bytes:
    """The vectors of these rows, (len(rows), hidden_size), as ``numpy.load`` reads them."""
    file = io.BytesIO()
    np.save(file, vectors[list(rows)], allow_pickle=False)
    return file.getvalue()
