"""What changes when two tokens change places, and what would change without positions.

Attention is a sum over all tokens, which knows no order (Vaswani et al. 2017, section 3.5): without position
embeddings every token would come out as before, at its new place. The change of a token at layer l is

    c = |h'_new - h_old| / |h_old|        h' of the swapped text, new the token's place in it

On paper, words [[1], [3]] and positions [[0], [1]]: the inputs are [[1], [4]], and swapped [[3], [2]]. The
first word went from 1 to 2, c = 1; the second from 4 to 3, c = 0.25. Without positions both stay.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.anatomy.embeddings import embed
from bert_explorer.analysis.anatomy.walk import (
    TextTrace,
    check_position,
    remember,
    require_blueprint,
    run_layers,
)
from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray, IntArray, PartWeights

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class Swap:
    """``changes[layer, position]`` (num_layers + 1, seq_len) of each token, named by its old place.

    ``without_positions`` is the same with all position embeddings 0; None for families that bring in
    positions elsewhere too (MPNet, ModernBERT).
    """

    first: int
    second: int
    changes: FloatArray
    without_positions: FloatArray | None


def compute_swap(engine: "Engine", trace: TextTrace, first: int, second: int) -> Swap:
    """Swap the tokens at two positions and recompute. InputError for the same place twice."""
    check_position(first, trace.tokens)
    check_position(second, trace.tokens)
    if first == second:
        raise InputError(f"Both places are {first}. Choose two different tokens to swap.")
    key = ("swap", trace.tokens.text, trace.tokens.pair, first, second)
    return remember(engine, key, lambda: _compute_swap(engine, trace, first, second))


def _compute_swap(engine: "Engine", trace: TextTrace, first: int, second: int) -> Swap:
    blueprint = require_blueprint(engine)
    ids, segments = trace.tokens.input_ids, trace.segment_ids
    order = np.arange(len(ids))
    order[[first, second]] = second, first

    def run(token_ids: IntArray, segment_ids: IntArray, *, positions: bool) -> FloatArray:
        weights = engine.weights("embeddings", token_ids=token_ids.tolist())
        weights = weights if positions else _without_positions(weights)
        return run_layers(engine, blueprint, embed(token_ids, segment_ids, weights, blueprint).output)

    swapped = ids[order], segments[order]  # a token takes its segment along: its place alone is new
    changes = relative_changes(trace.hidden_states, run(*swapped, positions=True)[:, order])
    without = None
    if trace.embeddings.position is not None and blueprint.family != "mpnet":
        before, after = (run(*item, positions=False) for item in ((ids, segments), swapped))
        without = relative_changes(before, after[:, order])
    return Swap(first, second, changes, without)


def relative_changes(before: FloatArray, after: FloatArray) -> FloatArray:
    """``|after - before| / |before|`` over the last axis."""
    distance = np.linalg.norm(after - before, axis=-1)
    return np.asarray(distance / np.linalg.norm(before, axis=-1), dtype=np.float32)


def _without_positions(weights: PartWeights) -> PartWeights:
    arrays = dict(weights.arrays)
    arrays["position.weight"] = np.zeros_like(arrays["position.weight"])
    return PartWeights(arrays, weights.epsilons)
