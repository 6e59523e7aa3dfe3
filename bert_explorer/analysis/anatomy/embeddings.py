"""From token ids to the first hidden states (Devlin et al. 2019, section 3, "Input/Output Representations").

    h_i = LayerNorm(E[id_i] + P[i] + S[segment_i])        all (hidden_size,)

A segment is the first or the second text. Unlike the sines of Vaswani et al. 2017 (section 3.5), the
positions P are learned. DistilBERT has no segments; RoBERTa and its kin count positions from the padding
id + 1; ELECTRA and ALBERT use smaller embeddings and project them to hidden_size; ModernBERT adds no
positions here.

On paper, 2 tokens and 2 dimensions, norm weights 1 and biases 0:

    E = [[1, 0], [0, 2]]   P = [[0, 1], [1, 1]]   S = [[1, 0]]
    ids [0, 1] -> sums [[2, 1], [2, 3]] -> means 1.5 and 2.5 -> [[1, -1], [-1, 1]]
"""

from dataclasses import dataclass

import numpy as np

from bert_explorer.analysis.anatomy.arithmetic import layer_norm, linear
from bert_explorer.results import Blueprint, FloatArray, IntArray, PartWeights


@dataclass(frozen=True)
class EmbeddingSteps:
    """All (seq_len, embedding_size), ``output`` (seq_len, hidden_size); None where the family has none."""

    word: FloatArray
    position: FloatArray | None
    segment: FloatArray | None
    total: FloatArray  # the sum of the three
    normed: FloatArray
    output: FloatArray  # normed, or its projection


def embed(
    input_ids: IntArray, segment_ids: IntArray, weights: PartWeights, blueprint: Blueprint
) -> EmbeddingSteps:
    """The steps for one text; row i of the word table in ``weights`` belongs to token i."""
    word = total = weights.arrays["word.weight"]
    position = segment = None
    if "position.weight" in weights.arrays:
        rows = position_ids(input_ids, blueprint.position_pad_id)
        position = weights.arrays["position.weight"][rows]
        total = total + position
    if "segment.weight" in weights.arrays:
        segment = weights.arrays["segment.weight"][segment_ids]
        total = total + segment
    normed = layer_norm(total, weights, "norm")
    output = linear(normed, weights, "project") if "project.weight" in weights.arrays else normed
    return EmbeddingSteps(word, position, segment, total, normed, output)


def position_ids(input_ids: IntArray, pad_id: int | None) -> IntArray:
    """(seq_len,) rows of the position table: 0, 1, 2 ...; with a ``pad_id`` from the number behind it.

    position_ids([5, 6, 1], None) = [0, 1, 2]; position_ids([5, 6, 1], 1) = [2, 3, 1], since a typed pad token
    has no place of its own.
    """
    if pad_id is None:
        return np.arange(len(input_ids))
    counts = input_ids != pad_id
    return np.asarray(np.cumsum(counts) * counts + pad_id, dtype=np.int64)


def similarity(table: FloatArray) -> FloatArray:
    """(rows, rows) cosine of the angle between every two rows; 0 where a row is all zeros.

    similarity([[1, 0], [1, 1]]) = [[1, 0.7071], [0.7071, 1]]
    """
    lengths = np.linalg.norm(table, axis=-1, keepdims=True)
    units = np.divide(table, lengths, out=np.zeros_like(table), where=lengths > 0)
    return np.asarray(units @ units.T)
