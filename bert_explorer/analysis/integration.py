"""The integral of slopes along a line, in as few points as its own bookkeeping allows.

Integrated gradients are integrals of which the sum is known beforehand: over any part [a, b] of the line, the
slopes of all tokens together integrate to F(b) - F(a), and F comes with every slope. So each part tells how
wrong it still is, and only the parts that are wrong are halved:

    1.  five parts, each by the rule of Gauss and Lobatto with five points, ends included (exact to degree 7)
    2.  the parts with the largest gaps |sum of their integral - (F(b) - F(a))| are looked at more closely, so
        many that the gaps of the others are within what is allowed: first with Kronrod's four points more
        (exact to degree 13; Kronrod 1965), then in two halves, whose ends are known already; parts that are
        far off are halved at once
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

OUTER, INNER = 0.5 - np.sqrt(21) / 14, 0.5 + np.sqrt(21) / 14
ADDED = np.array([0.054797236243665606715, 0.32950886704450351424])  # and as far from the other end
NODES = np.array([0.0, OUTER, 0.5, INNER, 1.0])  # on [0, 1]
WEIGHTS = np.array([1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20])
FINE_NODES = np.sort(np.concatenate([NODES, ADDED, 1 - ADDED]))
_HALF = [0.015321869488536155, 0.089631349776603678, 0.14198938902406056, 0.16711686990820884]
FINE_WEIGHTS = np.array([*_HALF, 0.17188104360518154, *reversed(_HALF)])
NUM_PARTS = 5
COST = 6  # new points of a halving; four more points cost four
FAR = 20  # times what is allowed for the whole line
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


@dataclass(frozen=True)
class Part:
    """A piece of the line, looked at in five points or, where ``fine``, in nine."""

    low: float
    high: float
    fine: bool = False

    @property
    def points(self) -> list[float]:
        """Its ends exactly, so that neighbours share them."""
        inner = (FINE_NODES if self.fine else NODES)[1:-1]
        return [self.low, *(self.low + (self.high - self.low) * float(node) for node in inner), self.high]

    @property
    def weights(self) -> Floats:
        return (self.high - self.low) * (FINE_WEIGHTS if self.fine else WEIGHTS)

    def look_closer(self, *, is_far: bool) -> list["Part"]:
        """The same part in nine points, or both halves; the middle is one of the part's own points."""
        if not self.fine and not is_far:
            return [Part(self.low, self.high, fine=True)]
        middle = self.low + (self.high - self.low) * 0.5
        return [Part(self.low, middle), Part(middle, self.high)]


@dataclass
class _Line:
    """What is known of the line, by point."""

    evaluate: Evaluate
    slopes: dict[float, Floats] = field(default_factory=dict)
    heights: dict[float, float] = field(default_factory=dict)

    def look(self, parts: Sequence[Part]) -> None:
        """Evaluate the points of these parts that are not known yet, all at once."""
        points = sorted({point for part in parts for point in part.points} - self.heights.keys())
        if points:
            slopes, heights = self.evaluate(points)
            self.slopes.update(zip(points, slopes, strict=True))
            self.heights.update(zip(points, heights.tolist(), strict=True))

    def integrate(self, part: Part) -> Floats:
        return np.asarray(part.weights @ np.stack([self.slopes[point] for point in part.points]))

    def gap(self, part: Part) -> float:
        return abs(float(self.integrate(part).sum()) - (self.heights[part.high] - self.heights[part.low]))


def integrate_line(evaluate: Evaluate, *, tolerance: float, max_points: int) -> LineIntegral:
    """The integral from 0 to 1, its gap at most ``tolerance`` times the change of height.

    Ends earlier where the next look would go beyond ``max_points``: look at ``gap``.
    """
    line = _Line(evaluate)
    parts = [Part(low, high) for low, high in pairwise(np.linspace(0, 1, NUM_PARTS + 1).tolist())]
    line.look(parts)
    change = line.heights[1.0] - line.heights[0.0]
    allowed = tolerance * max(abs(change), SMALLEST_CHANGE)
    while sum(map(line.gap, parts)) > allowed:
        worst = find_worst(parts, line.gap, KEPT * allowed)[: (max_points - len(line.heights)) // COST]
        if not worst:
            break
        closer = [part for one in worst for part in one.look_closer(is_far=line.gap(one) > FAR * allowed)]
        line.look(closer)
        parts = [part for part in parts if part not in worst] + closer
    values = np.sum([line.integrate(part) for part in parts], axis=0)
    return LineIntegral(values, line.heights[0.0], change, len(line.heights))


def find_worst(parts: Sequence[Part], gap: Callable[[Part], float], allowed: float) -> list[Part]:
    """Parts of the largest gaps, as few as leave at most ``allowed`` to the others."""
    ranked = sorted(parts, key=gap)  # the first of them stay as they are
    kept = int(np.searchsorted(np.cumsum([gap(part) for part in ranked]), allowed, side="right"))
    return ranked[kept:][::-1]
