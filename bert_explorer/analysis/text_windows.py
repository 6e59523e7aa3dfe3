"""A text of any length as windows that a model can read, each token to be looked at in one of them.

Windows overlap by half. Of each, the middle half is looked at, so that every token has at least a quarter
of a window of text on both sides (at the ends of the text: all there is):

    text     |----------------------------------------|
    windows  |============|
                    |============|
                           |============|  ...
    looked   |---------|
                       |------|
                              |------|
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import InputError
from bert_explorer.results import IntArray, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class Window:
    """A part of a text from character ``start``; ``scored`` are the positions to look at."""

    tokens: Tokens
    start: int
    scored: IntArray

    @classmethod
    def of_whole(cls, tokens: Tokens) -> "Window":
        """All of a text that the model reads at once."""
        return cls(tokens, 0, np.flatnonzero(~tokens.is_special))


def cut_windows(engine: "Engine", text: str, *, max_tokens: int) -> list[Window]:
    """One window for a text that fits, else several. Raises InputError beyond about ``max_tokens``."""
    whole = engine.tokenize(text, truncate=True)
    num_tokens = len(whole) + whole.num_dropped
    if num_tokens > max_tokens:
        raise InputError(
            f"The text has {num_tokens:,} tokens; at most {max_tokens:,} are scored at once. "
            "Take a part of it."
        )
    if whole.num_dropped == 0:
        return [Window.of_whole(whole)]
    parts = [(0, whole)]
    while parts[-1][1].num_dropped:
        start = parts[-1][0] + _word_start(parts[-1][1], 0.5)
        parts.append((start, engine.tokenize(text[start:], truncate=True)))
    cuts = [0, *(start + _word_start(tokens, 0.75) for start, tokens in parts[:-1]), len(text) + 1]
    return [
        Window(tokens, start, _positions_between(tokens, low - start, high - start))
        for (start, tokens), (low, high) in zip(parts, pairwise(cuts), strict=True)
    ]


def _word_start(tokens: Tokens, share: float) -> int:
    """First character of the word at this share of the window; within a word that fills all before it.

    Never 0, so that a next window always begins later than this one.
    """
    middle = position = int(len(tokens) * share)
    while position > 1 and tokens.word_ids[position] == tokens.word_ids[position - 1]:
        position -= 1
    if position <= 1:
        position = middle
    return max(1, int(tokens.offsets[position, 0]))


def _positions_between(tokens: Tokens, low: int, high: int) -> IntArray:
    """Positions of the tokens that begin in these characters, special ones left out."""
    begins = tokens.offsets[:, 0]
    found: IntArray = np.flatnonzero(~tokens.is_special & (begins >= low) & (begins < high))
    return found
