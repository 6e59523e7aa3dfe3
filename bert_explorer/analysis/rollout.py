"""Attention rollout (Abnar & Zuidema 2020): how attention passes through the layers.

Each layer mixes a token with what it attends to, and keeps half of it on the residual path:

    B_l = 0.5 mean_h A[l, h] + 0.5 I        R_l = B_l R_{l-1},  R_{-1} = I

Row i of ``R_l`` tells from which input tokens the vector of token i after layer l comes; it sums to 1.

    one layer [[.6 .4] [.2 .8]]  ->  R_0 = [[.8 .2] [.1 .9]]
    the same layer twice         ->  R_1 = [[.66 .34] [.17 .83]]

What it leaves out: the values that are mixed and the feed-forward part; one half for the residual path is a
guess, the same for every model and token.
"""

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import FloatArray

RESIDUAL = 0.5


def compute_rollout(attentions: NDArray[np.floating]) -> FloatArray:
    """Weights (num_layers, num_heads, query, key) of all layers -> ``R_l`` (num_layers, query, key).

    Raises ValueError unless there are four axes, the last two of one length.
    """
    if attentions.ndim != 4 or attentions.shape[2] != attentions.shape[3]:
        raise ValueError(f"attentions must have shape (layers, heads, query, key), not {attentions.shape}")
    seq_len = attentions.shape[-1]
    reached = np.eye(seq_len)
    rollout = np.empty((len(attentions), seq_len, seq_len), dtype=np.float32)
    for layer, weights in enumerate(attentions):
        mixed = (1 - RESIDUAL) * weights.mean(axis=0, dtype=np.float64) + RESIDUAL * np.eye(seq_len)
        reached = mixed @ reached
        rollout[layer] = reached
    return rollout
