"""How alike two sets of vectors of the same things are, whatever the axes: linear CKA.

Centred kernel alignment (Kornblith, Norouzi, Lee & Hinton 2019), with a linear kernel. Rows are the same
things (here tokens) in the same order, columns are centred:

    CKA(X, Y) = |Y^T X|^2 / (|X^T X| |Y^T Y|)        norms of Frobenius

1 where Y is X turned, mirrored or scaled as a whole; near 0 where they have nothing in common. With few rows
and many columns even unrelated vectors look alike, about d / (n + d) for n rows of d columns of noise: take
more rows than columns.

    X = [[1, 0], [-1, 0], [0, 1], [0, -1]], Y = 3 X turned by 90 degrees: CKA 1
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def linear_cka(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Of (num_rows, d1) and (num_rows, d2); NaN where all rows of one of them are equal."""
    if first.ndim != 2 or len(first) != len(second):
        raise ValueError(f"rows must belong together: {first.shape} and {second.shape}")
    x, y = (np.asarray(rows, dtype=np.float64) for rows in (first, second))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    if len(x) < max(x.shape[1], y.shape[1]):  # the same by the smaller products: |Y^T X|^2 = <X X^T, Y Y^T>
        x_gram, y_gram = x @ x.T, y @ y.T
        shared, lengths = float((x_gram * y_gram).sum()), _length(x_gram) * _length(y_gram)
    else:
        shared, lengths = _length(y.T @ x) ** 2, _length(x.T @ x) * _length(y.T @ y)
    return shared / lengths if lengths > 0 else float("nan")


def _length(matrix: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(matrix))
