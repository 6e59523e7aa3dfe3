"""Words that fit several masks together, by filling them from left to right.

A masked model gives each mask's distribution on its own: "[MASK] [MASK]" may get "new city" from "new
york" and "the city". Here the first mask is filled, the next one is asked again, and so on:

    log p(w1, w2) = log p(w1 | text with 2 masks) + log p(w2 | text with w1 filled in)

keeping the ``top_k`` best beginnings at each mask (beam search). What this is not: the model's joint
probability. A masked model has none, and another order of filling gives other numbers (Wang & Cho
2019). Special tokens are left out, and tokens that would not be read back as they are, such as pieces after
a blank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.masked_words import check_top_k, softmax
from bert_explorer.errors import EmptyTextError
from bert_explorer.models.requests import MaskLogitsRequest
from bert_explorer.results import MaskLogits, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

BLANK_MARKERS = ("Ġ", "▁")
MAX_TRIED = 10  # candidates read back for each one kept


@dataclass(frozen=True)
class JointWords:
    """One way to fill all masks; ``words`` are tokens in the order of the masks."""

    words: tuple[str, ...]
    log_probability: float


@dataclass(frozen=True)
class _Beam:
    text: str
    pair: str | None
    found: JointWords


def predict_jointly(
    engine: "Engine", text: str, *, pair: str | None = None, top_k: int = 10
) -> tuple[JointWords, ...]:
    """The ``top_k`` best ways found to fill all masks, best first. Raises as ``predict_masks``."""
    check_top_k(top_k, engine.info.vocab_size)
    num_masks = len(engine.mask_logits(text, pair).positions)
    beams = [_Beam(text, pair, JointWords((), 0.0))]
    for _ in range(num_masks):
        beams = _fill_next(engine, beams, top_k)
    return tuple(beam.found for beam in beams)


def _fill_next(engine: "Engine", beams: list[_Beam], top_k: int) -> list[_Beam]:
    """Fill the first mask of every beam, and keep the best results."""
    answers = list(engine.map(MaskLogitsRequest(beam.text, beam.pair) for beam in beams))
    kept: list[_Beam] = []
    for log_probability, index, token_id in _rank_candidates(beams, answers, MAX_TRIED * top_k):
        if token_id in engine.special_ids:
            continue
        filled = _fill(engine, answers[index], token_id)
        if filled is not None:
            words = (*beams[index].found.words, engine.vocabulary[token_id])
            kept.append(_Beam(*filled, JointWords(words, log_probability)))
        if len(kept) == top_k:
            break
    return kept


def _rank_candidates(
    beams: list[_Beam], answers: list[MaskLogits], count: int
) -> Iterator[tuple[float, int, int]]:
    """(log probability, index of the beam, token id) of the best continuations, best first."""
    candidates = []
    for index, (beam, answer) in enumerate(zip(beams, answers, strict=True)):
        probabilities = softmax(answer.logits[0])  # (vocab_size,)
        for token_id in np.argsort(-probabilities, kind="stable")[:count].tolist():
            if probabilities[token_id] > 0:
                log_probability = beam.found.log_probability + float(np.log(probabilities[token_id]))
                candidates.append((log_probability, index, token_id))
    return iter(sorted(candidates, key=lambda item: (-item[0], item[1], item[2])))


def _fill(engine: "Engine", answer: MaskLogits, token_id: int) -> tuple[str, str | None] | None:
    """Text and second text with the first mask filled; None where they would not be read back so."""
    position = int(answer.positions[0])
    text, pair = _replace(answer.tokens, position, engine.vocabulary[token_id])
    expected = answer.tokens.input_ids.copy()
    expected[position] = token_id
    try:
        read = engine.tokenize(text, pair)
    except EmptyTextError:
        return None
    return (text, pair) if np.array_equal(read.input_ids, expected) else None


def _replace(tokens: Tokens, position: int, token: str) -> tuple[str, str | None]:
    start, end = tokens.offsets[position].tolist()
    in_pair = tokens.sequence_ids[position] == 1
    text = (tokens.pair or "") if in_pair else tokens.text
    start += len(text[start:end]) - len(text[start:end].lstrip())  # a mask token may hold its blank
    bare = token[1:] if token.startswith(BLANK_MARKERS) else token
    filled = text[:start] + bare + text[end:]
    return (tokens.text, filled) if in_pair else (filled, tokens.pair)
