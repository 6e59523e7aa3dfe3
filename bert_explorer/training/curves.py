"""How well do a model's probabilities order and describe the rows? Curves over all thresholds, in numpy.

ROC: of the rows of a class, the share found (true positive rate) against the share of all others taken for it
(false positive rate), as the threshold falls. The area below it is the chance that a row of the class gets
a higher probability than another row. Precision and recall: Davis and Goadrich 2006; the average precision
is sum_n (R_n - R_{n-1}) P_n. Calibration: rows in ten bins by the probability of the predicted label, and in
each bin the share that is right; the expected calibration error is the mean distance of the two, weighted by
rows (Guo et al. 2017, equation 3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import IntArray

Floats = NDArray[np.float64]
NUM_BINS = 10


@dataclass(frozen=True)
class RocCurve:
    """One point a distinct score, from (0, 0) to (1, 1)."""

    false_positive_rates: Floats
    true_positive_rates: Floats
    area: float


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point a distinct score, from the highest, after the point (recall 0, precision 1)."""

    recalls: Floats
    precisions: Floats
    average_precision: float


@dataclass(frozen=True)
class Calibration:
    """Bins that hold rows; ``confidences`` and ``accuracies`` are means over the rows of each bin."""

    confidences: Floats
    accuracies: Floats
    counts: IntArray
    expected_error: float


def compute_roc(is_positive: NDArray[np.bool_], scores: Floats) -> RocCurve | None:
    """None where all rows are of one kind, so that there is nothing to tell apart."""
    true, false = _cumulative_counts(is_positive, scores)
    if not true[-1] or not false[-1]:
        return None
    x, y = false / false[-1], true / true[-1]
    return RocCurve(x, y, float(np.trapezoid(y, x)))


def compute_precision_recall(is_positive: NDArray[np.bool_], scores: Floats) -> PrecisionRecallCurve | None:
    """None where no row is positive."""
    true, false = _cumulative_counts(is_positive, scores)
    if not true[-1]:
        return None
    recalls = true / true[-1]
    precisions = np.concatenate([[1.0], true[1:] / (true[1:] + false[1:])])
    return PrecisionRecallCurve(recalls, precisions, float(np.sum(np.diff(recalls) * precisions[1:])))


def compute_calibration(
    probabilities: Floats, true_ids: IntArray, *, num_bins: int = NUM_BINS
) -> Calibration:
    """``probabilities`` are (num_rows, num_labels). Bins are equally wide; their upper ends are theirs."""
    confidence = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == true_ids
    bins = np.clip(np.ceil(confidence * num_bins).astype(int) - 1, 0, num_bins - 1)
    counts = np.bincount(bins, minlength=num_bins)
    filled = counts > 0
    means = np.bincount(bins, weights=confidence, minlength=num_bins)[filled] / counts[filled]
    shares = np.bincount(bins, weights=is_right, minlength=num_bins)[filled] / counts[filled]
    error = float(np.sum(np.abs(means - shares) * counts[filled]) / len(true_ids))
    return Calibration(means, shares, counts[filled], error)


def _cumulative_counts(is_positive: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """Positive and other rows with a score at or above each distinct score, from none at all to all."""
    order = np.argsort(-scores, kind="stable")
    last_of_equals = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    true = np.cumsum(is_positive[order])[last_of_equals]
    false = np.cumsum(~is_positive[order])[last_of_equals]
    return np.concatenate([[0.0], true]), np.concatenate([[0.0], false])
