"""The class of a text, by a fine-tuned model: ``softmax(logits)`` over its labels.

The probabilities are the model's own, not calibrated: 0.99 does not mean right in 99 of 100 cases.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.masked_words import softmax
from bert_explorer.models.requests import ClassLogitsRequest
from bert_explorer.results import Classification, FloatArray

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


def classify(engine: "Engine", text: str, pair: str | None = None) -> Classification:
    """Probabilities over the model's labels. Raises CapabilityError without a class head."""
    return _to_classification(engine, text, engine.class_logits(text, pair))


def classify_all(
    engine: "Engine",
    texts: Sequence[str],
    pairs: Sequence[str | None] | None = None,
    *,
    progress: Progress | None = None,
) -> list[Classification]:
    """Many texts in batches, each cut at the model's limit; ``progress(done, total)`` after each."""
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


def _to_classification(engine: "Engine", text: str, logits: FloatArray) -> Classification:
    probabilities = softmax(logits)  # (num_labels,)
    return Classification(text, engine.info.labels, probabilities.astype(np.float32))
