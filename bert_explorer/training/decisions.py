"""Single decisions of a task that deserve a reader's eye: a word's tag, one label of a text, one number.

The same three questions as for classes (see review): which mistakes was the model surest of, which answers
were hardest for it, which labels of the file may be wrong. A number has no probability: its error stands in,
and it is suspected where the error lies far outside the usual ones and far from none,

    |error - median| > 3 MAD  and  |error| > 3 MAD,   MAD = 1.4826 median(|error - median|)

(Leys et al. 2013; 1.4826 makes it the standard deviation of normal errors). The second part spares a number
that is met while the model misses most others by the same amount. An answer to a question is
ordered by the F1 of its words, and never suspected: it may be worded in more ways than the file knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.review import find_suspects
from bert_explorer.training.scores import THRESHOLD, score_answers

YES, NO = "yes", "no"
MAX_DEVIATIONS = 3.0
MAD_TO_DEVIATION = 1.4826
NOT_READ = -1.0  # below all others: of a word beyond the limit the model says nothing


@dataclass(frozen=True)
class Decision:
    """``what`` is the word or the label that was decided on, "" where it is the text as a whole.

    ``probability`` of what was given and of what is true, or None. ``badness`` orders decisions, the worst
    first: 1 - true_probability, an absolute error, or 1 - F1. ``oddness`` of a number is how far its error
    lies from the usual one.
    """

    row: HeldOutRow
    what: str
    true: str
    given: str
    probability: float | None
    true_probability: float | None
    badness: float
    rather: str | None = None
    oddness: float | None = None

    @property
    def is_right(self) -> bool:
        return self.true == self.given or (not self.what and self.badness == 0)


def read_decisions(task: str, rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[Decision]:
    """In the order of the file."""
    if task == "token-classification":
        return _word_decisions(rows)
    if task == "multi-label":
        return _label_decisions(rows, labels)
    if task == "regression":
        return _number_decisions(rows)
    return [
        Decision(row, "", row.true_label, row.predicted_label, None, None, _answer_loss(row)) for row in rows
    ]


def mistakes(decisions: Sequence[Decision]) -> list[Decision]:
    """Wrong ones, those that the model was surest of first; without probabilities the worst first."""
    wrong = [item for item in decisions if not item.is_right]
    return sorted(wrong, key=lambda item: -(item.badness if item.probability is None else item.probability))


def hardest(decisions: Sequence[Decision]) -> list[Decision]:
    """All, the worst first."""
    return sorted(decisions, key=lambda item: -item.badness)


def suspects(decisions: Sequence[Decision]) -> list[Decision]:
    """Those whose label may be wrong, the least likely label first, or the oddest number."""
    found = [item for item in decisions if item.rather is not None]
    return sorted(found, key=lambda item: -(item.badness if item.oddness is None else item.oddness))


def in_cell(decisions: Sequence[Decision], true: str | None, given: str | None) -> list[Decision]:
    """Decisions of one cell of the confusion matrix; None stands for any label."""
    return [item for item in decisions if true in (None, item.true) and given in (None, item.given)]


def _word_decisions(rows: Sequence[HeldOutRow]) -> list[Decision]:
    return [
        Decision(
            row,
            word.word,
            word.true,
            word.given,
            word.probability,
            word.true_probability,
            NOT_READ if word.true_probability is None else 1.0 - word.true_probability,
            word.rather,
        )
        for row in rows
        for word in row.words
    ]


def _label_decisions(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[Decision]:
    """One for each text and label: does the text have it?"""
    has_it = np.array([[label in row.true_labels for label in labels] for row in rows], dtype=np.int64)
    likely = np.array([row.probabilities for row in rows], dtype=np.float64)
    rather: dict[tuple[int, int], str] = {}
    for column in range(len(labels)):
        both = np.stack([1 - likely[:, column], likely[:, column]], axis=1)
        for place, other in find_suspects(both, has_it[:, column]):
            rather[place, column] = YES if other else NO
    found = []
    for index, row in enumerate(rows):
        for column, label in enumerate(labels):
            value, true = float(likely[index, column]), bool(has_it[index, column])
            given, of_true = value > THRESHOLD, value if true else 1 - value
            surest = value if given else 1 - value
            verdicts = (YES if true else NO, YES if given else NO)
            found.append(
                Decision(row, label, *verdicts, surest, of_true, 1 - of_true, rather.get((index, column)))
            )
    return found


def _number_decisions(rows: Sequence[HeldOutRow]) -> list[Decision]:
    errors = np.array([float(row.predicted_label) - float(row.true_label) for row in rows])
    if not len(errors):
        return []
    oddness = np.abs(errors - np.median(errors))
    far = find_far(errors, oddness)
    return [
        Decision(
            row,
            "",
            row.true_label,
            row.predicted_label,
            None,
            None,
            abs(float(errors[index])),
            row.predicted_label if far[index] else None,
            float(oddness[index]),
        )
        for index, row in enumerate(rows)
    ]


def find_far(errors: NDArray[np.float64], oddness: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which errors lie more than MAX_DEVIATIONS from both their median and 0.

    ``oddness`` are their distances from the median. None where half of the errors are equal.
    """
    deviation = MAD_TO_DEVIATION * float(np.median(oddness))
    return (np.minimum(oddness, np.abs(errors)) > MAX_DEVIATIONS * deviation) & (deviation > 0)


def _answer_loss(row: HeldOutRow) -> float:
    return 1.0 - score_answers([row.true_labels], [row.predicted_label])["f1"]
