"""How many examples a film watches and at which steps, so that recording costs little of the training.

Costs are counted in forward passes of one row. A training row costs three (a backward pass costs two forward
passes), a watched row one. Evaluations, which happen anyway, are moments for free.

    160 rows, 3 epochs of 10 steps, evaluated every 5 steps: 1,440 passes. 5 % are 72: four moments of 18
    rows beside the six that are free.
"""

import math
from dataclasses import dataclass

COST_SHARE = 0.05  # of the training's passes
BACKWARD_COST = 2  # in forward passes
MAX_ITEMS = 60
MIN_ITEMS = 8
GOOD_ITEMS = 20  # more moments come before more items than these
MIN_MOMENTS, MAX_MOMENTS = 4, 20  # besides those that are free
MAX_FREE_MOMENTS = 20  # evaluations that are picked up
EARLY = 1.7  # above 1, moments are denser at the start, where most happens


@dataclass(frozen=True)
class FilmPlan:
    """``steps`` are the moments that cost, 0 for the one before the first step, none of them evaluated.

    Of the evaluations those at multiples of ``free_every`` steps are moments.
    """

    num_items: int
    steps: frozenset[int]
    free_every: int
    num_moments: int  # in all, the end included


def plan_film(
    *, num_train: int, epochs: int, num_steps: int, evaluated_every: int, num_held_out: int
) -> FilmPlan:
    """The plan of a run of ``num_steps`` steps; ``num_held_out`` are all rows that could be watched."""
    passes = int(COST_SHARE * (1 + BACKWARD_COST) * num_train * epochs)
    num_items = min(GOOD_ITEMS, num_held_out)
    num_moments = min(max(passes // max(1, num_items), MIN_MOMENTS), MAX_MOMENTS)
    num_items = min(max(passes // num_moments, MIN_ITEMS), MAX_ITEMS, num_held_out)
    steps = {round(num_steps * (i / num_moments) ** EARLY) for i in range(num_moments)}
    free_every = evaluated_every * max(1, math.ceil(num_steps / evaluated_every / MAX_FREE_MOMENTS))
    costly = frozenset(step for step in steps if not step or (step % free_every and step < num_steps))
    return FilmPlan(num_items, costly, free_every, len(costly) + (num_steps - 1) // free_every + 1)
