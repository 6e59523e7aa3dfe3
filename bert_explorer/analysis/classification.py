"""The class of a text, by a fine-tuned model: ``softmax(logits)`` over its labels.

A model whose classes do not exclude each other gives ``1 / (1 + exp(-logit))`` for each on its own.

The probabilities are the model's own, not calibrated: 0.99 does not mean right in 99 of 100 cases.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.masked_words import softmax
from bert_explorer.errors import CapabilityError
from bert_explorer.models.requests import ClassLogitsRequest
from bert_explorer.results import Capability, Classification, FloatArray, ModelInfo

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


def classify(engine: "Engine", text: str, pair: str | None = None) -> Classification:
    """Probabilities over the model's labels. Raises CapabilityError for a model that gives no classes."""
    refuse_numbers(engine.info)
    return _to_classification(engine, text, engine.class_logits(text, pair))


def classify_all(
    engine: "Engine",
    texts: Sequence[str],
    pairs: Sequence[str | None] | None = None,
    *,
    progress: Progress | None = None,
) -> list[Classification]:
    """Many texts in batches, each cut at the model's limit; ``progress(done, total)`` after each."""
    refuse_numbers(engine.info)
    seconds = pairs if pairs is not None else [None] * len(texts)
    requests = (
        ClassLogitsRequest(text, second, truncate=True) for text, second in zip(texts, seconds, strict=True)
    )
    answers = []
    for text, logits in zip(texts, engine.map(requests), strict=True):
        answers.append(_to_classification(engine, text, logits))
        if progress is not None:
            progress(len(answers), len(texts))
    return answers


def to_probabilities(logits: FloatArray, info: ModelInfo) -> FloatArray:
    """(num_labels,) from the logits of one text."""
    several = info.problem_type == "multi_label_classification"
    probabilities = _sigmoid(logits) if several else softmax(logits)
    return probabilities.astype(np.float32)


def _to_classification(engine: "Engine", text: str, logits: FloatArray) -> Classification:
    return Classification(text, engine.info.labels, to_probabilities(logits, engine.info))


def gives_number(info: ModelInfo) -> bool:
    """Whether its head is for regression, which transformers also assumes where there is one label only."""
    regression = info.problem_type == "regression" or len(info.labels) == 1
    return Capability.SEQUENCE_CLASSIFICATION in info.capabilities and regression


def refuse_numbers(info: ModelInfo) -> None:
    """CapabilityError for regression; where there is no such head at all the engine says what is missing."""
    if gives_number(info):
        raise CapabilityError(
            f"'{info.name}' gives a number and not classes, and cannot be shown yet. "
            "Choose a model with two labels or more."
        )


def _sigmoid(logits: FloatArray) -> NDArray[np.float64]:
    """``1 / (1 + exp(-x))`` in float64; written with tanh, which never overflows."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits.astype(np.float64))))
