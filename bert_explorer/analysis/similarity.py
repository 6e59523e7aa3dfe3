"""How alike vectors are: all against all, and one against a collection; and which words carry a match.

    cos(a, b) = a . b / (|a| |b|)

A text's vector is the mean of its n token vectors h_j, so the cosine with a query q is a sum over tokens, and
each word of the text carries an exact part of it:

    cos(q, d) = sum_j  q . (h_j - m) / (n |q| |d|)        the parts of all tokens add up to the cosine

where m is what was subtracted from every vector (the collection's mean, or 0), and q and d are without it.
The parts of [CLS] and [SEP] are given as one. A text beyond the model's limit is read in windows, and n is
the number of tokens in all of them, as in its vector. This holds for the mean over one layer, and
no other pooling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.anisotropy import normalize_rows
from bert_explorer.analysis.embeddings import find_long, find_words
from bert_explorer.errors import InputError
from bert_explorer.models.requests import HiddenStatesRequest
from bert_explorer.results import FloatArray, HiddenStates

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Match:
    """One row of a collection, found at ``rank`` (from 1) with a cosine in [-1, 1]."""

    row: int
    rank: int
    cosine: float


@dataclass(frozen=True)
class Carried:
    """What each word of a text adds to its cosine with a query. All parts add up to ``cosine``."""

    words: tuple[str, ...]
    parts: tuple[float, ...]
    special: float  # [CLS], [SEP] and their kind together

    @property
    def cosine(self) -> float:
        return sum(self.parts) + self.special


def compute_similarities(rows: FloatArray, columns: FloatArray) -> Matrix:
    """(num_rows, num_columns) cosines; a vector of zeros is 0 to everything."""
    return np.asarray(normalize_rows(rows.astype(np.float64)) @ normalize_rows(columns.astype(np.float64)).T)


def find_nearest(query: FloatArray, vectors: FloatArray, count: int, *, centre: bool = False) -> list[Match]:
    """The ``count`` rows with the largest cosine to ``query`` (hidden_size,), best first; equals by row.

    With ``centre`` the collection's mean is subtracted from both. Exact: every row is compared. Raises
    InputError for vectors that are not finite.
    """
    if not (np.isfinite(vectors).all() and np.isfinite(query).all()):
        raise InputError("Some vectors hold values that are not finite numbers. Leave those rows out.")
    mean = collection_mean(vectors, centre=centre)
    cosines = compute_similarities((query - mean)[None], vectors - mean)[0]
    best = np.argsort(-cosines, kind="stable")[:count]
    return [Match(int(row), rank, float(cosines[row])) for rank, row in enumerate(best, start=1)]


def collection_mean(vectors: FloatArray, *, centre: bool) -> FloatArray:
    """(hidden_size,) what is subtracted: the mean of the collection, or zeros."""
    mean = vectors.mean(axis=0) if centre else np.zeros(vectors.shape[1])
    return np.asarray(mean, dtype=np.float32)


def explain_match(engine: "Engine", query: FloatArray, text: str, *, layer: int, mean: FloatArray) -> Carried:
    """Which words of ``text`` carry its match with ``query`` (hidden_size,), as it is before ``mean`` is
    subtracted. A text beyond the model's limit is read in windows, as its vector is.
    """
    pieces = engine.windows([text])[0] if len(find_long(engine, [text])) else (text,)
    requests = (HiddenStatesRequest(piece, layers=(layer,)) for piece in pieces)
    return carry_match(list(engine.map(requests)), query - mean, mean)


def carry_match(windows: Sequence[HiddenStates], query: FloatArray, mean: FloatArray) -> Carried:
    """The parts of each word, from the hidden states of one layer; ``query`` is without ``mean``."""
    read = np.concatenate([states.hidden_states[0] for states in windows])  # (num_tokens, hidden_size)
    hidden = read.astype(np.float64) - mean
    length = np.linalg.norm(hidden.mean(axis=0)) * np.linalg.norm(query)
    parts = hidden @ query.astype(np.float64) / (len(hidden) * length if length > 0 else np.inf)
    starts = np.cumsum([0, *(len(states.tokens) for states in windows)])
    words = [
        (word, start + np.array(positions))
        for states, start in zip(windows, starts[:-1], strict=True)
        for word, positions in find_words(states.tokens)
    ]
    is_special = np.concatenate([states.tokens.is_special for states in windows])
    return Carried(
        tuple(word for word, _ in words),
        tuple(float(parts[positions].sum()) for _, positions in words),
        float(parts[is_special].sum()),
    )


def most_alike(similarities: Matrix, count: int, *, same: bool) -> list[tuple[int, int]]:
    """(row, column) of the largest similarities, best first.

    ``same``: rows and columns are the same texts, so that each pair counts once and none with itself.
    """
    allowed = np.ones_like(similarities, dtype=bool)
    if same:
        allowed = np.triu(allowed, 1)
    values = np.where(allowed, similarities, -np.inf)
    order = np.argsort(-values, axis=None, kind="stable")[: min(count, int(allowed.sum()))]
    rows, columns = np.unravel_index(order, values.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def order_alike(similarities: Matrix) -> Sequence[int]:
    """Rows in an order that brings alike ones together (a walk to the nearest row not yet visited)."""
    left = set(range(1, len(similarities)))
    order = [0]
    while left:
        order.append(max(left, key=lambda row: similarities[order[-1], row]))
        left.remove(order[-1])
    return order
