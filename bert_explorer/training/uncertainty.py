"""How far a score can be trusted that is no plain share of right answers: 95 % intervals.

F1 and means          bootstrap: texts drawn with replacement again and again, and the score of each draw; the
                      middle 95 % of them (percentile method, Efron and Tibshirani 1993, chapter 13)
Pearson's r           Fisher 1921: artanh(r) +- 1.96 / sqrt(n - 3)
Spearman's rank r     Bonett and Wright 2000: artanh(r) +- 1.96 sqrt((1 + r^2 / 2) / (n - 3))

What it does not show: how the score would differ with another training or another seed.
"""

import math
from collections.abc import Sequence

import numpy as np

from bert_explorer.intervals import Z_95

NUM_DRAWS = 1_000
DRAWS_AT_A_TIME = 1_000_000  # numbers in memory

Interval = tuple[float, float]


def ratio_interval(numerators: Sequence[float], denominators: Sequence[float], *, seed: int = 0) -> Interval:
    """Of sum(numerators) / sum(denominators), one of each a text. 0 where a draw has nothing to divide by.

    Micro F1 is such a ratio, with twice the right ones above and the given and the true ones below; a mean is
    one over as many ones. (0, 1) for no texts.
    """
    above, below = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    if not len(above):
        return 0.0, 1.0
    generator = np.random.default_rng(seed)
    scores: list[float] = []
    while len(scores) < NUM_DRAWS:
        size = (min(NUM_DRAWS - len(scores), max(1, DRAWS_AT_A_TIME // len(above))), len(above))
        drawn = generator.integers(0, len(above), size)
        total = below[drawn].sum(axis=1)
        scores += (above[drawn].sum(axis=1) / np.where(total > 0, total, 1.0)).tolist()
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def correlation_interval(correlation: float, count: int, *, of_ranks: bool) -> Interval:
    """(-1, 1) for fewer than four texts, of which nothing can be said.

    >>> tuple(round(bound, 3) for bound in correlation_interval(0.8, 28, of_ranks=False))
    (0.609, 0.903)
    """
    if count < 4:
        return -1.0, 1.0
    if abs(correlation) >= 1:
        return correlation, correlation
    spread = Z_95 * math.sqrt((1 + (correlation**2 / 2 if of_ranks else 0)) / (count - 3))
    middle = math.atanh(correlation)
    return math.tanh(middle - spread), math.tanh(middle + spread)
