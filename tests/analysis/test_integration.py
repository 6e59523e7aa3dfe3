"""Integrals along a line: exact where they can be, honest where they cannot, and few points."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from bert_explorer.analysis.integration import (
    FINE_NODES,
    FINE_WEIGHTS,
    NUM_PARTS,
    WEIGHTS,
    Floats,
    Part,
    find_worst,
    integrate_line,
)

Function = Callable[[Floats], Floats]


def line_of(heights: Sequence[Function], slopes: Sequence[Function]) -> tuple[Callable, list[int]]:
    """A line whose height is the sum of ``heights``, and how many points were asked each time."""
    asked: list[int] = []

    def evaluate(points: Sequence[float]) -> tuple[Floats, Floats]:
        asked.append(len(points))
        at = np.array(points)
        return np.stack([slope(at) for slope in slopes], axis=1), sum(height(at) for height in heights)

    return evaluate, asked


def test_polynomials_to_degree_seven_of_slopes_are_exact() -> None:
    evaluate, asked = line_of([lambda x: x**8, lambda x: 3 * x**2], [lambda x: 8 * x**7, lambda x: 6 * x])
    found = integrate_line(evaluate, tolerance=1e-9, max_points=100)
    np.testing.assert_allclose(found.values, [1, 3], atol=1e-12)
    assert (found.start, found.change, found.num_points) == (0, 4, 4 * NUM_PARTS + 1)
    assert asked == [4 * NUM_PARTS + 1]
    assert found.gap < 1e-12


def test_a_steep_place_is_found_with_fewer_points_than_spread_evenly() -> None:
    def step(x: Floats) -> Floats:
        return 1 / (1 + np.exp(-(x - 0.3) / 0.002))

    evaluate, _ = line_of([step], [lambda x: step(x) * (1 - step(x)) / 0.002])
    found = integrate_line(evaluate, tolerance=0.01, max_points=1_000)
    assert found.values[0] == pytest.approx(1, abs=0.01)
    even = (np.arange(200) + 0.5) / 200
    missed = abs(float((step(even) * (1 - step(even)) / 0.002).mean()) - 1)
    assert found.num_points < 130
    assert found.gap <= 0.01 * abs(found.change) < missed + 0.01


def test_what_cannot_be_reached_is_said() -> None:
    """A height that jumps is no integral of its slopes: no number of points closes the gap."""
    evaluate, _ = line_of([lambda x: (x > 0.4).astype(float)], [np.zeros_like])
    found = integrate_line(evaluate, tolerance=0.01, max_points=60)
    assert found.gap == 1
    assert 54 < found.num_points <= 60


def test_a_line_that_hardly_rises_ends_too() -> None:
    evaluate, asked = line_of([lambda x: 1e-5 * np.sin(40 * x)], [lambda x: 4e-4 * np.cos(40 * x)])
    found = integrate_line(evaluate, tolerance=0.01, max_points=1_000)
    assert len(asked) == 1
    assert abs(found.gap) < 1e-3


def test_a_closer_look_knows_what_was_seen_before() -> None:
    part = Part(0.25, 0.5)
    (fine,) = part.look_closer(is_far=False)
    assert set(part.points) < set(fine.points)
    assert len(fine.points) == 9
    low, high = fine.look_closer(is_far=False)
    assert [low, high] == part.look_closer(is_far=True)
    assert low.points[0] == part.points[0]
    assert low.points[-1] == high.points[0] == part.points[2] == 0.375
    assert high.points[-1] == part.points[-1]
    assert WEIGHTS.sum() == FINE_WEIGHTS.sum() == pytest.approx(1)


@pytest.mark.parametrize("degree", range(16))
def test_nine_points_are_exact_to_degree_thirteen(degree: int) -> None:
    gap = abs(float(FINE_WEIGHTS @ FINE_NODES**degree) - 1 / (degree + 1))
    assert (gap < 1e-15) == (degree <= 13)


def test_as_few_parts_are_looked_at_as_close_the_gap() -> None:
    parts = [Part(i / 4, (i + 1) / 4) for i in range(4)]
    gaps = dict(zip(parts, (3.0, 0.5, 8.0, 1.0), strict=True))
    ranked = [parts[2], parts[0], parts[3], parts[1]]
    for allowed, worst in ((20, 0), (12.5, 0), (12, 1), (4.5, 1), (4, 2), (1, 3), (0.1, 4)):
        assert find_worst(parts, gaps.__getitem__, allowed) == ranked[:worst]
