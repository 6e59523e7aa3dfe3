import numpy as np
import pytest

from bert_explorer.training.metrics import compute_majority, compute_report, compute_scores, softmax


def test_a_case_worked_out_by_hand() -> None:
    """Rows: true a a a b b c, predicted a a b b c c.

    a: precision 2/2, recall 2/3, F1 0.8; b: 1/2, 1/2, 0.5; c: 1/2, 1/1, 2/3. Right: 4 of 6.
    """
    true_ids, labels = np.array([0, 0, 0, 1, 1, 2]), ("a", "b", "c")
    report = compute_report(true_ids, np.array([0, 0, 1, 1, 2, 2]), labels)
    assert report["accuracy"] == pytest.approx(4 / 6)
    assert report["macro_f1"] == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert report["confusion_matrix"] == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert [row["precision"] for row in report["per_class"]] == pytest.approx([1, 0.5, 0.5])
    assert [row["recall"] for row in report["per_class"]] == pytest.approx([2 / 3, 0.5, 1])
    assert [row["support"] for row in report["per_class"]] == [3, 2, 1]
    majority = compute_majority(true_ids, np.array([1, 1, 1, 0, 2]), labels)
    assert majority == {"majority_label": "b", "majority_accuracy": pytest.approx(2 / 6)}


def test_a_class_that_is_never_predicted_counts_zero() -> None:
    scores = compute_scores(np.array([0, 0, 1]), np.array([0, 0, 0]), num_labels=2)
    assert scores == {"accuracy": pytest.approx(2 / 3), "macro_f1": pytest.approx(0.4)}


def test_softmax_of_large_logits() -> None:
    probabilities = softmax(np.array([[1000.0, 1000.0, -1000.0], [0.0, np.log(3.0), -1e9]], dtype=np.float32))
    np.testing.assert_allclose(probabilities, [[0.5, 0.5, 0], [0.25, 0.75, 0]], atol=1e-6)
