"""What simpler ways reach on the same held-out rows, for tasks whose answers are not one class a row.

several labels   the set of labels that most training rows have; TF-IDF and a logistic regression a label
a number         the mean of the training rows; TF-IDF and ridge regression
tags of words    the tag that the word mostly has in the training rows, and for a new word the commonest tag
answers          none: there is no plain way without a model that people agree on as a floor
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bert_explorer.results import FloatArray, IntArray
from bert_explorer.training.baselines import WORDS, weigh_words
from bert_explorer.training.examples import Examples
from bert_explorer.training.scores import (
    score_entities,
    score_label_sets,
    score_numbers,
    score_tags,
)
from bert_explorer.training.tagged_texts import TaggedTexts
from bert_explorer.training.targets import TargetTexts

COMMONEST_SET, MEAN, WORD_TAGS = "commonest set", "mean", "word tags"
INVERSE_PENALTY = 10.0  # as for the classes of baselines.py
RIDGE_PENALTY = 1.0


@dataclass(frozen=True)
class TaskBaseline:
    """``scores`` are named as the metrics of the run; learned from ``num_train`` rows."""

    name: str
    scores: dict[str, float]
    num_train: int


def measure_task_baselines(
    task: str, examples: Examples, train: IntArray, held_out: IntArray
) -> list[TaskBaseline]:
    """The plainest first; empty for a task without one."""
    if task == "token-classification":
        return [_tag_by_word(cast(TaggedTexts, examples), train, held_out)]
    if task == "multi-label":
        return _label_sets(cast(TargetTexts, examples), train, held_out)
    if task == "regression":
        return _numbers(cast(TargetTexts, examples), train, held_out)
    return []


def _tag_by_word(examples: TaggedTexts, train: IntArray, held_out: IntArray) -> TaskBaseline:
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in train:
        for word, tag in _words(examples, row):
            seen[word][tag] += 1
    everything = sum(seen.values(), Counter())
    commonest = _first(everything)
    true = [list(examples.rows[row].tags) for row in held_out]
    given = [
        [_first(seen[word]) if word in seen else commonest for word, _ in _words(examples, row)]
        for row in held_out
    ]
    scores = score_tags(true, given)
    if examples.marks_entities:
        entities = score_entities(true, given)
        scores = {"accuracy": scores["accuracy"]} | _plain(entities)
    return TaskBaseline(WORD_TAGS, scores, len(train))


def _first(tags: Counter[str]) -> str:
    """The commonest; of equally common ones the first by its letters, so that every run says the same."""
    return min(tags, key=lambda tag: (-tags[tag], tag))


def _words(examples: TaggedTexts, row: int) -> list[tuple[str, str]]:
    text = examples.rows[row]
    return [(text.text[start:end], tag) for (start, end), tag in zip(text.spans, text.tags, strict=True)]


def _label_sets(examples: TargetTexts, train: IntArray, held_out: IntArray) -> list[TaskBaseline]:
    true = examples.targets[held_out]
    sets = Counter(map(tuple, examples.targets[train].tolist()))
    commonest = np.tile(max(sets, key=lambda labels: (sets[labels], labels)), (len(held_out), 1))
    learned, measured = _weigh(examples, train, held_out)
    by_words = np.stack(
        [_sort(learned, examples.targets[train, label], measured) for label in range(len(examples.labels))],
        axis=1,
    )
    return [
        TaskBaseline(name, _plain(score_label_sets(true, given, examples.labels)), len(train))
        for name, given in ((COMMONEST_SET, commonest), (WORDS, by_words))
    ]


def _sort(learned: Any, targets: FloatArray, measured: Any) -> FloatArray:
    """0 or 1 for one label; what all training rows have, or none has, cannot be learned."""
    from sklearn.linear_model import LogisticRegression

    if targets.min() == targets.max():
        return np.full(measured.shape[0], targets[0])
    model = LogisticRegression(solver="liblinear", dual=True, C=INVERSE_PENALTY, random_state=0)
    predicted: FloatArray = model.fit(learned, targets).predict(measured)
    return predicted


def _numbers(examples: TargetTexts, train: IntArray, held_out: IntArray) -> list[TaskBaseline]:
    from sklearn.linear_model import Ridge

    true, known = examples.targets[held_out, 0], examples.targets[train, 0]
    learned, measured = _weigh(examples, train, held_out)
    by_words = Ridge(alpha=RIDGE_PENALTY).fit(learned, known).predict(measured)
    constant = np.full(len(held_out), known.mean())
    return [
        TaskBaseline(name, score_numbers(true, given), len(train))
        for name, given in ((MEAN, constant), (WORDS, by_words))
    ]


def _weigh(examples: TargetTexts, train: IntArray, held_out: IntArray) -> tuple[Any, Any]:
    """TF-IDF of the training and of the held-out rows, the two texts of a pair side by side."""
    from scipy.sparse import hstack

    columns = [examples.texts] if examples.pairs is None else [examples.texts, examples.pairs]
    weighed = [weigh_words(column, train, held_out) for column in columns]
    learned, measured = (hstack(parts).tocsr() for parts in zip(*weighed, strict=True))
    return learned, measured


def _plain(scores: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in scores.items() if isinstance(value, float)}
