"""BERT's first training task on a reader's own text: corrupt it as in pretraining, let the model restore it.

The very code that corrupts a pretraining batch (corruption.py) chooses the tokens here. The model reads the
corrupted text and is asked about all chosen tokens at once, as in training: those that became [MASK], those
that became another word, and those that were left as they are, which it cannot tell from the others.
"""

from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.corruption import Masking
from bert_explorer.errors import CapabilityError, EmptyTextError
from bert_explorer.results import CorruptedText, Restoration, TokenProbability

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine
    from bert_explorer.results import CopyScores, IntArray

PAPER_SHARE = 0.15
MASK, RANDOM, KEPT = "mask", "random", "kept"


def restore_text(engine: "Engine", text: str, *, share: float = PAPER_SHARE, seed: int = 0) -> Restoration:
    """Corrupt ``share`` of the tokens (at least one), drawn from ``seed``, and ask the model what they were.

    Raises TextTooLongError above the model's limit, EmptyTextError where every token is a special one,
    CapabilityError without a masked-word head.
    """
    tokens = engine.tokenize(text)
    special = np.isin(tokens.input_ids, list(engine.special_ids)) | tokens.is_special
    if special.all():
        raise EmptyTextError("The text has no word that could be hidden. Type at least one.")
    corruption = _masking(engine, share).corrupt(tokens.input_ids, special, np.random.default_rng(seed))
    shown_ids = corruption.input_ids[corruption.positions]
    scores = engine.restore_corrupted(text, positions=corruption.positions.tolist(), shown=shown_ids.tolist())
    corrupted = CorruptedText(
        tokens,
        shown=tuple(engine.vocabulary[i] for i in corruption.input_ids),
        positions=tuple(corruption.positions.tolist()),
        treatments=tuple(
            _treatment(engine, shown, true) for shown, true in zip(shown_ids, corruption.labels, strict=True)
        ),
    )
    return Restoration(corrupted, *_read_scores(engine, corruption.labels, scores))


def _masking(engine: "Engine", share: float) -> Masking:
    if engine.info.mask_token is None:
        raise CapabilityError(f"'{engine.info.name}' has no mask token. Choose another model for this.")
    first, end = word_range(engine.special_ids, engine.info.vocab_size)
    return Masking(share, engine.vocabulary.index(engine.info.mask_token), end, first_word_id=first)


def word_range(special_ids: "frozenset[int]", vocab_size: int) -> tuple[int, int]:
    """First and end of the ids between the special ones, which families put at either end.

    >>> word_range(frozenset({0, 100, 103}), 30522), word_range(frozenset({0, 1, 2, 3, 50264}), 50265)
    ((104, 30522), (4, 50264))
    """
    low = [i for i in special_ids if i < vocab_size // 2]
    high = [i for i in special_ids if vocab_size // 2 <= i < vocab_size]
    return max(low, default=-1) + 1, min(high, default=vocab_size)


def _treatment(engine: "Engine", shown_id: int, true_id: int) -> str:
    if shown_id == true_id:
        return KEPT
    return MASK if engine.vocabulary[shown_id] == engine.info.mask_token else RANDOM


def _read_scores(
    engine: "Engine", true_ids: "IntArray", scores: "CopyScores"
) -> tuple[tuple[TokenProbability, ...], tuple[TokenProbability, ...]]:
    """The true tokens and the model's first guesses."""
    truths = tuple(
        TokenProbability(engine.vocabulary[i], int(i), float(np.exp(score)), int(rank))
        for i, score, rank in zip(true_ids, scores.log_probabilities, scores.ranks, strict=True)
    )
    guesses = tuple(
        TokenProbability(engine.vocabulary[i], int(i), float(np.exp(score)), 1)
        for i, score in zip(scores.best_ids[:, 0], scores.best_log_probabilities[:, 0], strict=True)
    )
    return truths, guesses
