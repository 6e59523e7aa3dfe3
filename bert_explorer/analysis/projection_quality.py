"""How far a picture of vectors can be trusted.

Trustworthiness (Venna & Kaski 2001): are neighbours in the picture neighbours in truth? With U_k(i) the k
nearest of point i in the picture that are not among its k nearest in all dimensions, and r(i, j) the place of
j among i's neighbours in all dimensions (1 is the nearest):

    T(k) = 1 - 2 / (n k (2 n - 3 k - 1)) * sum_i sum_{j in U_k(i)} (r(i, j) - k)

1 is perfect; a random picture gives about 0.5.

Label agreement: the share of a point's k nearest that carry its label. Chance is the agreement of a labelled
point, of which there are l, with another of all n drawn at random: sum_c n_c (n_c - 1) / (l (n - 1)).

    three points on a line at 0, 1, 10 labelled a, a, b, k = 1: nearest are 1, 0, 1 -> agreement 2/3
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import FloatArray, IntArray

NUM_NEIGHBOURS = 10
MAX_MEASURED = 1_000  # points whose neighbours are looked up; beyond, a sample of them
ROWS_AT_ONCE = 128  # distances of so many points to all others are in memory at a time


@dataclass(frozen=True)
class LabelAgreement:
    """Shares in [0, 1] of same-labelled neighbours: in the picture, in all dimensions, and by chance."""

    picture: float
    full: float
    chance: float


@dataclass(frozen=True)
class ProjectionQuality:
    """``num_measured`` points were looked at, with ``num_neighbours`` neighbours each."""

    trustworthiness: float
    num_neighbours: int
    num_measured: int
    agreement: LabelAgreement | None = None


def measure_quality(
    vectors: FloatArray,
    coordinates: FloatArray,
    labels: Sequence[str] | None = None,
    *,
    num_neighbours: int = NUM_NEIGHBOURS,
    seed: int = 0,
) -> ProjectionQuality | None:
    """Compare a picture with what it shows; None for fewer than 5 points, where neighbours mean nothing.

    Points without a label ("") have no say in the agreement, and are nobody's agreeing neighbour.
    """
    num_items = len(vectors)
    num_neighbours = choose_num_neighbours(num_items, num_neighbours)
    if num_neighbours < 1:
        return None
    queries = sample_rows(num_items, MAX_MEASURED, seed)
    nearest = nearest_rows(coordinates, queries, num_neighbours)  # (num_queries, num_neighbours)
    trustworthiness = compute_trustworthiness(vectors, queries, nearest)
    agreement = None
    if labels is not None and len({label for label in labels if label}) > 1:
        names = np.array(labels, dtype=object)
        full = nearest_rows(vectors, queries, num_neighbours)
        agreement = LabelAgreement(
            share_agreeing(names, queries, nearest),
            share_agreeing(names, queries, full),
            chance_agreement(labels),
        )
    return ProjectionQuality(trustworthiness, num_neighbours, len(queries), agreement)


def choose_num_neighbours(num_items: int, wanted: int = NUM_NEIGHBOURS) -> int:
    """``wanted``, or fewer where there are few points: trustworthiness is defined below half of them."""
    return max(0, min(wanted, (num_items - 2) // 3))


def sample_rows(num_items: int, limit: int, seed: int) -> IntArray:
    """All rows, or ``limit`` of them drawn without replacement, in order."""
    if num_items <= limit:
        return np.arange(num_items)
    chosen = np.random.default_rng(seed).choice(num_items, limit, replace=False)
    return np.asarray(np.sort(chosen), dtype=np.int64)


def compute_trustworthiness(vectors: FloatArray, queries: IntArray, nearest: IntArray) -> float:
    """T(k) over ``queries``, whose nearest rows in the picture are ``nearest`` (num_queries, k)."""
    num_items, k = len(vectors), nearest.shape[1]
    penalty = 0.0
    for rows in _chunks(len(queries)):
        distances = squared_distances(vectors, queries[rows])  # (chunk, num_items), own distance infinite
        own = np.take_along_axis(distances, nearest[rows], axis=1)  # (chunk, k)
        ranks = 1 + np.sum(distances[:, None, :] < own[:, :, None], axis=2)  # (chunk, k), from 1
        penalty += float(np.maximum(ranks - k, 0).sum())
    return float(1 - 2 * penalty / (len(queries) * k * (2 * num_items - 3 * k - 1)))


def nearest_rows(vectors: FloatArray, queries: IntArray, count: int) -> IntArray:
    """(num_queries, count) rows nearest to each query by Euclidean distance, itself left out."""
    found = [
        np.argsort(squared_distances(vectors, queries[rows]), axis=1, kind="stable")[:, :count]
        for rows in _chunks(len(queries))
    ]
    return np.concatenate(found)


def squared_distances(vectors: FloatArray, queries: IntArray) -> NDArray[np.float64]:
    """(num_queries, num_items) squared Euclidean distances; infinite from a row to itself."""
    values = vectors.astype(np.float64)
    scale = float(np.abs(values).max()) or 1.0
    values /= scale  # squares of large values stay finite
    norms = np.sum(values**2, axis=1)
    distances = norms[queries, None] + norms - 2 * values[queries] @ values.T
    distances[np.arange(len(queries)), queries] = np.inf
    return np.asarray(np.maximum(distances, 0.0))


def share_agreeing(names: NDArray[np.object_], queries: IntArray, nearest: IntArray) -> float:
    """Mean share of each labelled query's nearest rows that carry its label."""
    labelled = names[queries] != ""
    same = names[nearest[labelled]] == names[queries[labelled], None]
    return float(np.mean(same)) if same.size else float("nan")


def chance_agreement(labels: Sequence[str]) -> float:
    """Probability that a labelled row drawn at random and another, of all rows, share a label."""
    counts = Counter(label for label in labels if label)
    if len(labels) < 2 or not counts:
        return float("nan")
    pairs = sum(count * (count - 1) for count in counts.values())
    return pairs / (counts.total() * (len(labels) - 1))


def _chunks(count: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_ONCE) for start in range(0, count, ROWS_AT_ONCE)]
