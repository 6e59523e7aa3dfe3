"""How far two rankings of the same things agree, from -1 (reversed) over 0 to 1 (equal).

Spearman's rho is the correlation of the ranks; Kendall's tau-b counts pairs that both put in the same order
against pairs that they do not. Equal values share the mean of their ranks, and are left out of tau's count.

    spearman([1, 2, 3, 4], [1, 2, 4, 3]) = 0.8
    kendall([1, 2, 3, 4], [1, 2, 4, 3])  = (5 - 1) / 6 = 0.667
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_ITEMS = 3  # two things agree or they do not: that is no correlation

Coefficient = Callable[[ArrayLike, ArrayLike], float | None]


def spearman(first: ArrayLike, second: ArrayLike) -> float | None:
    """None for fewer than MIN_ITEMS values, or where one side holds a single value throughout."""
    return _correlate(
        _ranks(np.asarray(first, dtype=np.float64)), _ranks(np.asarray(second, dtype=np.float64))
    )


def kendall(first: ArrayLike, second: ArrayLike) -> float | None:
    """Tau-b; None as for ``spearman``."""
    order_a, order_b = _order(first), _order(second)
    if len(order_a) < MIN_ITEMS or not order_a.any() or not order_b.any():
        return None
    scale = np.sqrt(float((order_a**2).sum()) * float((order_b**2).sum()))
    return float((order_a * order_b).sum() / scale)


def agreement(scores: Sequence[ArrayLike], coefficient: Coefficient) -> list[list[float | None]]:
    """The coefficient of every two of several scores of the same things."""
    return [[coefficient(one, other) for other in scores] for one in scores]


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values get the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    means: NDArray[np.float64] = (last + last - counts + 1) / 2
    return means[inverse]


def _correlate(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    if len(first) < MIN_ITEMS:
        return None
    a, b = first - first.mean(), second - second.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else None


def _order(values: ArrayLike) -> NDArray[np.float64]:
    """(n, n): -1, 0 or 1 for smaller, equal or larger."""
    array = np.asarray(values, dtype=np.float64)
    return np.asarray(np.sign(array[:, None] - array[None, :]))
