"""What the model answers for watched items, and whether it is right, task by task.

Of a question the answer is the probability of its true span, first and last token chosen apart; it is right
where both are the likeliest. A label set is right as a whole. A number is never right: only its distance says
something.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import FloatArray
from bert_explorer.training.film.items import Watched
from bert_explorer.training.frozen_outputs import Features
from bert_explorer.training.metrics import sigmoid, softmax
from bert_explorer.training.scores import THRESHOLD


def read_answers(
    task: str, watched: Sequence[Watched], logits: Sequence[Any], rows: Features
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """(num_items, num_answers) and (num_items,), as in a TrainingFilm."""
    if task == "question-answering":
        lengths = [len(rows[item.row]["input_ids"]) for item in watched]
        return _read_spans(watched, logits, lengths)
    values: FloatArray = np.stack(logits)
    if task == "regression":
        return values, np.zeros(len(values), dtype=bool)
    targets = np.array([item.target for item in watched])
    if task == "multi-label":
        probabilities = sigmoid(values)
        return probabilities, ((probabilities > THRESHOLD) == targets.astype(bool)).all(axis=1)
    return softmax(values), values.argmax(axis=1) == targets


def _read_spans(
    watched: Sequence[Watched], logits: Sequence[Any], lengths: Sequence[int]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    answers, rights = [], []
    for item, (starts, ends), length in zip(watched, logits, lengths, strict=True):
        first, last = item.target
        answers.append([softmax(starts[:length])[first] * softmax(ends[:length])[last]])
        rights.append(starts[:length].argmax() == first and ends[:length].argmax() == last)
    return np.array(answers, dtype=np.float32), np.array(rights, dtype=bool)
