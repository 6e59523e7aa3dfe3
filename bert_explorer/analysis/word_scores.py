"""Any word in the place of a mask, however many pieces the vocabulary cuts it into.

A mask stands for one token. For a word of k pieces the mask is replaced by k masks, which are then filled
from left to right; by the chain rule the product is the probability that the model gives to the word among
all sequences of k tokens (the left-to-right score of Kauf & Ivanova 2023; confidence of several masks as in
X-FACTR, Jiang et al. 2020):

    log p(word) = sum_i log p(piece_i | text, pieces before i, masks for the pieces from i on)

The sum is a word's, not a piece's, so words of different lengths stand on one scale. The mean per piece,
which favours long words whose ends are sure, is not used. What stays unequal: k masks tell the model that k
tokens are missing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.masked_words import log_softmax, rank_of
from bert_explorer.analysis.targets import read_words, shorten_word
from bert_explorer.errors import MaskError, TargetError
from bert_explorer.models.requests import MaskedCopiesRequest, MaskedCopy
from bert_explorer.results import MaskLogits, WordScore

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_WORDS = 2_000
MAX_PIECES = 12


def score_words(
    engine: "Engine", text: str, words: Sequence[str], *, pair: str | None = None, mask: int = 0
) -> tuple[WordScore, ...]:
    """Each word's score at mask number ``mask`` (from 0), in the order of ``words``; repeated ones once.

    Raises TargetError for an empty word, one of characters that the vocabulary does not know, one of
    more than ``MAX_PIECES`` pieces or more than ``MAX_WORDS`` words; MaskError without that mask.
    """
    wanted = list(dict.fromkeys(word.strip() for word in words))
    if len(wanted) > MAX_WORDS:
        raise TargetError(f"There are {len(wanted):,} words; at most {MAX_WORDS:,} are scored at once.")
    at_masks = engine.mask_logits(text, pair)
    if not 0 <= mask < len(at_masks.positions):
        raise MaskError(f"There is no mask {mask}: masks count from 0 to {len(at_masks.positions) - 1}.")
    first = int(at_masks.positions[mask])
    logits = at_masks.logits[mask]
    pieces = read_words(engine, wanted, at_masks.tokens, first)
    log_probabilities = log_softmax(logits)
    texts = _widen_by_length(at_masks, str(engine.info.mask_token), mask, pieces)
    scores = _score_longer(engine, texts, first, pieces)
    found = []
    for word, ids in pieces.items():
        score = scores.get(word) or (float(log_probabilities[ids[0]]),)
        likelier = int(np.sum(log_probabilities > sum(score)))
        rank = rank_of(logits, ids[0]) if len(ids) == 1 else 1 + likelier
        found.append(WordScore(word, tuple(engine.vocabulary[i] for i in ids), score, rank))
    return tuple(found)


def _widen_by_length(
    at_masks: MaskLogits, mask_token: str, mask: int, pieces: dict[str, tuple[int, ...]]
) -> dict[int, tuple[str, str | None]]:
    """Number of pieces -> text and second text with as many masks in the place of the one."""
    text, pair = at_masks.tokens.text, at_masks.tokens.pair  # as the model read them: with its own mask
    in_first = sum(at_masks.tokens.sequence_ids[i] == 0 for i in at_masks.positions.tolist())
    texts: dict[int, tuple[str, str | None]] = {}
    for word, ids in pieces.items():
        if len(ids) > MAX_PIECES:
            raise TargetError(
                f"'{shorten_word(word)}' splits into {len(ids)} pieces; the limit is {MAX_PIECES}. "
                "Try a shorter word."
            )
        if pair is None or mask < in_first:
            texts[len(ids)] = (widen_mask(text, mask_token, mask, len(ids)), pair)
        else:
            texts[len(ids)] = (text, widen_mask(pair, mask_token, mask - in_first, len(ids)))
    return texts


def widen_mask(text: str, mask_token: str, mask: int, count: int) -> str:
    """The text with its mask number ``mask`` repeated ``count`` times."""
    parts = text.split(mask_token)
    left, right = parts[: mask + 1], parts[mask + 1 :]
    return mask_token.join(left) + mask_token * count + mask_token.join(right)


def _score_longer(
    engine: "Engine",
    texts: dict[int, tuple[str, str | None]],
    first: int,
    pieces: dict[str, tuple[int, ...]],
) -> dict[str, tuple[float, ...]]:
    """Log-probability of every piece of the words of several pieces, filled from left to right."""
    longer = {word: ids for word, ids in pieces.items() if len(ids) > 1}
    requests = [MaskedCopiesRequest(*texts[len(ids)], copies=_copies(first, ids)) for ids in longer.values()]
    answers = engine.score_copies(requests)
    return {
        word: tuple(answer.log_probabilities.tolist()) for word, answer in zip(longer, answers, strict=True)
    }


def _copies(first: int, ids: Sequence[int]) -> tuple[MaskedCopy, ...]:
    """One copy a piece: those before it filled in, itself and those after it hidden."""
    places = range(first, first + len(ids))
    return tuple(
        MaskedCopy(
            places[i], hidden=tuple(places[i + 1 :]), filled=tuple(zip(places[: i + 1], ids, strict=False))
        )
        for i in range(len(ids))
    )
