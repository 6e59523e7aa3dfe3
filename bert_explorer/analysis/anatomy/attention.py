"""Self-attention of one layer (Vaswani et al. 2017, section 3.2).

    q_i = x_i W_Q + b_Q     k_j = x_j W_K + b_K     v_j = x_j W_V + b_V        (head_size,) each
    s_ij = q_i . k_j / sqrt(head_size) + m_ij                                  section 3.2.1
    a_ij = exp(s_ij) / sum_j exp(s_ij)
    z_i = sum_j a_ij v_j                                                       one head
    o_i = concat(z_i of all heads) W_O + b_O                                   section 3.2.2

The mask m is 0 for one text alone: only padding, and in ModernBERT's local layers what is too far, is -inf.
MPNet adds a learned bias by distance to s; ModernBERT turns q and k by their positions (Su et al. 2021);
DeBERTa scores distances by query and by key (see ``disentangled``) and divides by sqrt(3 head_size).

On paper, 2 tokens, 2 dimensions, 1 head, W_Q = W_K = W_V = W_O the identity, no biases:

    x = [[1, 0], [0, sqrt 2 ln 3]]
    s = x x^T / sqrt 2 = [[0.7071, 0], [0, sqrt 2 (ln 3)^2]] = [[0.7071, 0], [0, 1.7069]]
    a = [[0.6698, 0.3302], [0.1536, 0.8464]]
    z = a x = [[0.6698, 0.5131], [0.1536, 1.3151]]
"""

from dataclasses import dataclass, replace

import numpy as np

from bert_explorer.analysis.anatomy.arithmetic import linear, softmax
from bert_explorer.analysis.anatomy.disentangled import score_distances, table_maps, token_rows
from bert_explorer.results import Blueprint, FloatArray, IntArray, PartWeights

BUCKETS, FARTHEST = 32, 128  # of MPNet's distances, fixed in its definition


@dataclass(frozen=True)
class Projections:
    """Queries, keys and values of all heads, each (num_heads, seq_len, head_size), as they are compared.

    ``bias`` is what is added to the scaled products: (num_heads or 1, query, key), None for nothing.
    ``terms`` is how many products share one score: 1, and 3 in DeBERTa.
    """

    query: FloatArray
    key: FloatArray
    value: FloatArray
    bias: FloatArray | None
    terms: int = 1

    @property
    def root(self) -> np.float32:
        """What products are divided by: sqrt(terms * head_size)."""
        return np.float32(np.sqrt(self.terms * self.query.shape[-1]))


def project(x: FloatArray, weights: PartWeights, blueprint: Blueprint, layer: int) -> Projections:
    """Queries, keys and values from the layer's input ``x`` (seq_len, hidden_size)."""
    if "qkv.weight" in weights.arrays:
        query, key, value = np.split(linear(x, weights, "qkv"), 3, axis=-1)
    else:
        query, key, value = (linear(x, weights, name) for name in ("query", "key", "value"))
    q, k, v = (split_heads(item, blueprint.num_heads) for item in (query, key, value))
    if blueprint.rotary_bases:
        q, k = (rotate(item, blueprint.rotary_bases[layer]) for item in (q, k))
    if blueprint.disentangled is not None:
        return _with_distances(Projections(q, k, v, None), weights, blueprint)
    return Projections(q, k, v, _score_bias(len(x), weights, blueprint, layer))


def _with_distances(parts: Projections, weights: PartWeights, blueprint: Blueprint) -> Projections:
    asked = blueprint.disentangled
    assert asked is not None
    keys, queries = (
        None if table is None else split_heads(table, blueprint.num_heads)
        for table in table_maps(weights, asked)
    )
    rows = token_rows(parts.query.shape[1], asked)
    added = score_distances(parts.query, parts.key, keys, queries, rows)
    found = replace(parts, terms=1 + len(asked.terms))
    return replace(found, bias=np.asarray(added / found.root, dtype=np.float32))


def split_heads(x: FloatArray, num_heads: int) -> FloatArray:
    """(seq_len, num_heads * head_size) -> (num_heads, seq_len, head_size)."""
    seq_len, size = x.shape
    return x.reshape(seq_len, num_heads, size // num_heads).transpose(1, 0, 2)


def join_heads(x: FloatArray) -> FloatArray:
    """The inverse of ``split_heads``: heads side by side."""
    num_heads, seq_len, head_size = x.shape
    return x.transpose(1, 0, 2).reshape(seq_len, num_heads * head_size)


def attention_scores(parts: Projections) -> FloatArray:
    """(num_heads, query, key): ``q . k / sqrt(terms * head_size)`` and the bias, before the softmax."""
    scores = parts.query @ parts.key.transpose(0, 2, 1) / parts.root
    return np.asarray(scores if parts.bias is None else scores + parts.bias, dtype=np.float32)


def attention_weights(parts: Projections) -> FloatArray:
    """(num_heads, query, key); every query row sums to 1."""
    return softmax(attention_scores(parts))


def mix(parts: Projections, weights: FloatArray) -> FloatArray:
    """(num_heads, seq_len, head_size): for each query the sum of all values, each times its weight."""
    return np.asarray(weights @ parts.value, dtype=np.float32)


def rotate(x: FloatArray, base: float) -> FloatArray:
    """Turn (heads, seq_len, head_size) by position: the pair (d, d + n/2) of n at place i by i base^(-2d/n).

    The product of a turned query and key then depends on the distance of their positions alone.
    """
    half = x.shape[-1] // 2
    speed = base ** (-np.arange(half) / half)  # (half,)
    angles = np.arange(x.shape[1])[:, None] * speed  # (seq_len, half)
    cosine, sine = np.cos(angles), np.sin(angles)
    first, second = x[..., :half], x[..., half:]
    turned = np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)
    return np.asarray(turned, dtype=np.float32)


def _score_bias(seq_len: int, weights: PartWeights, blueprint: Blueprint, layer: int) -> FloatArray | None:
    distance = np.arange(seq_len)[None, :] - np.arange(seq_len)[:, None]  # key - query
    if "relative_bias.weight" in weights.arrays:
        return weights.arrays["relative_bias.weight"][distance_buckets(distance)].transpose(2, 0, 1)
    window = blueprint.windows[layer] if blueprint.windows else None
    if window is None:
        return None
    return np.where(np.abs(distance) > window, -np.inf, 0.0).astype(np.float32)[None]


def distance_buckets(distance: IntArray) -> IntArray:
    """MPNet's row of the bias table for each distance key - query (Raffel et al. 2020, section 2.1).

    Half of the rows for keys behind the query; in each half one row a distance up to 7, then rows that widen
    with the logarithm up to 128: distance_buckets([0, -3, 3, 200]) = [0, 3, 19, 31].
    """
    half = BUCKETS // 2
    exact = half // 2
    far = np.maximum(np.abs(distance), 1).astype(np.float32)
    grown = np.log(far / exact) / np.float32(np.log(FARTHEST / exact)) * (half - exact)
    wide = np.minimum(exact + grown.astype(np.int64), half - 1)
    rows = np.where(np.abs(distance) < exact, np.abs(distance), wide)
    return np.asarray(rows + half * (distance > 0), dtype=np.int64)
