"""The pretraining heads of each family as functions of hidden states.

transformers computes vocabulary logits at every position. Here the hidden states of the masks are taken out
first, and the whole head (dense, activation, norm, decoder) sees only those: the same numbers at the
masks, for a fraction of the work.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor

Head = Callable[[Tensor], Tensor]


def masked_lm_head(network: Any, family: str) -> Head:
    """Hidden states (n, hidden_size) -> vocabulary logits (n, vocab_size)."""
    if family == "deberta-v2" and not network.config.legacy:
        embeddings = network.deberta.embeddings.word_embeddings
        return lambda hidden: network.lm_predictions(hidden, embeddings)
    return _MASKED_LM[family](network)


def next_sentence_head(network: Any) -> Head:
    """Last hidden states (batch, seq_len, hidden_size) -> logits (batch, 2), index 0 'is next'."""
    pooler = network.base_model.pooler
    classifier = network.cls.seq_relationship
    return lambda hidden: classifier(pooler(hidden))


def _distilbert(network: Any) -> Head:
    return lambda hidden: network.vocab_projector(
        network.vocab_layer_norm(network.activation(network.vocab_transform(hidden)))
    )


_MASKED_LM: dict[str, Callable[[Any], Head]] = {
    "bert": lambda network: network.cls.predictions,
    "mobilebert": lambda network: network.cls.predictions,
    "deberta-v2": lambda network: network.cls,
    "distilbert": _distilbert,
    "roberta": lambda network: network.lm_head,
    "xlm-roberta": lambda network: network.lm_head,
    "camembert": lambda network: network.lm_head,
    "mpnet": lambda network: network.lm_head,
    "electra": lambda network: (
        lambda hidden: network.generator_lm_head(network.generator_predictions(hidden))
    ),
    "albert": lambda network: network.predictions,
    "modernbert": lambda network: lambda hidden: network.decoder(network.head(hidden)),
}
