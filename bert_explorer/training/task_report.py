"""What a run of a task adds to its metrics once its model is saved: how sure the scores are, simpler ways
beside them, and which tags are taken for which.

It reads the held-out rows from the file that the run has left, and so measures the rows that the metrics do.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from bert_explorer.intervals import wilson_interval
from bert_explorer.training.examples import read_examples, split_examples
from bert_explorer.training.job import Job
from bert_explorer.training.predictions import HeldOutRow, read_predictions
from bert_explorer.training.scores import THRESHOLD, score_answers, score_each_tag
from bert_explorer.training.tagged_texts import to_entities
from bert_explorer.training.task_baselines import measure_task_baselines
from bert_explorer.training.uncertainty import Interval, correlation_interval, ratio_interval


def complete_report(job: Job, metrics: dict[str, Any]) -> dict[str, Any]:
    """The metrics, with ``intervals``, ``baselines`` and, for tags, a confusion matrix."""
    config = job.run.config
    rows = read_predictions(job.folder)
    examples = read_examples(job.run.filename, job.folder.read_upload(), config, job.settings)
    split = split_examples(examples, config)
    baselines = measure_task_baselines(config.task, examples, split.train, split.held_out)
    more: dict[str, Any] = {
        "intervals": measure_intervals(config.task, metrics, rows, examples.labels),
        "baselines": [asdict(baseline) for baseline in baselines],
    }
    if config.task == "token-classification":
        more["confusion_matrix"] = count_confusions(rows, metrics["labels"])
        if "per_class" not in metrics:  # no names, whose kinds would be scored
            more["per_class"] = score_words(rows, metrics["labels"])
    return metrics | more


def measure_intervals(
    task: str, metrics: dict[str, Any], rows: Sequence[HeldOutRow], labels: Sequence[str]
) -> dict[str, Interval]:
    """Metric -> its 95 % interval; none where all draws are alike, as at 0 and 1: that is no certainty."""
    found = _measure(task, metrics, rows, labels)
    return {name: (low, high) for name, (low, high) in found.items() if low < high}


def _measure(
    task: str, metrics: dict[str, Any], rows: Sequence[HeldOutRow], labels: Sequence[str]
) -> dict[str, Interval]:
    if task == "regression":
        return {
            "pearson": correlation_interval(metrics["pearson"], len(rows), of_ranks=False),
            "spearman": correlation_interval(metrics["spearman"], len(rows), of_ranks=True),
        }
    if task == "multi-label":
        right = sum(row.is_right for row in rows)
        counts = [_count_labels(row, labels) for row in rows]
        return {"micro_f1": _f1_interval(counts), "accuracy": wilson_interval(right, len(rows))}
    if task == "question-answering":
        return _answer_intervals(rows)
    shares = [sum(word.true == word.given for word in row.words) for row in rows]
    found = {"accuracy": ratio_interval(shares, [len(row.words) for row in rows])}
    if "entity_f1" in metrics:
        found["entity_f1"] = _f1_interval([_count_entities(row) for row in rows])
    return found


def _f1_interval(counts: Sequence[tuple[int, int]]) -> Interval:
    """Of (right, given and true) of each text."""
    return ratio_interval([2 * right for right, _ in counts], [all_ for _, all_ in counts])


def _count_labels(row: HeldOutRow, labels: Sequence[str]) -> tuple[int, int]:
    true = set(row.true_labels)
    given = {label for label, value in zip(labels, row.probabilities, strict=True) if value > THRESHOLD}
    return len(true & given), len(true) + len(given)


def _count_entities(row: HeldOutRow) -> tuple[int, int]:
    true = to_entities([word.true for word in row.words])
    given = to_entities([word.given for word in row.words])
    return len(true & given), len(true) + len(given)


def _answer_intervals(rows: Sequence[HeldOutRow]) -> dict[str, Interval]:
    scores = [score_answers([row.true_labels], [row.predicted_label]) for row in rows]
    ones = [1.0] * len(scores)
    return {name: ratio_interval([score[name] for score in scores], ones) for name in ("f1", "exact_match")}


def score_words(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Of each tag, over all words as accuracy and macro F1 are: those that were not read count as well."""
    words = [word for row in rows for word in row.words]
    return score_each_tag([word.true for word in words], [word.given for word in words], labels)


def count_confusions(rows: Sequence[HeldOutRow], labels: Sequence[str]) -> list[list[int]]:
    """[true][given] over the words that were read."""
    index_of = {label: index for index, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    for row in rows:
        for word in row.words:
            if word.probability is not None:
                counts[index_of[word.true], index_of[word.given]] += 1
    return [[int(count) for count in line] for line in counts]
