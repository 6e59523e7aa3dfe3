"""How good are answers that are not one class? Each function returns plain JSON values.

Entities: right is what has the right type and both borders right, as conlleval and seqeval count. Answers:
exact match and the F1 of their words after SQuAD's normalisation (Rajpurkar et al. 2016): lower case, without
punctuation and articles. Numbers: Pearson's and Spearman's correlation and the errors.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score

from bert_explorer.results import FloatArray
from bert_explorer.training.metrics import score_each_class
from bert_explorer.training.tagged_texts import to_entities

THRESHOLD = 0.5  # a label is given where its probability is above
ARTICLES = re.compile(r"\b(a|an|the)\b")


def score_tags(true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, float]:
    """Accuracy and macro F1 over single words."""
    flat_true = [tag for tags in true for tag in tags]
    flat_predicted = [tag for tags in predicted for tag in tags]
    macro = f1_score(
        flat_true, flat_predicted, labels=sorted(set(flat_true)), average="macro", zero_division=0.0
    )
    return {"accuracy": float(accuracy_score(flat_true, flat_predicted)), "macro_f1": float(macro)}


def score_each_tag(
    true: Sequence[str], predicted: Sequence[str], labels: Sequence[str]
) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each of ``labels`` that is the true or the given tag of a word."""
    seen = {*true, *predicted}
    names = [label for label in labels if label in seen]
    return score_each_class(true, predicted, names, classes=names)


def score_entities(true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, Any]:
    """``entity_f1``, ``entity_precision``, ``entity_recall`` over all entities, and ``per_class``."""
    counts: dict[str, Counter[str]] = {}
    for true_tags, predicted_tags in zip(true, predicted, strict=True):
        wanted, given = to_entities(true_tags), to_entities(predicted_tags)
        for name, entities in (("true", wanted), ("given", given), ("right", wanted & given)):
            for kind, _, _ in entities:
                counts.setdefault(kind, Counter())[name] += 1
    total = sum(counts.values(), Counter())
    precision, recall, f1 = _rates(total)
    rows = [(kind, *_rates(counts[kind]), counts[kind]["true"]) for kind in sorted(counts)]
    names = ("label", "precision", "recall", "f1", "support")
    return {
        "entity_f1": f1,
        "entity_precision": precision,
        "entity_recall": recall,
        "per_class": [dict(zip(names, row, strict=True)) for row in rows],
    }


def score_label_sets(true: FloatArray, probabilities: FloatArray, labels: Sequence[str]) -> dict[str, Any]:
    """(num_rows, num_labels) each. ``accuracy`` is the share of rows whose whole set is right."""
    wanted, given = true > THRESHOLD, probabilities > THRESHOLD
    micro, macro = (
        float(f1_score(wanted, given, average=kind, zero_division=0.0)) for kind in ("micro", "macro")
    )
    return {
        "micro_f1": micro,
        "macro_f1": macro,
        "accuracy": float(accuracy_score(wanted, given)),
        "per_class": score_each_class(wanted, given, labels),
    }


def score_numbers(true: FloatArray, predicted: FloatArray) -> dict[str, float]:
    """Correlations are 0 where either side is constant: there is no order to agree on."""
    errors = np.asarray(predicted, dtype=np.float64) - true
    is_constant = np.ptp(true) == 0 or np.ptp(predicted) == 0
    return {
        "pearson": 0.0 if is_constant else float(pearsonr(true, predicted)[0]),
        "spearman": 0.0 if is_constant else float(spearmanr(true, predicted)[0]),
        "mean_absolute_error": float(np.abs(errors).mean()),
        "root_mean_squared_error": float(np.sqrt((errors**2).mean())),
    }


def score_answers(true: Sequence[Sequence[str]], predicted: Sequence[str]) -> dict[str, float]:
    """Means over the questions; of several right answers the best counts. No answer is ``[]`` and ``""``."""
    pairs = list(zip(true, predicted, strict=True))
    return {
        "exact_match": float(
            np.mean([max(map(float, _matches(answers, given))) for answers, given in pairs])
        ),
        "f1": float(
            np.mean([max(_word_f1(answer, given) for answer in answers or [""]) for answers, given in pairs])
        ),
    }


def normalise_answer(text: str) -> str:
    """
    >>> normalise_answer("The  U.S. Senate!")
    'us senate'
    """
    kept = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(ARTICLES.sub(" ", kept).split())


def _matches(answers: Sequence[str], given: str) -> list[bool]:
    return [normalise_answer(answer) == normalise_answer(given) for answer in answers or [""]]


def _word_f1(answer: str, given: str) -> float:
    wanted, found = normalise_answer(answer).split(), normalise_answer(given).split()
    if not wanted or not found:
        return float(wanted == found)
    common = sum((Counter(wanted) & Counter(found)).values())
    return 2 * common / (len(wanted) + len(found))


def _rates(counts: Counter[str]) -> tuple[float, float, float]:
    precision = counts["right"] / max(1, counts["given"])
    recall = counts["right"] / max(1, counts["true"])
    return precision, recall, 2 * precision * recall / max(precision + recall, np.finfo(float).tiny)
