"""Predictions, and what a training changed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results.arrays import FloatArray, IntArray

GRADIENT_PREFIX = "gradient."  # of the names of metrics that are norms of a layer's gradient


@dataclass(frozen=True)
class Classification:
    """Probabilities of one input over a classifier's labels, in the order of ``labels``."""

    text: str
    labels: tuple[str, ...]
    probabilities: FloatArray  # (num_labels,)

    @property
    def label(self) -> str:
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def probability(self) -> float:
        return float(np.max(self.probabilities))


@dataclass(frozen=True)
class TrainingMetric:
    """One number measured while a model was fine-tuned, after ``step`` updates of its weights.

    ``name`` is ``loss`` or ``learning_rate`` (of the training batches), or ``eval_loss``,
    ``eval_accuracy`` or ``eval_macro_f1`` (of the rows kept for measuring).
    """

    step: int
    epoch: float
    name: str
    value: float


@dataclass(frozen=True)
class FilmItem:
    """A held-out example of a film: its line in the file, its text or pair, and its true label in words.

    ``word`` is the one whose tag is watched, where words have tags.
    """

    line: int
    text: str
    pair: str | None
    word: str
    label: str


@dataclass(frozen=True)
class TrainingFilm:
    """A few held-out examples at moments of a training, and how far the model has moved since its start.

    ``vectors[m, i, n]`` is the vector of item n behind layer ``layers[i]`` (1 is the first) at moment m: of
    [CLS], or of the first piece of a word. ``answers[m, n]`` are probabilities of the ``labels``; of a
    question that of its true span; of a number the number itself. ``rights[m, n]`` is whether the answer was
    right (never for a number). ``weight_changes[m, p]`` is |w - w0| / |w0| over the weights of ``parts[p]``,
    ``head_changes[m, layer, head]`` the mean of |c - c0| / |c0| over the items, with c what the head adds up
    of the values; both are NaN where nothing was measured.
    """

    task: str
    labels: tuple[str, ...]
    items: tuple[FilmItem, ...]
    steps: IntArray  # (num_moments,)
    epochs: NDArray[np.float64]  # (num_moments,)
    layers: tuple[int, ...]
    parts: tuple[str, ...]  # "embeddings", "1" and so on for layers, "head"
    vectors: NDArray[np.float16]  # (num_moments, num_layers, num_items, hidden_size)
    answers: FloatArray  # (num_moments, num_items, num_answers)
    rights: NDArray[np.bool_]  # (num_moments, num_items)
    weight_changes: FloatArray  # (num_moments, num_parts)
    head_changes: FloatArray  # (num_moments, num_layers, num_heads)
    spent_s: float  # what recording took of the training's time

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class WeightMoves:
    """|w - w0| / |w0| of a tuned model against its base; NaN where nothing could be compared."""

    embeddings: float
    layers: FloatArray  # (num_layers,), or (1,) where all layers are one
    heads: FloatArray  # (num_layers, num_heads): query, key, value and their part of the output projection


@dataclass(frozen=True)
class ModelMoves:
    """What a training changed, on texts that neither model has learned from (see analysis/moved).

    ``similarities[i]`` is the linear CKA of the token vectors of layer i in both models, 0 being the
    embeddings; ``divergences[layer, head]`` the mean Jensen-Shannon divergence of the two rows of attention
    of a token, in bits.
    """

    weights: WeightMoves
    similarities: FloatArray  # (num_layers + 1,)
    divergences: FloatArray  # (num_layers, num_heads)
    num_texts: int
    num_tokens: int


@dataclass(frozen=True)
class ProbeRow:
    """A labelled text or pair; with ``spans``, the characters of its words, each word has a label."""

    text: str
    pair: str | None
    labels: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class ProbePair:
    """Linear probes of every layer of a base and of the model tuned from it, on the same split.

    ``base_hits[layer]`` and ``tuned_hits[layer]`` count right answers among ``num_test`` rows that neither
    the probes nor the training have seen.
    """

    task: str  # what is read off, in words
    labels: tuple[str, ...]
    num_train: int
    num_test: int
    base_hits: tuple[int, ...]
    tuned_hits: tuple[int, ...]
    majority_hits: int
