"""The integral of slopes along a line, in as few points as its own bookkeeping allows.

Integrated gradients are integrals of which the sum is known beforehand: over any part [a, b] of the line, the
slopes of all tokens together integrate to F(b) - F(a), and F comes with every slope. So each part tells how
wrong it still is, and only the parts that are wrong are halved:

    1.  three parts, each by the rule of Gauss and Lobatto with five points, ends included (exact to degree 7)
    2.  the parts with the largest gaps |sum of their integral - (F(b) - F(a))| are halved, so many that the
        gaps of the others are within what is allowed; ends and middles are known already, so a halving costs
        six new points
    3.  until the gaps of all parts together are within the tolerance

Plain rules (captum's and most others) spread their points evenly over a line that is flat in most places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Evaluate = Callable[[Sequence[float]], tuple[Floats, Floats]]  # points -> slopes (n, m), heights (n,)

NODES = np.array([0.0, 0.5 - np.sqrt(21) / 14, 0.5, 0.5 + np.sqrt(21) / 14, 1.0])  # on [0, 1]
WEIGHTS = np.array([1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20])
NUM_PARTS = 3
KEPT = 0.9  # of what is allowed, for the gaps of parts that stay: those that are halved keep a little
SMALLEST_CHANGE = 0.1  # the tolerance of a line that hardly rises is that of one that rises by this much


@dataclass(frozen=True)
class LineIntegral:
    """``values`` (m,) should sum to ``change``, which is F at the end minus F at the start."""

    values: Floats
    start: float
    change: float
    num_points: int

    @property
    def gap(self) -> float:
        """How far the sum is from the change, in units of F."""
        return abs(float(self.values.sum()) - self.change)


@dataclass
class _Line:
    """What is known of the line, by point."""

    evaluate: Evaluate
    slopes: dict[float, Floats] = field(default_factory=dict)
    heights: dict[float, float] = field(default_factory=dict)

    def look(self, parts: Sequence[tuple[float, float]]) -> None:
        """Evaluate the points of these parts that are not known yet, all at once."""
        points = sorted({point for part in parts for point in places(part)} - self.heights.keys())
        if points:
            slopes, heights = self.evaluate(points)
            self.slopes.update(zip(points, slopes, strict=True))
            self.heights.update(zip(points, heights.tolist(), strict=True))

    def integrate(self, part: tuple[float, float]) -> Floats:
        slopes = np.stack([self.slopes[point] for point in places(part)])
        return np.asarray((part[1] - part[0]) * (WEIGHTS @ slopes))

    def gap(self, part: tuple[float, float]) -> float:
        return abs(float(self.integrate(part).sum()) - (self.heights[part[1]] - self.heights[part[0]]))


def integrate_line(evaluate: Evaluate, *, tolerance: float, max_points: int) -> LineIntegral:
    """The integral from 0 to 1, its gap at most ``tolerance`` times the change of height.

    Ends earlier where the next halving would go beyond ``max_points``: look at ``gap``.
    """
    line = _Line(evaluate)
    bounds = np.linspace(0, 1, NUM_PARTS + 1).tolist()
    parts = list(pairwise(bounds))
    line.look(parts)
    change = line.heights[1.0] - line.heights[0.0]
    allowed = tolerance * max(abs(change), SMALLEST_CHANGE)
    while sum(map(line.gap, parts)) > allowed:
        worst = find_worst(parts, line.gap, KEPT * allowed)[: (max_points - len(line.heights)) // 6]
        if not worst:
            break
        halves = [half for part in worst for half in halve(part)]
        line.look(halves)
        parts = [part for part in parts if part not in worst] + halves
    values = np.sum([line.integrate(part) for part in parts], axis=0)
    return LineIntegral(values, line.heights[0.0], change, len(line.heights))


def find_worst(
    parts: Sequence[tuple[float, float]], gap: Callable[[tuple[float, float]], float], allowed: float
) -> list[tuple[float, float]]:
    """Parts of the largest gaps, as few as leave at most ``allowed`` to the others."""
    ranked = sorted(parts, key=gap)  # the first of them stay as they are
    kept = int(np.searchsorted(np.cumsum([gap(part) for part in ranked]), allowed, side="right"))
    return ranked[kept:][::-1]


def places(part: tuple[float, float]) -> list[float]:
    """The five points of a part; its ends exactly, so that neighbours share them."""
    low, high = part
    inner = [low + (high - low) * float(node) for node in NODES[1:-1]]
    return [low, *inner, high]


def halve(part: tuple[float, float]) -> list[tuple[float, float]]:
    """Both halves; the middle is one of the part's own points."""
    low, high = part
    middle = low + (high - low) * 0.5
    return [(low, middle), (middle, high)]
