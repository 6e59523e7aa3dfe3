"""Many dimensions drawn in two or three: PCA, t-SNE and UMAP.

PCA turns the cloud so that its widest directions come first: with X centred and X = U S V^T, the
coordinates are X V[:, :k] = U S[:, :k], and component i keeps S_i^2 / sum(S^2) of the variance.
V's signs are arbitrary; here each component's largest loading is positive, so that equal vectors
give equal pictures.

t-SNE (van der Maaten & Hinton 2008) keeps neighbours together. Sizes of groups and distances
between groups mean little, and another seed gives another picture. It starts from PCA, and sees the first 50
components, as in van der Maaten 2014 (Accelerating t-SNE using Tree-Based Algorithms, JMLR); 2008: 30.

UMAP (McInnes, Healy & Melville 2018) keeps neighbours together too, faster, and with the same caution. It is
computed in a process of its own (see umap_pool).

    PCA of [[0, 0], [2, 0], [4, 0]] -> [[-2, 0], [0, 0], [2, 0]], variance kept (1, 0)
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.anisotropy import principal_directions
from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray, Projection

Method = Literal["pca", "tsne", "umap"]
Matrix = NDArray[np.float64]
METHODS: tuple[Method, ...] = ("pca", "tsne", "umap")
MIN_ROWS = 3
MAX_TSNE_ROWS = 5_000  # about a minute on two cores
MAX_SERIAL_ROWS = 1_000  # by t-SNE in one thread: two wait for each other at each of 1,000 short steps
MAX_UMAP_ROWS = 20_000
TSNE_INPUT_SIZE = 50  # by PCA first, as in van der Maaten 2014: faster, and less noise
PERPLEXITY = 30.0  # neighbours that each row cares about, t-SNE's customary value


def project(vectors: FloatArray, *, method: Method = "pca", dimensions: int = 2, seed: int = 0) -> Projection:
    """Coordinates of vectors, shape (num_items, hidden_size), in 2 or 3 dimensions.

    ``seed`` matters for t-SNE and UMAP. Raises InputError for fewer than 3 rows, for values that are
    not finite, for rows that are all equal, and for more rows than the method can draw in reasonable time.
    """
    if method not in METHODS or dimensions not in (2, 3):
        raise ValueError(f"method must be one of {METHODS} and dimensions 2 or 3, not {method}, {dimensions}")
    centred = _centre(vectors)
    if method == "pca":
        coordinates, shares = compute_pca(centred, dimensions)
        return Projection(coordinates.astype(np.float32), "pca", seed, tuple(shares.tolist()))
    compute = compute_tsne if method == "tsne" else compute_umap
    return Projection(compute(centred, dimensions, seed).astype(np.float32), method, seed)


def compute_pca(centred: Matrix, dimensions: int) -> tuple[Matrix, Matrix]:
    """(num_items, dimensions) coordinates and (dimensions,) shares of the variance.

    Directions that the data does not have (fewer columns or rows than dimensions) are zero.
    """
    variances, directions = principal_directions(centred)
    largest = np.argmax(np.abs(directions), axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    available = min(dimensions, len(variances))
    scores = centred @ directions[:, :available] * signs[:available]
    shares = variances / (np.sum(variances) or 1.0)  # equal rows have no variance to share
    missing = max(dimensions - available, 0)
    coordinates = np.pad(scores, ((0, 0), (0, missing)))
    return coordinates, np.pad(shares, (0, missing))[:dimensions]


def compute_tsne(centred: Matrix, dimensions: int, seed: int) -> Matrix:
    """(num_items, dimensions) coordinates; the same for the same vectors and seed."""
    _check_count(len(centred), "t-SNE", MAX_TSNE_ROWS)
    from sklearn.manifold import TSNE  # a second to import, which PCA need not wait for
    from threadpoolctl import threadpool_limits

    reduced, _ = compute_pca(centred, min(TSNE_INPUT_SIZE, *centred.shape))
    start = compute_pca(centred, dimensions)[0]
    scale = np.std(start[:, 0])  # t-SNE works in float32: large values would overflow
    tsne = TSNE(
        n_components=dimensions,
        perplexity=choose_perplexity(len(centred)),
        init=(start / scale * 1e-4).astype(np.float32),
        random_state=seed,
    )
    threads = 1 if len(centred) <= MAX_SERIAL_ROWS else None
    with threadpool_limits(threads, user_api="openmp"):
        return np.asarray(tsne.fit_transform(reduced / scale), dtype=np.float64)


def compute_umap(centred: Matrix, dimensions: int, seed: int) -> Matrix:
    """(num_items, dimensions) coordinates, from a worker process; the same for the same vectors and seed."""
    from bert_explorer.analysis.umap_pool import get_umap_pool

    _check_count(len(centred), "UMAP", MAX_UMAP_ROWS)
    vectors = (centred / np.abs(centred).max()).astype(np.float32)
    return get_umap_pool().compute(vectors, dimensions=dimensions, seed=seed).astype(np.float64)


def choose_perplexity(num_items: int) -> float:
    """t-SNE's 30 where there are rows enough, else a third of the other rows, at least 1."""
    return min(PERPLEXITY, max(1.0, (num_items - 1) / 3))


def _check_count(num_items: int, name: str, limit: int) -> None:
    if num_items > limit:
        raise InputError(
            f"{name} of {num_items:,} rows would take too long: its limit is {limit:,}. "
            "Use PCA, or fewer rows."
        )


def _centre(vectors: FloatArray) -> Matrix:
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have shape (num_items, hidden_size), not {vectors.shape}")
    num_items = len(vectors)
    if num_items < MIN_ROWS:
        raise InputError(f"A projection needs at least {MIN_ROWS} rows, here are {num_items}. Add some.")
    if not np.isfinite(vectors).all():
        broken = int(np.sum(~np.isfinite(vectors).all(axis=1)))
        raise InputError(
            f"{broken} of {num_items} vectors hold values that are not finite numbers. "
            "Leave those rows out, or use another layer or model."
        )
    values = vectors.astype(np.float64)
    if (values == values[0]).all():
        raise InputError(
            f"All {num_items} vectors are equal, so there is nothing to spread out. Add other texts."
        )
    return np.asarray(values - values.mean(axis=0))
