"""What a model says with some of its heads switched off (Michel et al. 2019; see models/head_gates).

Three answers about one text, each with all heads and without some: the words at its masks, its class, and its
pseudo-perplexity, exp(-1/n sum_i log p(token i | all other tokens)) over its ordinary tokens (Salazar et al.
2020). What this does not show: what a head does in training, where others would take its place.
"""

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
from bert_explorer.results import Capability, HeadsComparison, MaskedWords, WithoutHeads

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Targets = tuple[tuple[int, ...], ...]  # token ids for each mask


def compare_heads(engine: "Engine", text: str, *, ablated: Heads, top_k: int = 6) -> HeadsComparison:
    """The answers with all heads and without these.

    The targets of each mask are the ``top_k`` words that either of the two would put there.
    """
    pairs = [_best_ids(ask_without(engine, text, ablated=heads, top_k=top_k)) for heads in ((), ablated)]
    ids = tuple(tuple(dict.fromkeys(one + other)) for one, other in zip(*pairs, strict=True))
    whole, without = (
        ask_without(engine, text, ablated=heads, top_k=top_k, targets=ids) for heads in ((), ablated)
    )
    return HeadsComparison(whole, without)


def _best_ids(answer: WithoutHeads) -> list[list[int]]:
    """Of each mask."""
    masks = answer.words.masks if answer.words is not None else ()
    return [[word.token_id for word in mask.predictions] for mask in masks]


def ask_without(
    engine: "Engine", text: str, *, ablated: Heads = (), top_k: int = 10, targets: Targets = ()
) -> WithoutHeads:
    """Everything that the model can say about ``text`` without these heads.

    ``targets`` are for each mask the token ids to score there besides the ``top_k`` best. Raises what
    the engine raises.
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
    engine: "Engine", text: str, ablated: Heads, top_k: int, targets: Targets
) -> MaskedWords | None:
    tokens = engine.tokenize(text)
    if engine.info.mask_token not in tokens.tokens:
        return None
    (answer,) = engine.map([MaskLogitsRequest(text, ablated=ablated)])
    asked = targets or ((),) * len(answer.positions)
    masks = tuple(
        rank_tokens(logits, engine.vocabulary, int(position), top_k=top_k, target_ids=ids)
        for position, logits, ids in zip(answer.positions, answer.logits, asked, strict=True)
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
