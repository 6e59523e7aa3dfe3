"""How good is a classifier on rows that it has not learned from?

Accuracy is the share of right answers. Precision of a class: of the rows given this label, how many
have it; recall: of the rows that have it, how many were given it; F1: their harmonic mean. Macro F1 is
the plain mean of F1 over the classes, so that a rare class counts as much as a common one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from bert_explorer.results import FloatArray, IntArray


def compute_scores(true_ids: IntArray, predicted_ids: IntArray, num_labels: int) -> dict[str, float]:
    """``accuracy`` and ``macro_f1`` over all classes; a class that is never predicted has F1 0."""
    everything = list(range(num_labels))
    macro_f1 = f1_score(true_ids, predicted_ids, labels=everything, average="macro", zero_division=0.0)
    return {"accuracy": float(accuracy_score(true_ids, predicted_ids)), "macro_f1": float(macro_f1)}


def compute_report(true_ids: IntArray, predicted_ids: IntArray, labels: Sequence[str]) -> dict[str, Any]:
    """What answers are worth, as plain JSON values.

    ``confusion_matrix[i][j]`` counts held-out rows of class i that were given label j.
    """
    everything = list(range(len(labels)))
    return {
        **compute_scores(true_ids, predicted_ids, len(labels)),
        "per_class": score_each_class(true_ids, predicted_ids, labels),
        "confusion_matrix": confusion_matrix(true_ids, predicted_ids, labels=everything).tolist(),
    }


def compute_majority(true_ids: IntArray, train_ids: IntArray, labels: Sequence[str]) -> dict[str, Any]:
    """``majority_accuracy`` is what always answering the commonest label of the training rows would reach:
    a model that is not better has learned nothing.
    """
    majority = int(np.bincount(train_ids, minlength=len(labels)).argmax())
    return {
        "majority_label": labels[majority],
        "majority_accuracy": float(np.mean(true_ids == majority)),
    }


def score_each_class(
    true: Any, predicted: Any, labels: Sequence[str], classes: Sequence[Any] | None = None
) -> list[dict[str, Any]]:
    """One row a class, named by ``labels``; what was never given, or is never true, counts 0.

    ``true`` and ``predicted`` hold one class a row, or a column of yes and no for every class. A class is its
    place in ``labels`` unless ``classes`` says what stands for it.
    """
    wanted = list(range(len(labels))) if classes is None else list(classes)
    found = precision_recall_fscore_support(true, predicted, labels=wanted, zero_division=0.0)
    return [
        {
            "label": label,
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "support": int(support),
        }
        for label, precision, recall, f1, support in zip(labels, *found, strict=True)
    ]


def softmax(logits: FloatArray) -> FloatArray:
    """exp(x_i) / sum_j exp(x_j) over the last axis, shifted by the largest so that nothing overflows."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def sigmoid(logits: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), written with tanh, which never overflows."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(logits, dtype=np.float64))), dtype=np.float32)
