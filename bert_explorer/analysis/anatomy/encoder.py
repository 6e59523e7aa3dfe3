"""One layer of the encoder: attention and feed-forward part, each with its residual path and norm.

BERT norms behind each residual path (Vaswani et al. 2017, sections 3.1 and 3.3; W_1, W_2 in their notation):

    m_i = LayerNorm(x_i + o_i)
    y_i = LayerNorm(m_i + GELU(m_i W_1 + b_1) W_2 + b_2)

ModernBERT norms before each part instead, and its feed-forward part has a gate (Warner et al. 2024):

    m_i = x_i + o_i                      o from LayerNorm(x), of the first layer from x itself
    y_i = m_i + (GELU(u_i) * g_i) W_2    [u_i, g_i] = LayerNorm(m_i) W_1

On paper, with x and o of one token in 2 dimensions, norm weights 1, biases 0, W_1 = W_2 the identity:

    x = [1, 0], o = [1, 4]: x + o = [2, 4] -> m = [-1, 1] -> GELU = [-0.1587, 0.8413]
    m + GELU(m) = [-1.1587, 1.8413] -> y = [-1, 1]
"""

from dataclasses import dataclass

import numpy as np

from bert_explorer.analysis.anatomy.arithmetic import activate, layer_norm, linear
from bert_explorer.analysis.anatomy.attention import (
    Projections,
    attention_weights,
    join_heads,
    mix,
    project,
)
from bert_explorer.results import Blueprint, FloatArray, PartWeights


@dataclass(frozen=True)
class LayerSteps:
    """Every intermediate result of one layer; vectors are (seq_len, hidden_size) unless said otherwise.

    The attention weights are not kept: (num_heads, seq_len, seq_len) is large, and ``projections`` give them
    again for the one head that is looked at.
    """

    x: FloatArray  # the layer's input
    attended: FloatArray  # what attention reads: x, or its norm (pre-norm families)
    projections: Projections
    mixed: FloatArray  # (seq_len, num_heads * head_size): z of all heads, side by side
    attention_output: FloatArray  # o
    attention_sum: FloatArray  # x + o
    middle: FloatArray  # m
    read: FloatArray  # what the feed-forward part reads: m, or its norm
    up: FloatArray  # (seq_len, intermediate_size), of a gated part twice as wide
    active: FloatArray  # (seq_len, intermediate_size) behind the activation, and the gate
    down: FloatArray
    output_sum: FloatArray  # m + down
    output: FloatArray  # y


def compute_layer(x: FloatArray, weights: PartWeights, blueprint: Blueprint, layer: int) -> LayerSteps:
    """All steps of one layer from its input ``x`` (seq_len, hidden_size)."""
    pre = blueprint.pre_norm
    attended = _norm(x, weights, "attention_norm") if pre else x
    projections = project(attended, weights, blueprint, layer)
    mixed = join_heads(mix(projections, attention_weights(projections)))
    attention_output = linear(mixed, weights, "attention_output")
    attention_sum = x + attention_output
    middle = attention_sum if pre else layer_norm(attention_sum, weights, "attention_norm")
    read = layer_norm(middle, weights, "output_norm") if pre else middle
    up = linear(read, weights, "up")
    active = _activate(up, blueprint)
    down = linear(active, weights, "down")
    output_sum = middle + down
    output = _norm(output_sum, weights, "final_norm" if pre else "output_norm")
    return LayerSteps(
        x=x,
        attended=attended,
        projections=projections,
        mixed=mixed,
        attention_output=attention_output,
        attention_sum=attention_sum,
        middle=middle,
        read=read,
        up=up,
        active=active,
        down=down,
        output_sum=output_sum,
        output=output,
    )


def _norm(x: FloatArray, weights: PartWeights, name: str) -> FloatArray:
    """The norm NAME; ModernBERT's first layer has none before attention, and only its last a final one."""
    return layer_norm(x, weights, name) if f"{name}.weight" in weights.arrays else x


def _activate(up: FloatArray, blueprint: Blueprint) -> FloatArray:
    if not blueprint.pre_norm:
        return activate(up, blueprint.activation)
    inner, gate = np.split(up, 2, axis=-1)
    return np.asarray(activate(inner, blueprint.activation) * gate)
