"""Attention, and the heads that pay it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results.arrays import FloatArray, IntArray
from bert_explorer.results.guesses import MaskedWords
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class Attention:
    """Attention weights of the layers asked for; every query row sums to 1.

    ``attentions[i, head, query, key]`` belongs to layer ``layers[i]``.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    attentions: FloatArray  # (len(layers), num_heads, seq_len, seq_len)


@dataclass(frozen=True)
class CompactAttention:
    """The same weights in half precision, for texts so long that single precision is too much to keep.

    A weight is off by at most 0.05 % of itself; what is below 0.00000003 is 0.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    half_attentions: NDArray[np.float16]  # (len(layers), num_heads, seq_len, seq_len)

    @property
    def num_heads(self) -> int:
        return int(self.half_attentions.shape[1])

    def expand(self, layers: Sequence[int] | None = None) -> Attention:
        """The weights of some layers (all without a choice) in single precision."""
        chosen = self.layers if layers is None else tuple(layers)
        rows = [self.layers.index(layer) for layer in chosen]
        return Attention(self.tokens, chosen, self.half_attentions[rows].astype(np.float32))


@dataclass(frozen=True)
class ValueNorms:
    """How long the vectors are that attention mixes (Kobayashi et al. 2020).

    Head h of a layer adds ``sum_j A[h, i, j] f_h(x_j)`` to token i, where ``f_h(x_j)`` is the value vector of
    token j carried through the head's part of the output projection. ``vector_norms`` are ``|f_h(x_j)|``,
    ``mixed_norms`` are ``|sum_h A[h, i, j] f_h(x_j)|``: what all heads together bring from j to i.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    vector_norms: FloatArray  # (len(layers), num_heads, key)
    mixed_norms: FloatArray  # (len(layers), query, key)


@dataclass(frozen=True)
class AttentionGradients:
    """``products[i, head, query, key]`` = weight times the derivative of ``log_probability`` by it, in nats.

    To first order it is what the log probability would lose if this one weight were 0.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    products: FloatArray  # (len(layers), num_heads, seq_len, seq_len)
    log_probability: float


@dataclass(frozen=True)
class AttentionSummaries:
    """Scores of every token by several methods, for one prediction (see analysis/attention_summaries).

    ``scores[m, j]`` is by ``methods[m]``. They are seen from the token at ``position``. ``prediction`` is the
    word or class asked about, with its log probability in nats; "" and None where the model predicts nothing.
    """

    tokens: Tokens
    methods: tuple[str, ...]
    scores: FloatArray  # (len(methods), seq_len)
    position: int
    prediction: str
    log_probability: float | None


@dataclass(frozen=True)
class HeadRelations:
    """How often each attention head points along each dependency relation of a treebank.

    ``hits[direction, relation, layer, head]`` of ``counts[relation]`` cases, direction 0: the dependent
    attends most to its head word; 1: the head word attends most to the dependent. ``offsets[relation]`` is
    the fixed distance (head word - dependent, in words) that is right most often: ``offset_hits`` times.
    """

    relations: tuple[str, ...]  # by number of cases, most first
    counts: IntArray  # (num_relations,)
    hits: IntArray  # (2, num_relations, num_layers, num_heads)
    offsets: IntArray  # (num_relations,)
    offset_hits: IntArray  # (num_relations,)
    num_sentences: int
    num_skipped: int  # sentences that do not fit into the model, or hold nothing to read


@dataclass(frozen=True)
class HeadAtlas:
    """Statistics of every head over some texts (see analysis/head_statistics).

    ``values[i, layer, head]`` is the statistic ``statistics[i]``, NaN where no token could be counted.
    ``distances`` are roots of mean Jensen-Shannon divergences, heads in the order of layers, then heads.
    """

    statistics: tuple[str, ...]
    values: FloatArray  # (num_statistics, num_layers, num_heads)
    distances: FloatArray  # (num_layers * num_heads, num_layers * num_heads)
    num_texts: int
    num_tokens: int

    def statistic(self, name: str) -> FloatArray:
        """(num_layers, num_heads) of one of ``statistics``."""
        values: FloatArray = self.values[self.statistics.index(name)]
        return values


@dataclass(frozen=True)
class WithoutHeads:
    """Answers with the heads (layer, head) in ``ablated`` off; None for what the model cannot say.

    ``words`` is None for a text without a mask; ``perplexity`` is that of the tokens that are no masks.
    """

    ablated: tuple[tuple[int, int], ...]
    words: MaskedWords | None
    probabilities: FloatArray | None  # (num_labels,)
    perplexity: float | None


@dataclass(frozen=True)
class HeadsComparison:
    """The same questions with all heads and without some; targets at masks are the best words of both."""

    whole: WithoutHeads
    without: WithoutHeads


@dataclass(frozen=True)
class PruningCurve:
    """What a model is worth with ``num_off[i]`` heads switched off (see analysis/pruning).

    ``measure`` is "accuracy" (higher is better) or "loss" (nats, lower is better), over ``num_measured``
    texts. ``order`` lists all heads (layer, head) in the order in which the greedy way lets them go.
    """

    measure: str
    num_off: IntArray  # (num_steps + 1,)
    greedy: FloatArray  # (num_steps + 1,)
    random: FloatArray  # (num_random, num_steps + 1)
    order: tuple[tuple[int, int], ...]
    num_measured: int


@dataclass(frozen=True)
class RelationHead:
    """One head on one relation: its accuracy with its 95 % interval, beside the best fixed offset's."""

    relation: str
    direction: int
    layer: int
    head: int
    accuracy: float
    interval: tuple[float, float]
    baseline: float
    offset: int
    count: int
