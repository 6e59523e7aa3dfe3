"""The same points through all layers: a picture of each layer by PCA, turned onto the one before.

Each layer's vectors live in coordinates of their own, so two pictures side by side cannot be compared: one
may be the other turned round. After Procrustes (see procrustes), a point that jumps has new neighbours.
Layers are drawn at the same size: how much longer the vectors become is not shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.embeddings import Progress, check_texts, embed_in_windows
from bert_explorer.analysis.procrustes import align, align_all
from bert_explorer.analysis.projection import compute_pca
from bert_explorer.errors import InputError
from bert_explorer.models.requests import Pooling
from bert_explorer.results import FloatArray, LayerFilm

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MIN_POINTS = 3
MAX_POINTS = 2_000  # points a frame; more make a film that stutters


def film_texts(
    engine: "Engine",
    texts: Sequence[str],
    *,
    pooling: Pooling = "mean",
    dimensions: int = 2,
    progress: Progress | None = None,
) -> LayerFilm:
    """A film of the texts' vectors through all layers. Raises InputError for fewer than 3 or too many."""
    check_texts(texts)
    if not MIN_POINTS <= len(texts) <= MAX_POINTS:
        raise InputError(f"There are {len(texts):,} texts. A film takes {MIN_POINTS} to {MAX_POINTS:,}.")
    layers = tuple(range(engine.info.num_layers + 1))
    vectors = embed_in_windows(engine, texts, layers=layers, pooling=pooling, progress=progress)
    return make_film(vectors, layers, dimensions)


def make_film(vectors: FloatArray, layers: tuple[int, ...], dimensions: int = 2) -> LayerFilm:
    """From vectors (num_layers, num_points, hidden_size)."""
    clouds, shares = [], []
    for layer in vectors.astype(np.float64):
        coordinates, explained = compute_pca(layer - layer.mean(axis=0), dimensions)
        clouds.append(coordinates)
        shares.append(float(explained.sum()))
    aligned, disparities = align_all(clouds)
    frames: FloatArray = np.stack(aligned).astype(np.float32)
    return LayerFilm(layers, frames, tuple(shares), (0.0, *disparities))


def turn_onto(film: LayerFilm, other: LayerFilm) -> tuple[LayerFilm, tuple[float, ...]]:
    """``other`` with each layer turned onto the same one of ``film``, and their disparities layer by layer.

    For two models and the same points: what differs then is not the axes. The disparity is 0 for the same
    shape and 2 for nothing in common (see procrustes). ValueError for films of unlike shapes.
    """
    pairs = zip(other.coordinates, film.coordinates, strict=True)
    turned = [align(cloud.astype(np.float64), target.astype(np.float64)) for cloud, target in pairs]
    frames: FloatArray = np.stack([cloud for cloud, _ in turned]).astype(np.float32)
    return replace(other, coordinates=frames), tuple(disparity for _, disparity in turned)
