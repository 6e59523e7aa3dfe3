"""The head that names a word (Devlin et al. 2019, section 3.1, "Task #1: Masked LM").

    t = LayerNorm(GELU(h W_T + b_T))                (embedding_size,)
    l_w = t . E[w] + b_w                             one logit for each word w of the vocabulary
    p_w = exp(l_w) / sum_w exp(l_w)

E is the table of word embeddings in which the walk began: the head asks which word's embedding is most like
t.

On paper, 2 dimensions, 2 words, W_T the identity, norm weights 1, biases 0, E = [[1, 0], [0, 1]]:

    h = [1, 0] -> GELU = [0.8413, 0] -> t = [1, -1] -> l = [1, -1] -> p = [0.8808, 0.1192]
"""

from dataclasses import dataclass

import numpy as np

from bert_explorer.analysis.anatomy.arithmetic import activate, layer_norm, linear
from bert_explorer.results import Blueprint, FloatArray, PartWeights


@dataclass(frozen=True)
class WordSteps:
    """The steps for one token; ``logits`` and ``log_probabilities`` are (vocab_size,)."""

    hidden: FloatArray  # (hidden_size,) behind the last layer
    dense: FloatArray  # (embedding_size,)
    active: FloatArray
    transformed: FloatArray  # t
    logits: FloatArray
    log_probabilities: FloatArray


def name_word(hidden: FloatArray, weights: PartWeights, blueprint: Blueprint) -> WordSteps:
    """From one last hidden state (hidden_size,) to the vocabulary."""
    dense = linear(hidden, weights, "dense")
    active = activate(dense, blueprint.head_activation)
    transformed = layer_norm(active, weights, "norm")
    logits = linear(transformed, weights, "decoder")
    largest = logits.max()
    total = np.log(np.exp((logits - largest).astype(np.float64)).sum())
    log_probabilities = np.asarray(logits - largest - total, dtype=np.float32)
    return WordSteps(hidden, dense, active, transformed, logits, log_probabilities)
