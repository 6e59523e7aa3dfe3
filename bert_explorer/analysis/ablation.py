"""What a model says with some of its heads switched off (Michel et al. 2019; see models/head_gates).

Three answers about one text, each with all heads and without some: the words at its masks, its class, and its
pseudo-perplexity, exp(-1/n sum_i log p(token i | all other tokens)) over its ordinary tokens (Salazar et al.
2020). What this does not show: what a head does in training, where others would take its place.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.classification import refuse_numbers, to_probabilities
from bert_explorer.analysis.masked_words import rank_tokens
from bert_explorer.models.requests import (
    ClassLogitsRequest,
    Heads,
    MaskedCopiesRequest,
    MaskedCopy,
    MaskLogitsRequest,
)
from bert_explorer.results import Capability, FloatArray, MaskedWords

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class WithoutHeads:
    """Answers about one text with the heads in ``ablated`` off; None for what the model cannot say.

    ``words`` is None for a text without a mask; ``perplexity`` is that of the tokens that are no masks.
    """

    ablated: Heads
    words: MaskedWords | None
    probabilities: FloatArray | None  # (num_labels,)
    perplexity: float | None


def ask_without(
    engine: "Engine", text: str, *, ablated: Heads = (), top_k: int = 10, targets: tuple[int, ...] = ()
) -> WithoutHeads:
    """Everything that the model can say about ``text`` without these heads.

    ``targets`` are token ids to score at every mask besides the ``top_k`` best. Raises the engine's errors.
    """
    can = engine.info.capabilities
    words, probabilities, perplexity = None, None, None
    if Capability.MASKED_LM in can:
        words = _fill_masks(engine, text, ablated, top_k, targets)
        perplexity = pseudo_perplexity(engine, text, ablated=ablated)
    if Capability.SEQUENCE_CLASSIFICATION in can:
        refuse_numbers(engine.info)
        (logits,) = engine.map([ClassLogitsRequest(text, ablated=ablated)])
        probabilities = to_probabilities(logits, engine.info)
    return WithoutHeads(ablated, words, probabilities, perplexity)


def _fill_masks(
    engine: "Engine", text: str, ablated: Heads, top_k: int, targets: tuple[int, ...]
) -> MaskedWords | None:
    tokens = engine.tokenize(text)
    if engine.info.mask_token not in tokens.tokens:
        return None
    (answer,) = engine.map([MaskLogitsRequest(text, ablated=ablated)])
    masks = tuple(
        rank_tokens(logits, engine.vocabulary, int(position), top_k=top_k, target_ids=targets)
        for position, logits in zip(answer.positions, answer.logits, strict=True)
    )
    return MaskedWords(answer.tokens, masks)


def pseudo_perplexity(engine: "Engine", text: str, *, ablated: Heads = ()) -> float | None:
    """At least 1, the lower the better expected; None for a text of masks alone."""
    tokens = engine.tokenize(text)
    is_mask = np.array([token == engine.info.mask_token for token in tokens.tokens])
    hidden = np.flatnonzero(~tokens.is_special & ~is_mask)
    if not len(hidden):
        return None
    copies = tuple(MaskedCopy(int(position)) for position in hidden)
    (scores,) = engine.score_copies([MaskedCopiesRequest(text, copies=copies, ablated=ablated)])
    return float(np.exp(-scores.log_probabilities.mean()))
