"""How much of a run's labels each layer knew before the training, and knows after it.

For the base and for the tuned model: a linear probe a layer (see probes), trained on rows that the run
learned from and measured on its held-out ones, so that both models are asked for the same rows. What stands
for a text is the vector of [CLS], which the head of the run reads; for a word, the mean of its pieces.

The tuned model has seen the labels of the rows that its probe learns from. A probe that does well on held-out
rows found what carries over; one that only follows what was learned by heart does not.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.moved import check_comparable
from bert_explorer.analysis.probes import count_hits
from bert_explorer.analysis.treebank_words import NO_WORD, group_tokens
from bert_explorer.errors import InputError
from bert_explorer.models.requests import HiddenStatesRequest
from bert_explorer.results import FloatArray, HiddenStates, IntArray, ProbePair, ProbeRow

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
MAX_TRAIN, MAX_TEST = 300, 200  # rows that are read
MIN_TEST = 2
WINDOW = 16  # texts under way at a time


def probe_both(
    base: "Engine",
    tuned: "Engine",
    task: str,
    rows: Sequence[ProbeRow],
    held_out: NDArray[np.bool_],
    *,
    progress: Progress | None = None,
) -> ProbePair:
    """``held_out[i]`` says on which side of the run's split row i is.

    Raises InputError where a side has too few labels to learn or to measure.
    """
    check_comparable(base.info, tuned.info)
    chosen = [*_some(np.flatnonzero(~held_out), MAX_TRAIN), *_some(np.flatnonzero(held_out), MAX_TEST)]
    rows, is_test = [rows[index] for index in chosen], held_out[chosen]
    vectors, names, owners = _read(base, rows, _part(progress, 0, len(rows)))
    tuned_vectors, *_ = _read(tuned, rows, _part(progress, len(rows), len(rows)))
    labels = np.array(names)
    train, test = np.flatnonzero(~is_test[owners]), np.flatnonzero(is_test[owners])
    _check(labels, train, test)
    base_hits, tuned_hits = (
        tuple(count_hits(layer, labels, train, test) for layer in one) for one in (vectors, tuned_vectors)
    )
    different, counts = np.unique(labels[train], return_counts=True)
    majority = int((labels[test] == different[counts.argmax()]).sum())
    return ProbePair(task, tuple(different.tolist()), len(train), len(test), base_hits, tuned_hits, majority)


def _part(progress: Progress | None, before: int, count: int) -> Callable[[int], None]:
    """Progress of one of the two models."""

    def tell(done: int) -> None:
        if progress is not None:
            progress(before + done, 2 * count)

    return tell


def _read(
    engine: "Engine", rows: Sequence[ProbeRow], tell: Callable[[int], None]
) -> tuple[FloatArray, list[str], IntArray]:
    """(num_layers + 1, num_labels, hidden_size); the labels, and the row that each belongs to."""
    layers = tuple(range(engine.info.num_layers + 1))
    requests = (HiddenStatesRequest(row.text, row.pair, True, layers) for row in rows)
    vectors: list[FloatArray] = []
    labels: list[str] = []
    owners: list[int] = []
    for index, (row, states) in enumerate(zip(rows, engine.map(requests, window=WINDOW), strict=True)):
        words, found = read_words(states, row) if row.spans else ([0], states.hidden_states[:, :1])
        vectors.append(found)
        labels += [row.labels[word] for word in words]
        owners += [index] * len(words)
        tell(index + 1)
    return np.concatenate(vectors, axis=1), labels, np.array(owners, dtype=np.int64)


def read_words(states: HiddenStates, row: ProbeRow) -> tuple[list[int], FloatArray]:
    """The words that the model reads, and their vectors (num_layers + 1, num_words, hidden_size)."""
    owners, units = group_tokens(states.tokens, row.spans)
    kept = [index for index, owner in enumerate(owners) if owner != NO_WORD]
    found = [states.hidden_states[:, list(units.groups[index])].mean(axis=1) for index in kept]
    nothing = np.zeros((len(states.layers), 0, states.hidden_states.shape[-1]), dtype=np.float32)
    return [int(owners[index]) for index in kept], np.stack(found, axis=1) if found else nothing


def _some(rows: NDArray[np.int64], limit: int) -> list[int]:
    """Evenly taken."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), limit)).round().astype(int))
    return [int(row) for row in rows[places]]


def _check(labels: NDArray[np.str_], train: IntArray, test: IntArray) -> None:
    if len(test) < MIN_TEST:
        raise InputError(
            f"There are {len(test)} held-out rows to measure a probe with; at least {MIN_TEST} are needed. "
            "Keep more rows when you train."
        )
    if len(set(labels[train].tolist())) < 2:
        raise InputError("All rows to learn from have one label, so there is nothing to read off.")
