"""Vectors of texts and words, and what is read off them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results.arrays import FloatArray
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class HiddenStates:
    """Outputs of the layers asked for: 0 is the embedding output, ``num_layers`` the last layer.

    ``hidden_states[i]`` belongs to layer ``layers[i]``.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    hidden_states: FloatArray  # (len(layers), seq_len, hidden_size)


@dataclass(frozen=True)
class Embeddings:
    """One vector a row: a whole text, or one token of a text.

    ``rows[i]`` names the text that vector i came from (its index in the input), ``items[i]`` is
    what to print for it: the text, or the token.
    """

    vectors: FloatArray  # (num_items, hidden_size)
    items: tuple[str, ...]
    rows: tuple[int, ...]
    layer: int
    pooling: str  # mean, cls or token


@dataclass(frozen=True)
class Projection:
    """Vectors drawn in 2 or 3 dimensions. ``explained_variance`` is the share kept, PCA only."""

    coordinates: FloatArray  # (num_items, 2 or 3)
    method: str  # pca or tsne
    seed: int
    explained_variance: tuple[float, ...] = ()


@dataclass(frozen=True)
class LayerFilm:
    """The same points in every layer, each layer turned onto the one before it.

    ``shares[i]`` is the share of variance that layer i's picture keeps, ``disparities[i]`` how much the
    picture changed from the layer before: 0 nothing, 2 everything; 0 for the first.
    """

    layers: tuple[int, ...]
    coordinates: FloatArray  # (num_layers, num_points, 2 or 3)
    shares: tuple[float, ...]  # (num_layers,)
    disparities: tuple[float, ...]  # (num_layers,)


@dataclass(frozen=True)
class WordSenses:
    """One word in many sentences, layer by layer, against the senses that people gave it.

    ``senses`` has one entry a sentence, ``names`` each sense once. ``similarities[layer, sentence, sense]``
    is the cosine of the word's vector with the mean of that sense's other sentences; the largest is the
    guess.
    """

    word: str
    sentences: tuple[str, ...]
    senses: tuple[str, ...]
    names: tuple[str, ...]
    similarities: FloatArray  # (num_layers, num_sentences, num_senses)
    silhouettes: tuple[float, ...]  # (num_layers,)
    film: LayerFilm

    @property
    def hits(self) -> NDArray[np.bool_]:
        """(num_layers, num_sentences) whether the guess is the sense."""
        labels = np.array([self.names.index(sense) for sense in self.senses])
        return np.asarray(self.similarities.argmax(axis=2) == labels)

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """(num_layers,) share of the sentences whose sense was guessed."""
        return np.asarray(self.hits.mean(axis=1))

    @property
    def majority(self) -> float:
        """Share of the most frequent sense: what a guess without looking reaches."""
        return max(self.senses.count(name) for name in self.names) / len(self.senses)


@dataclass(frozen=True)
class ProbeReport:
    """Linear probes of every layer, measured on ``num_test`` examples that they have not seen.

    ``hits[layer]`` and ``control_hits[layer]`` count right answers of the probe and of the probe of the
    control task; ``majority_hits`` and ``surface_hits`` those of the two baselines without vectors.
    ``kind`` is "texts" or "words".
    """

    labels: tuple[str, ...]
    kind: str
    num_train: int
    num_test: int
    hits: tuple[int, ...]  # (num_layers,)
    control_hits: tuple[int, ...]  # (num_layers,)
    majority_hits: int
    surface_hits: int
    seed: int
