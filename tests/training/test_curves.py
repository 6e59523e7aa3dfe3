"""Curves against scikit-learn's."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from bert_explorer.training.curves import compute_calibration, compute_precision_recall, compute_roc


def draw(seed: int, *, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = generator.random(57) < 0.3
    scores = generator.random(57) * 0.6 + 0.4 * truth
    return truth, np.round(scores, 1) if ties else scores


@pytest.mark.parametrize("ties", [False, True])
def test_roc_equals_scikit_learn(ties: bool) -> None:
    truth, scores = draw(1, ties=ties)
    curve = compute_roc(truth, scores)
    assert curve is not None
    x, y, _ = roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rates, x)
    np.testing.assert_allclose(curve.true_positive_rates, y)
    assert curve.area == pytest.approx(roc_auc_score(truth, scores))


@pytest.mark.parametrize("ties", [False, True])
def test_precision_and_recall_equal_scikit_learn(ties: bool) -> None:
    truth, scores = draw(2, ties=ties)
    curve = compute_precision_recall(truth, scores)
    assert curve is not None
    precisions, recalls, _ = precision_recall_curve(truth, scores)
    np.testing.assert_allclose(curve.precisions, precisions[::-1])
    np.testing.assert_allclose(curve.recalls, recalls[::-1])
    assert curve.average_precision == pytest.approx(average_precision_score(truth, scores))


def test_nothing_to_tell_apart() -> None:
    scores = np.array([0.1, 0.9])
    assert compute_roc(np.array([True, True]), scores) is None
    assert compute_roc(np.array([False, False]), scores) is None
    assert compute_precision_recall(np.array([False, False]), scores) is None


def test_calibration_equals_scikit_learn() -> None:
    generator = np.random.default_rng(3)
    positive = generator.uniform(0.5, 1, 200)  # binary: the certainty is that of class 1
    probabilities = np.stack([1 - positive, positive], axis=1)
    true_ids = (generator.random(200) < positive**2).astype(np.int64)
    calibration = compute_calibration(probabilities, true_ids)
    shares, means = calibration_curve(true_ids, positive, n_bins=10)
    np.testing.assert_allclose(calibration.confidences, means)
    np.testing.assert_allclose(calibration.accuracies, shares)
    expected = np.sum(np.abs(means - shares) * calibration.counts) / 200
    assert calibration.expected_error == pytest.approx(expected)


def test_calibration_by_hand() -> None:
    """Two rows at 0.75 (one right) and one at 1.0 (right): (2 * 0.25 + 0) / 3."""
    probabilities = np.array([[0.75, 0.25, 0], [0, 0.25, 0.75], [1, 0, 0]])
    calibration = compute_calibration(probabilities, np.array([0, 1, 0]))
    assert calibration.counts.tolist() == [2, 1]
    assert calibration.accuracies.tolist() == [0.5, 1.0]
    assert calibration.expected_error == pytest.approx(0.5 / 3)
