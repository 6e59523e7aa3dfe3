"""The class of a text, by a fine-tuned model: ``softmax(logits)`` over its labels.

The probabilities are the model's own, not calibrated: 0.99 does not mean right in 99 of 100 cases.
"""

from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.masked_words import softmax
from bert_explorer.results import Classification

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


def classify(engine: "Engine", text: str, pair: str | None = None) -> Classification:
    """Probabilities over the model's labels. Raises CapabilityError without a class head."""
    probabilities = softmax(engine.class_logits(text, pair))  # (num_labels,)
    return Classification(text, engine.info.labels, probabilities.astype(np.float32))
