"""A map of vectors: corrected, projected, and measured for how far the picture can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from bert_explorer.analysis.anisotropy import Correction, compute_anisotropy, correct_vectors
from bert_explorer.analysis.projection import Method, project
from bert_explorer.analysis.projection_quality import ProjectionQuality, measure_quality, sample_rows
from bert_explorer.results import Embeddings, Projection

MAX_POINTS = 20_000  # more would make the browser slow
HEADER = ("row", "text", "label", "x", "y", "z")


@dataclass(frozen=True)
class Drawing:
    """How to draw vectors, as ``project`` and ``correct_vectors`` take it."""

    method: Method = "pca"
    dimensions: int = 2
    correction: Correction = "none"
    seed: int = 0


@dataclass(frozen=True)
class Map:
    """One entry a point, which are all ``num_found`` or a sample of them.

    ``quality`` compares the picture with the corrected vectors; ``anisotropy`` is before and after.
    """

    embeddings: Embeddings
    projection: Projection
    labels: tuple[str, ...] | None
    num_found: int
    quality: ProjectionQuality | None = None
    anisotropy: tuple[float, float] | None = None

    @property
    def key(self) -> str:
        """Changes with the points, so that a selection never outlives the points that it named."""
        return sha256(self.projection.coordinates.tobytes()).hexdigest()[:8]


def draw_map(embeddings: Embeddings, labels: tuple[str, ...] | None, drawing: Drawing) -> Map:
    """Correct, project and measure. ``labels`` has one entry a text; each point gets its text's."""
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


def map_rows(points: Map, rows: Sequence[int]) -> list[tuple[object, ...]]:
    """Rows of the table file under HEADER; rows count from 1, ``z`` is empty in two dimensions."""
    labels = points.labels or ("",) * len(points.embeddings.items)
    coordinates = [[f"{value:.6g}" for value in points.projection.coordinates[row]] for row in rows]
    return [
        (row + 1, points.embeddings.items[row], labels[row], *place, *[""] * (3 - len(place)))
        for row, place in zip(rows, coordinates, strict=True)
    ]
