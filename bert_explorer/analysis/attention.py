"""Attention weights: how much each token takes from each other one, by layer and head.

``attentions[layer, head, query, key] = softmax_key(q_query . k_key / sqrt(head_size))`` (Vaswani et
al. 2017): every query row sums to 1. What attention does not show: how much a token matters for an
answer, since the values that are mixed and the residual path are left out (Jain & Wallace 2019).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import InputError
from bert_explorer.results import Attention, CompactAttention, FloatArray

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


def compute_attention(
    engine: "Engine", text: str, pair: str | None = None, layers: Sequence[int] | None = None
) -> Attention:
    """Attention of the layers asked for (all without a choice), as an ``Attention``."""
    return engine.attentions(text, pair, layers=layers)


def compute_whole_attention(engine: "Engine", text: str, pair: str | None = None) -> CompactAttention:
    """Attention of all layers in half precision, so that a long text can be looked at layer by layer."""
    return engine.compact_attentions(text, pair)


def mean_weights(
    attention: CompactAttention, layers: Sequence[int], heads: Sequence[int] | None = None
) -> FloatArray:
    """(query, key): the mean over chosen layers and heads (None: all heads), rows still sum to 1.

    Raises InputError for a layer or head that does not exist, or where none is chosen.
    """
    chosen = tuple(range(attention.num_heads)) if heads is None else tuple(heads)
    if not layers or not chosen:
        raise InputError("Choose at least one layer and one head.")
    for head in chosen:
        check_head(head, attention.num_heads)
    sums = np.zeros(attention.half_attentions.shape[2:])
    for layer in layers:
        check_layer(layer, attention.layers)
        for head in chosen:  # one at a time: all of a long text in single precision take too much memory
            sums += attention.half_attentions[attention.layers.index(layer), head]
    return (sums / (len(layers) * len(chosen))).astype(np.float32)


def select_head(attention: Attention, layer: int, head: int) -> FloatArray:
    """(query, key) weights of one head. Raises InputError that names the range, from 0."""
    check_layer(layer, attention.layers)
    check_head(head, attention.attentions.shape[1])
    weights: FloatArray = attention.attentions[attention.layers.index(layer), head]
    return weights


def check_layer(layer: int, layers: Sequence[int]) -> None:
    """InputError unless the layer is among those at hand."""
    if layer not in layers:
        known = ", ".join(map(str, layers))
        raise InputError(f"Layer {layer} is not among the layers at hand: {known} (counted from 0).")


def check_head(head: int, num_heads: int) -> None:
    """InputError unless 0 <= head < num_heads."""
    if not 0 <= head < num_heads:
        raise InputError(f"Head {head} does not exist. Heads count from 0 to {num_heads - 1}.")
