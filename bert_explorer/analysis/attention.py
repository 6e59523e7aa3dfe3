"""Attention weights: how much each token takes from each other one, by layer and head.

``attentions[layer, head, query, key] = softmax_key(q_query . k_key / sqrt(head_size))`` (Vaswani et
al. 2017): every query row sums to 1. What attention does not show: how much a token matters for an
answer, since the values that are mixed and the residual path are left out (Jain & Wallace 2019).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bert_explorer.errors import InputError
from bert_explorer.results import Attention, FloatArray

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


def compute_attention(
    engine: "Engine", text: str, pair: str | None = None, layers: Sequence[int] | None = None
) -> Attention:
    """Attention of the layers asked for (all without a choice), as an ``Attention``."""
    return engine.attentions(text, pair, layers=layers)


def select_head(attention: Attention, layer: int, head: int) -> FloatArray:
    """(query, key) weights of one head. Raises InputError that names the range, from 0."""
    if layer not in attention.layers:
        known = ", ".join(map(str, attention.layers))
        raise InputError(f"Layer {layer} is not among the layers at hand: {known} (counted from 0).")
    check_head(head, attention.attentions.shape[1])
    weights: FloatArray = attention.attentions[attention.layers.index(layer), head]
    return weights


def check_head(head: int, num_heads: int) -> None:
    """InputError unless 0 <= head < num_heads."""
    if not 0 <= head < num_heads:
        raise InputError(f"Head {head} does not exist. Heads count from 0 to {num_heads - 1}.")
