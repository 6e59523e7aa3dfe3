"""What DeBERTa adds to the scores: content against distance (He et al. 2021, section 3.1).

    s_ij = (q_i . k_j  +  q_i . k'_r(i,j)  +  k_j . q'_r(i,j)) / sqrt(n head_size)

k' and q' are the keys and queries of a table with a row r for each distance i - j, n the number of terms (3).
The last term has r(j, i) in the paper; its published code, and so every checkpoint, has r(i, j). The maps
that make k' and q' are those of the tokens where a model shares them (version 3), else maps of their own.

Near distances have a row each, far ones share rows that widen with the logarithm (version 2):

    distance_rows([0, 3, -3, 40], buckets=16, reach=128) = [0, 3, -3, 13]
    since 40 lies behind 8 + 7 log(40 / 8) / log(127 / 8) = 12.07
"""

import numpy as np

from bert_explorer.analysis.anatomy.arithmetic import layer_norm, linear
from bert_explorer.results import Disentangled, FloatArray, IntArray, PartWeights


def distance_table(weights: PartWeights) -> FloatArray:
    """(2 * span, hidden_size): the row of distance d is ``span + d``; normed where the model does so."""
    table = weights.arrays["relative.weight"]
    return layer_norm(table, weights, "relative_norm") if "relative_norm.weight" in weights.arrays else table


def distance_rows(distance: IntArray, *, buckets: int, reach: int) -> IntArray:
    """The row of each distance, counted from that of distance 0; without ``buckets`` the distance itself."""
    if buckets <= 0:
        return distance
    exact = buckets // 2
    far = np.maximum(np.abs(distance), exact).astype(np.float32)
    widest = np.log(np.float32((reach - 1) / exact))
    grown = np.ceil(np.log(far / np.float32(exact)) / widest * np.float32(exact - 1)) + exact
    return np.where(np.abs(distance) <= exact, distance, np.sign(distance) * grown).astype(np.int64)


def score_distances(
    query: FloatArray,
    key: FloatArray,
    position_key: FloatArray | None,
    position_query: FloatArray | None,
    rows: IntArray,
) -> FloatArray:
    """(heads, query, key) of both terms, not yet divided; ``rows`` (query, key) are rows of the tables.

    ``query`` and ``key`` are (heads, seq_len, head_size), those of the table (heads, 2 * span, head_size).
    """
    total = np.zeros((len(query), *rows.shape), dtype=np.float32)
    if position_key is not None:
        products = query @ position_key.transpose(0, 2, 1)  # (heads, query, row)
        total = total + np.take_along_axis(products, rows[None], axis=2)
    if position_query is not None:
        products = position_query @ key.transpose(0, 2, 1)  # (heads, row, key)
        total = total + np.take_along_axis(products, rows[None], axis=1)
    return total


def table_maps(weights: PartWeights, asked: Disentangled) -> tuple[FloatArray | None, FloatArray | None]:
    """Keys and queries of the table, (2 * span, num_heads * head_size) each; None for a term without."""
    table = distance_table(weights)[: 2 * asked.span]

    def read(own: str, shared: str) -> FloatArray:
        return linear(table, weights, own if f"{own}.weight" in weights.arrays else shared)

    keys = read("relative_key", "key") if "c2p" in asked.terms else None
    queries = read("relative_query", "query") if "p2c" in asked.terms else None
    return keys, queries


def token_rows(seq_len: int, asked: Disentangled) -> IntArray:
    """(query, key): the row of the distance query - key, kept within the table."""
    distance = np.arange(seq_len)[:, None] - np.arange(seq_len)[None, :]
    rows = distance_rows(distance, buckets=asked.buckets, reach=asked.reach) + asked.span
    return np.asarray(np.clip(rows, 0, 2 * asked.span - 1))
