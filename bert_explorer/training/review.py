"""Which held-out rows deserve a reader's eye: mistakes, hard ones, and labels that may be wrong.

Suspected label errors follow confident learning (Northcutt, Jiang and Chuang 2021): t_k is the mean
probability of class k over the rows that are labelled k. A row labelled i is suspected of being k where its
probability of k reaches t_k, and k is its likeliest class that does. It speaks of held-out rows only, since
the model knows the others by heart. What it does not say: that the label is wrong; a hard row looks the same.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import IntArray
from bert_explorer.training.predictions import HeldOutRow


def probabilities_of(rows: Sequence[HeldOutRow]) -> NDArray[np.float64]:
    """(num_rows, num_labels)"""
    return np.array([row.probabilities for row in rows], dtype=np.float64)


def true_ids_of(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> IntArray:
    """(num_rows,)"""
    index_of = {label: index for index, label in enumerate(labels)}
    return np.array([index_of[row.true_label] for row in rows], dtype=np.int64)


def confident_errors(rows: Sequence[HeldOutRow]) -> list[HeldOutRow]:
    """Rows that got a wrong label, those that the model was surest of first."""
    wrong = [row for row in rows if not row.is_right]
    return sorted(wrong, key=lambda row: -max(row.probabilities))


def hardest(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[HeldOutRow]:
    """All rows, those with the least probability of their true label, and so the highest loss, first."""
    index_of = {label: index for index, label in enumerate(labels)}
    return sorted(rows, key=lambda row: row.probabilities[index_of[row.true_label]])


def in_cell(rows: Sequence[HeldOutRow], true_label: str | None, predicted: str | None) -> list[HeldOutRow]:
    """Rows of one cell of the confusion matrix, in the order of the file; None stands for any label."""
    return [
        row
        for row in rows
        if true_label in (None, row.true_label) and predicted in (None, row.predicted_label)
    ]


def suspected_labels(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[tuple[HeldOutRow, str]]:
    """Rows with the label that the model would rather give, the most suspect first."""
    if not rows:
        return []
    found = find_suspects(probabilities_of(rows), true_ids_of(rows, labels))
    return [(rows[row], labels[other]) for row, other in found]


def find_suspects(probabilities: NDArray[np.float64], true_ids: IntArray) -> list[tuple[int, int]]:
    """(row, other class), by the margin p(other) - p(label), the largest first."""
    num_labels = probabilities.shape[1]
    thresholds = np.array(
        [
            probabilities[true_ids == k, k].mean() if (true_ids == k).any() else np.inf
            for k in range(num_labels)
        ]
    )
    reached = np.where(probabilities >= thresholds, probabilities, -np.inf)
    others = reached.argmax(axis=1)
    rows = np.flatnonzero((others != true_ids) & np.isfinite(reached.max(axis=1)))
    margins = probabilities[rows, others[rows]] - probabilities[rows, true_ids[rows]]
    return [
        (int(rows[i]), int(others[rows[i]])) for i in np.argsort(-margins, kind="stable") if margins[i] > 0
    ]
