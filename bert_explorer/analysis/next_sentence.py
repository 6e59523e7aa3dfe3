"""Did one sentence follow another in a text? BERT's second training task (Devlin et al. 2019).

``is_next = softmax(logits)[0]``. During training half of the second sentences were the true next
ones and half came from another document, so that the answer is mostly about a change of topic.
"""

from typing import TYPE_CHECKING

from bert_explorer.analysis.masked_words import softmax
from bert_explorer.results import NextSentence

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


def predict_next_sentence(engine: "Engine", first: str, second: str) -> NextSentence:
    """Probability that ``second`` followed ``first``. Raises CapabilityError without an NSP head."""
    probabilities = softmax(engine.next_sentence_logits(first, second))  # (2,)
    return NextSentence(first, second, float(probabilities[0]))
