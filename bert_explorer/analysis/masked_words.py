"""Which words fit at a mask: the model's probabilities over its vocabulary (Devlin et al. 2019).

Several masks are answered independently: each distribution is a marginal that knows the other
masks only as masks. What this does not do: score the words of several masks jointly.

    softmax([0, ln 3])          = [0.25, 0.75]
    rank_of([2.0, 5.0, 5.0], 2) = 2            equal logits are ranked by their id
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.targets import find_target_id
from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray, MaskedWords, MaskPrediction, TokenProbability

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Probabilities = NDArray[np.float64]


def predict_masks(
    engine: "Engine", text: str, *, pair: str | None = None, top_k: int = 10, targets: Sequence[str] = ()
) -> MaskedWords:
    """The ``top_k`` likeliest tokens at each mask, and probability and rank of each target word.

    Raises TargetError where a target is not one entry of the vocabulary, InputError where ``top_k``
    is outside 1..vocab_size, and the engine's errors about text and mask.
    """
    check_top_k(top_k, engine.info.vocab_size)
    answer = engine.mask_logits(text, pair)
    masks = []
    for position, logits in zip(answer.positions.tolist(), answer.logits, strict=True):
        target_ids = [find_target_id(engine, word, answer.tokens, position) for word in targets]
        masks.append(rank_tokens(logits, engine.vocabulary, position, top_k=top_k, target_ids=target_ids))
    return MaskedWords(answer.tokens, tuple(masks))


def rank_tokens(
    logits: FloatArray,
    names: Sequence[str],
    position: int,
    *,
    top_k: int,
    target_ids: Sequence[int] = (),
) -> MaskPrediction:
    """Best tokens and targets of one mask from its logits; ``logits`` and ``names`` are (vocab_size,).

    Some models have more rows than tokens, to fill a round number; such a row is printed as "[row 7]".
    """
    probabilities = softmax(logits)  # (vocab_size,)

    def describe(token_id: int, rank: int) -> TokenProbability:
        return TokenProbability(
            names[token_id] or f"[row {token_id}]", token_id, float(probabilities[token_id]), rank
        )

    best = np.argsort(-logits, kind="stable")[:top_k].tolist()
    predictions = tuple(describe(token_id, rank) for rank, token_id in enumerate(best, start=1))
    targets = tuple(describe(token_id, rank_of(logits, token_id)) for token_id in target_ids)
    return MaskPrediction(position, predictions, targets)


def softmax(logits: FloatArray) -> Probabilities:
    """``exp(x_i) / sum_j exp(x_j)`` over the last axis, in float64 and safe from overflow."""
    shifted = logits.astype(np.float64) - np.max(logits, axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    total = exponentials.sum(axis=-1, keepdims=True)
    return np.asarray(exponentials / total)


def log_softmax(logits: FloatArray) -> Probabilities:
    """The natural logarithm of ``softmax``, safe where that is 0."""
    shifted = logits.astype(np.float64) - np.max(logits, axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def rank_of(logits: FloatArray, token_id: int) -> int:
    """Place of a token from 1, the best. Equal logits are ordered by id, as in the list of the best."""
    value = logits[token_id]
    return 1 + int(np.sum(logits > value)) + int(np.sum(logits[:token_id] == value))


def check_top_k(top_k: int, vocab_size: int) -> None:
    """InputError unless 1 <= top_k <= vocab_size."""
    if not 1 <= top_k <= vocab_size:
        raise InputError(f"The number of words to show is {top_k}. Choose between 1 and {vocab_size:,}.")
