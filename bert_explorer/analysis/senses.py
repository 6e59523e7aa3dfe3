"""One word in many sentences: does the model's vector of it know which sense is meant?

After Coenen et al. (2019): the vectors of the word's occurrences that share a sense are averaged, and each
occurrence is given the sense of the nearest average. Here every occurrence is left out of its own average
(leave one out), and nearness is the cosine:

    sense(i) = argmax_s cos(v_i, mean of {v_j : sense_j = s, j != i})

Two numbers a layer: the accuracy of that guess, against the share of the most frequent sense, and the
silhouette (Rousseeuw 1987) with cosine distances: per occurrence (b - a) / max(a, b), where a is its mean
distance to its own sense and b that to the nearest other one; 1 is apart, 0 is mixed.

What it does not say: that the model uses the sense. Sentences of one sense share other words as well.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.anisotropy import normalize_rows
from bert_explorer.analysis.embeddings import check_texts, find_words
from bert_explorer.analysis.layer_film import make_film
from bert_explorer.errors import InputError
from bert_explorer.models.requests import HiddenStatesRequest
from bert_explorer.results import FloatArray, HiddenStates, WordSenses

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MIN_PER_SENSE = 2
MAX_SENTENCES = 500
Matrix = NDArray[np.float64]


def compute_senses(
    engine: "Engine", word: str, sentences: Sequence[str], senses: Sequence[str]
) -> WordSenses:
    """Vectors of ``word`` in each sentence, by layer, against ``senses``, one a sentence.

    The word is looked for as it is, in upper or lower case; where a sentence holds it twice, the first
    counts. Raises InputError for a sentence without it, a single sense, a sense of one sentence, or more
    than 500 sentences.
    """
    check_texts(sentences)
    _check_senses(word, sentences, senses)
    layers = tuple(range(engine.info.num_layers + 1))
    requests = (HiddenStatesRequest(text, truncate=True, layers=layers) for text in sentences)
    vectors = np.stack(
        [_find_vector(states, word, line) for line, states in enumerate(engine.map(requests), start=1)],
        axis=1,
    )  # (num_layers, num_sentences, hidden_size)
    names = tuple(sorted(set(senses)))
    labels = np.array([names.index(sense) for sense in senses])
    measured = [compare_with_senses(layer, labels) for layer in vectors]
    return WordSenses(
        word,
        tuple(sentences),
        tuple(senses),
        names,
        np.stack(measured).astype(np.float32),
        tuple(compute_silhouette(layer, labels) for layer in vectors),
        make_film(vectors, layers),
    )


def compare_with_senses(vectors: FloatArray, labels: NDArray[np.int64]) -> Matrix:
    """(num_sentences, num_senses) cosine of each vector with the mean of each sense, itself left out."""
    values = vectors.astype(np.float64)
    members = labels[:, None] == np.arange(labels.max() + 1)  # (num_sentences, num_senses)
    sums, counts = members.T @ values, members.sum(axis=0)
    left = sums[None] - members[..., None] * values[:, None]  # (num_sentences, num_senses, hidden_size)
    means = left / (counts - members)[..., None]
    lengths = np.linalg.norm(means, axis=2) * np.linalg.norm(values, axis=1)[:, None]
    products = np.einsum("id,isd->is", values, means)
    return np.asarray(np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0))


def compute_silhouette(vectors: FloatArray, labels: NDArray[np.int64]) -> float:
    """Mean silhouette over all rows with cosine distances, in [-1, 1]."""
    units = normalize_rows(vectors.astype(np.float64))
    distances = 1 - units @ units.T
    np.fill_diagonal(distances, 0)
    members = labels[:, None] == np.arange(labels.max() + 1)
    counts = members.sum(axis=0)
    sums = distances @ members  # (num_rows, num_senses)
    own = sums[members] / np.maximum(counts[labels] - 1, 1)
    others = np.where(members, np.inf, sums / counts).min(axis=1)
    largest = np.maximum(own, others)
    values = np.divide(others - own, largest, out=np.zeros_like(own), where=largest > 0)
    return float(values.mean())


def _find_vector(states: HiddenStates, word: str, line: int) -> FloatArray:
    """(num_layers, hidden_size): the mean of the word's pieces in one sentence."""
    for found, positions in find_words(states.tokens):
        if found.casefold() == word.casefold():
            vectors: FloatArray = states.hidden_states[:, positions].mean(axis=1)
            return vectors
    raise InputError(
        f"Sentence {line} does not hold the word '{word}', or only after the place where the model stops "
        "reading. Write the word as it is asked for, without an ending, or remove the sentence."
    )


def _check_senses(word: str, sentences: Sequence[str], senses: Sequence[str]) -> None:
    if not word.strip() or len(word.split()) != 1:
        raise InputError(f"'{word}' is not one word. Type the word that the sentences have in common.")
    if len(sentences) > MAX_SENTENCES:
        raise InputError(f"There are {len(sentences):,} sentences; at most {MAX_SENTENCES} are compared.")
    if not all(sense.strip() for sense in senses):
        line = [bool(sense.strip()) for sense in senses].index(False) + 1
        raise InputError(f"Sentence {line} has no sense. Write the sense before it, and a tab between.")
    counts = {sense: list(senses).count(sense) for sense in senses}
    if len(counts) < 2:
        raise InputError(f"All sentences have the sense '{senses[0]}'. Give a second one.")
    for sense, count in counts.items():
        if count < MIN_PER_SENSE:
            raise InputError(
                f"The sense '{sense}' has one sentence. Give at least {MIN_PER_SENSE}: one is left out."
            )
