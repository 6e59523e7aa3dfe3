"""Does an explanation name the words that count? Hide them in its order, and watch the prediction.

    deletion    all words are there, then hidden one after the other, the highest score first: the sooner the
                prediction falls, the better the order
    insertion   all words are hidden, then shown in the same order: the sooner it rises, the better

(Petsiuk et al. 2018; DeYoung et al. 2020 ask the same of words.) A hidden word is [MASK].
Random orders are the measure of both: an explanation that does no better has explained nothing. What the test
cannot tell: whether the model falls because evidence is gone, or because it never saw so many masks.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.attributions import ranked_units, units_of
from bert_explorer.analysis.evidence import Asked, Progress, ask_edits, to_likelihood
from bert_explorer.errors import InputError
from bert_explorer.models.evidence_requests import TextEdit
from bert_explorer.results import Attributions, FaithfulnessCurves, FloatArray

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_STEPS = 12
NUM_RANDOM = 5
MIN_UNITS = 2
Hidden = frozenset[int]


def measure_faithfulness(
    engine: "Engine",
    found: Attributions,
    *,
    num_random: int = NUM_RANDOM,
    seed: int = 0,
    progress: Progress | None = None,
) -> FaithfulnessCurves:
    """Both curves of every method, and of ``num_random`` random orders.

    Raises InputError for a text of fewer than two words, in which there is nothing to order.
    """
    units = units_of(found)
    ranked = ranked_units(found.tokens, units, engine.info.mask_token)
    if len(ranked) < MIN_UNITS:
        raise InputError("The text has fewer than two words, so there is no order to test. Type more words.")
    asked = Asked(found.tokens.text, found.tokens.pair, found.target, found.name)

    def likelihoods(sets: Sequence[Hidden]) -> NDArray[np.float64]:
        edits = [
            TextEdit(tuple(sorted(place for i in hidden for place in units.groups[ranked[i]])))
            for hidden in sets
        ]
        evidence = ask_edits(engine, asked, edits, seq_len=len(found.tokens), progress=progress)
        return to_likelihood(evidence, engine.info)

    orders = [np.argsort(-row[ranked], kind="stable").tolist() for row in found.scores]
    return trace_curves(found.methods, orders, likelihoods, num_random=num_random, seed=seed)


def trace_curves(
    methods: Sequence[str],
    orders: Sequence[Sequence[int]],
    likelihoods: Callable[[Sequence[Hidden]], NDArray[np.float64]],
    *,
    num_random: int,
    seed: int,
) -> FaithfulnessCurves:
    """Curves of ``orders`` of units from 0; ``likelihoods`` tells the value of each set of hidden ones."""
    count = len(orders[0])
    sizes = step_sizes(count)
    generator = np.random.default_rng(seed)
    drawn = [generator.permutation(count).tolist() for _ in range(num_random)]
    sets = [
        frozenset(part)
        for order in (*orders, *drawn)
        for size in sizes
        for part in (order[:size], order[size:])
    ]
    values = likelihoods(sets).reshape(len(orders) + num_random, len(sizes), 2).astype(np.float32)
    deletion, insertion = values[:, :, 0], values[:, :, 1]
    split = len(orders)
    return FaithfulnessCurves(
        methods=tuple(methods),
        shares=(np.array(sizes) / count).astype(np.float32),
        deletion=deletion[:split],
        insertion=insertion[:split],
        random_deletion=deletion[split:],
        random_insertion=insertion[split:],
    )


def step_sizes(count: int) -> list[int]:
    """From 0 to ``count`` in at most MAX_STEPS even steps.

    >>> step_sizes(3)
    [0, 1, 2, 3]
    """
    return sorted(set(np.linspace(0, count, min(count, MAX_STEPS) + 1).round().astype(int).tolist()))


def areas(shares: FloatArray, curves: FloatArray) -> NDArray[np.float64]:
    """Area under each curve (..., num_steps + 1), by trapezoids: a curve of 1 throughout has 1."""
    return np.asarray(np.trapezoid(curves.astype(np.float64), shares.astype(np.float64), axis=-1))
