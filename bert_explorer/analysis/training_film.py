"""What a film of a training shows: where its examples are, who flips when, which layers move.

One basis for all moments. The vectors of each moment are centred on their own mean, all moments are laid
together, and one PCA draws them all: a point that moves has moved, and nothing is turned from picture to
picture. What all examples do together (the drift of the whole cloud) is not in it.

An example flips where it is right at one moment and wrong at the next, or the other way round. Between two
moments it may have flipped twice unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.projection import compute_pca
from bert_explorer.results import FloatArray, IntArray, TrainingFilm

REGRESSION, QUESTIONS = "regression", "question-answering"
MANY_LABELS = "multi-label"
ALL = "all examples"


@dataclass(frozen=True)
class FilmPlaces:
    """``coordinates`` (num_moments, num_items, 2); ``shares[m]`` of moment m's variance that they keep."""

    coordinates: FloatArray
    shares: FloatArray


@dataclass(frozen=True)
class GroupCurve:
    """Examples of one true label: ``accuracies`` and ``certainties`` (num_moments,), see ``true_values``."""

    label: str
    count: int
    accuracies: FloatArray
    certainties: FloatArray


def project_moments(film: TrainingFilm, layer: int) -> FilmPlaces:
    """The items behind one of ``film.layers``, at every moment."""
    vectors = film.vectors[:, film.layers.index(layer)].astype(np.float64)  # (moments, items, hidden)
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    coordinates, _ = compute_pca(centred.reshape(-1, centred.shape[-1]), 2)
    placed = coordinates.reshape(*centred.shape[:2], 2)
    whole, kept = (centred**2).sum(axis=(1, 2)), (placed**2).sum(axis=(1, 2))
    shares = np.divide(kept, whole, out=np.zeros_like(whole), where=whole > 0)
    return FilmPlaces(placed.astype(np.float32), shares.astype(np.float32))


def true_values(film: TrainingFilm) -> FloatArray:
    """(num_moments, num_items): the probability of what is true; of a number how far the answer is from it.

    Of a label set the mean over its labels, each there or not.
    """
    if film.task == QUESTIONS:
        return film.answers[..., 0]
    if film.task == REGRESSION:
        true = np.array([float(item.label) for item in film.items])
        return np.asarray(np.abs(film.answers[..., 0] - true), dtype=np.float32)
    if film.task == MANY_LABELS:
        sets = [_labels_of(item.label, film.labels) for item in film.items]
        is_true = np.array([[label in chosen for label in film.labels] for chosen in sets])
        found = np.where(is_true, film.answers, 1 - film.answers)
        return np.asarray(found.mean(axis=-1), dtype=np.float32)
    ids = [film.labels.index(item.label) for item in film.items]
    return film.answers[:, np.arange(len(ids)), ids]


def _labels_of(joined: str, labels: Sequence[str]) -> set[str]:
    """The labels of a set that was written with commas between them, in the order of ``labels``."""
    found: set[str] = set()
    for label in labels:
        if joined == label or joined.startswith(f"{label}, "):
            found.add(label)
            joined = joined[len(label) + 2 :]
    return found


def answers_in_words(film: TrainingFilm, moment: int) -> list[str]:
    """What is answered to each item; of a question only whether its span is found."""
    if film.task == QUESTIONS:
        return ["right span" if right else "another span" for right in film.rights[moment]]
    if film.task == REGRESSION:
        return [f"{value:.3g}" for value in film.answers[moment, :, 0]]
    if film.task == MANY_LABELS:
        return [
            ", ".join(label for label, value in zip(film.labels, row, strict=True) if value > 0.5)
            for row in film.answers[moment]
        ]
    return [film.labels[int(row.argmax())] for row in film.answers[moment]]


def group_curves(film: TrainingFilm) -> list[GroupCurve]:
    """One curve a true label; one for all where labels are sets or numbers."""
    values = true_values(film)
    whole = film.task in (REGRESSION, MANY_LABELS)
    names = [ALL if whole else item.label for item in film.items]
    order = [ALL] if whole else [label for label in (film.labels or ()) if label in names]
    order += sorted(set(names) - set(order))
    curves = []
    for name in order:
        rows = [row for row, other in enumerate(names) if other == name]
        accuracy = film.rights[:, rows].mean(axis=1).astype(np.float32)
        curves.append(GroupCurve(name, len(rows), accuracy, values[:, rows].mean(axis=1)))
    return curves


def count_flips(rights: NDArray[np.bool_]) -> IntArray:
    """(num_moments, num_items) -> (num_items,): changes between right and wrong."""
    return np.asarray((rights[1:] != rights[:-1]).sum(axis=0))


def right_since(film: TrainingFilm) -> list[int | None]:
    """The step from which on each item is right to the end; None where it ends wrong."""
    steps: list[int | None] = []
    for item in range(len(film.items)):
        wrong = np.flatnonzero(~film.rights[:, item])
        if not len(wrong):
            steps.append(int(film.steps[0]))
        else:
            steps.append(int(film.steps[wrong[-1] + 1]) if wrong[-1] + 1 < len(film) else None)
    return steps


def vector_moves(film: TrainingFilm) -> FloatArray:
    """(num_moments, num_layers): the mean over items of |v - v0| / |v0|."""
    vectors = film.vectors.astype(np.float64)
    lengths = np.maximum(np.linalg.norm(vectors[0], axis=-1), np.finfo(np.float32).tiny)
    moves = np.linalg.norm(vectors - vectors[0], axis=-1) / lengths
    return np.asarray(moves.mean(axis=-1), dtype=np.float32)


def one_answer(film: TrainingFilm) -> str | None:
    """The one label that is given to all examples at the end, where there is such a one."""
    if film.task in (REGRESSION, QUESTIONS):
        return None
    given = set(answers_in_words(film, len(film) - 1))
    return given.pop() if len(given) == 1 and len({item.label for item in film.items}) > 1 else None


def name_items(film: TrainingFilm, *, with_texts: bool) -> list[str]:
    """What stands for each example: its text, or the line that it has in the file."""
    if not with_texts:
        return [f"line {item.line}" for item in film.items]
    return [_name(item.text, item.pair, item.word) for item in film.items]


def _name(text: str, pair: str | None, word: str) -> str:
    if word:
        return f"{word} | {text}"
    return text if pair is None else f"{text} | {pair}"


def select_moment(wanted: str | None, film: TrainingFilm) -> int:
    """The moment that a link names by its step: the last one not after it; the end without a name."""
    steps: Sequence[int] = film.steps.tolist()
    if wanted is None or not wanted.isascii() or not wanted.isdigit() or len(wanted) > 9:
        return len(steps) - 1
    return max((index for index, step in enumerate(steps) if step <= int(wanted)), default=0)
