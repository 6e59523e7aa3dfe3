"""Which heads look at the same tokens, and a map on which those are neighbours.

With the Jensen-Shannon divergence of two rows of attention, JS(p, q) = H((p + q) / 2) - H(p) / 2 - H(q) / 2,
the squared distance of two heads is its mean over rows, in bits: 0 for heads that look alike everywhere, 1
for heads that never look at the same token. Clark et al. (2019) draw the same map with the sum of the
divergences for the distance; its root is a distance in the strict sense (Fuglede & Topsoe 2004), which the
scaling below reproduces in as many dimensions as it needs.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import FloatArray

Array = NDArray[np.float64]


def compute_entropy(probabilities: Array) -> Array:
    """``-sum p log2 p`` over the last axis, in bits; 0 log 0 is 0.

    >>> compute_entropy(np.array([[0.5, 0.5], [0.0, 1.0]])).tolist()
    [1.0, 0.0]
    """
    logs = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    entropies: Array = -(probabilities * logs).sum(axis=-1)
    return entropies + 0.0  # no -0.0


def sum_divergences(rows: Array) -> Array:
    """(heads, rows, seq_len) -> (heads, heads): Jensen-Shannon divergences in bits, added over rows."""
    entropies = compute_entropy(rows)  # (heads, rows)
    divergences = np.zeros((len(rows), len(rows)))
    for head in range(len(rows) - 1):
        mixed = compute_entropy((rows[head] + rows[head + 1 :]) / 2)
        found = mixed - (entropies[head] + entropies[head + 1 :]) / 2
        divergences[head, head + 1 :] = np.maximum(found, 0).sum(axis=-1)
    return divergences + divergences.T


def map_distances(distances: NDArray[Any], dimensions: int = 2) -> FloatArray:
    """(items, items) distances -> (items, dimensions) places, by classical scaling (Torgerson 1952).

    With D the squared distances and J = I - 1/n, the places are the first eigenvectors of -J D J / 2 times
    the roots of their eigenvalues. Signs are fixed as in projection.compute_pca.

    Two items at distance 3, in one dimension -> [[1.5], [-1.5]]
    """
    squared = distances.astype(np.float64) ** 2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1, keepdims=True) + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    order = np.argsort(values)[::-1][:dimensions]
    places = vectors[:, order] * np.sqrt(np.maximum(values[order], 0))
    signs = np.sign(places[np.abs(places).argmax(axis=0), range(places.shape[1])])
    return np.asarray(places * np.where(signs == 0, 1, signs), dtype=np.float32)
