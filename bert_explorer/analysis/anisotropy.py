"""Vectors of BERT fill a narrow cone: how narrow, and three ways to open it.

Anisotropy (Ethayarajh 2019) is the mean cosine of two different rows: 0 for directions spread evenly, near 1
where all point the same way. With unit rows u_i it follows from their sum alone:

    (|sum_i u_i|^2 - n) / (n (n - 1))

Corrections:
    centre     subtract the mean row
    remove     subtract the mean, and each row's part along the ``NUM_REMOVED`` directions of most variance
               (all-but-the-top, Mu & Viswanath 2018)
    whiten     subtract the mean, turn to the principal directions and divide each by its deviation (Su et
               al. 2021). Over all directions of few rows this would make every two rows equally far from each
               other, so only the leading ``num_whitened(n, d)`` directions are kept, and the rest is dropped.

None of them moves a word from one sense to another: they change which distances are large.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import FloatArray

Correction = Literal["none", "centre", "remove", "whiten"]
CORRECTIONS: tuple[Correction, ...] = ("none", "centre", "remove", "whiten")
NUM_REMOVED = 3
ROWS_A_DIRECTION = 5  # rows needed for each direction that is whitened
SQUARE_BEYOND = 4  # rows a column
MIN_VARIANCE_SHARE = 1e-8  # directions below hold rounding errors


def compute_anisotropy(vectors: FloatArray) -> float:
    """Mean cosine of two different rows of (num_items, hidden_size); rows of zeros count as orthogonal.

    NaN for fewer than two rows.
    """
    num_items = len(vectors)
    if num_items < 2:
        return float("nan")
    units = normalize_rows(vectors.astype(np.float64))
    own = float(np.sum(units * units))  # num_items, less the rows of zeros
    return (float(np.sum(units.sum(axis=0) ** 2)) - own) / (num_items * (num_items - 1))


def normalize_rows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of length 1; rows of zeros stay zeros."""
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(np.divide(values, norms, out=np.zeros_like(values), where=norms > 0))


def correct_vectors(vectors: FloatArray, correction: Correction) -> FloatArray:
    """(num_items, hidden_size) corrected; whitened rows have ``num_whitened`` columns, or fewer."""
    if correction not in CORRECTIONS:
        raise ValueError(f"correction must be one of {CORRECTIONS}, not {correction}")
    if correction == "none" or len(vectors) < 2:
        return vectors
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    if correction == "centre":
        return np.asarray(centred, dtype=np.float32)
    variances, directions = principal_directions(centred)
    if correction == "remove":
        top = directions[:, :NUM_REMOVED]
        return np.asarray(centred - centred @ top @ top.T, dtype=np.float32)
    kept = variances > MIN_VARIANCE_SHARE * variances.sum()
    count = min(int(kept.sum()), num_whitened(*vectors.shape))
    return np.asarray(centred @ directions[:, :count] / np.sqrt(variances[:count]), dtype=np.float32)


def num_whitened(num_items: int, hidden_size: int) -> int:
    """How many directions can be whitened: one for each five rows, at least 3."""
    return min(hidden_size, max(3, num_items // ROWS_A_DIRECTION))


def principal_directions(
    centred: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances (k,) and directions (hidden_size, k), the widest first; k = min(num_items, hidden_size)."""
    num_items, hidden_size = centred.shape
    if num_items > SQUARE_BEYOND * hidden_size:  # the same from a small square matrix, many times faster
        variances, directions = np.linalg.eigh(centred.T @ centred)
        return np.maximum(variances[::-1], 0) / (num_items - 1), directions[:, ::-1]
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    return singular**2 / max(num_items - 1, 1), right.T
