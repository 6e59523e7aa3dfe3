import numpy as np
import pytest
from scipy.stats import binomtest

from bert_explorer.intervals import Z_95, wilson_interval

COUNTS = [(8, 10), (0, 7), (7, 7), (1, 1), (67, 80), (1536, 2043)]


@pytest.mark.parametrize(("hits", "count"), COUNTS)
def test_intervals_are_those_of_scipy(hits: int, count: int) -> None:
    expected = binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson_interval(hits, count) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize(("hits", "count"), COUNTS)
def test_bounds_solve_the_inequality_that_defines_them(hits: int, count: int) -> None:
    """|p - share| <= z sqrt(p (1 - p) / n)"""
    grid = np.linspace(0, 1, 100_001)
    inside = grid[np.abs(grid - hits / count) <= Z_95 * np.sqrt(grid * (1 - grid) / count) + 1e-12]
    assert wilson_interval(hits, count) == pytest.approx((inside.min(), inside.max()), abs=2e-5)


def test_without_trials_nothing_is_known() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
