"""Which tokens may stand at a mask: those that are read back as they are when the text is written out."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import EmptyTextError
from bert_explorer.models.requests import TokenizeRequest
from bert_explorer.results import MaskLogits, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

BLANK_MARKERS = ("Ġ", "▁")
SPARE = 24  # likeliest tokens looked at beyond those that are wanted


class Candidates:
    """Remembers for each mask of a text which tokens may stand there, the other masks being masks."""

    def __init__(self, engine: "Engine", at_masks: MaskLogits) -> None:
        self._engine = engine
        self._tokens = at_masks.tokens
        self._positions: list[int] = at_masks.positions.tolist()
        self._known: dict[tuple[int, int], bool] = {}

    def wanted(self, count: int) -> int:
        """How many of the likeliest tokens to ask for, to keep ``count``."""
        return count + SPARE

    def allowed(self, mask: int, ids: Sequence[int], count: int) -> list[tuple[int, int]]:
        """(place in ``ids``, token id) of the first ``count`` tokens that may stand at the mask."""
        self._look_up(mask, ids)
        fit = [(place, token_id) for place, token_id in enumerate(ids) if self._known[mask, token_id]]
        return fit[:count]

    def _look_up(self, mask: int, ids: Sequence[int]) -> None:
        new = [token_id for token_id in ids if (mask, token_id) not in self._known]
        asked: dict[int, Future[Tokens]] = {}
        for token_id in new:
            self._known[mask, token_id] = False
            if token_id not in self._engine.special_ids and self._engine.vocabulary[token_id]:
                asked[token_id] = self._engine.submit(TokenizeRequest(*self._filled(mask, token_id)))
        for token_id, future in asked.items():
            expected = self._tokens.input_ids.copy()
            expected[self._positions[mask]] = token_id
            self._known[mask, token_id] = _reads_as(future, expected)

    def _filled(self, mask: int, token_id: int) -> tuple[str, str | None]:
        """Text and second text with the token in the place of the mask."""
        tokens, token = self._tokens, self._engine.vocabulary[token_id]
        start, end = tokens.offsets[self._positions[mask]].tolist()
        in_pair = tokens.sequence_ids[self._positions[mask]] == 1
        text = (tokens.pair or "") if in_pair else tokens.text
        start += len(text[start:end]) - len(text[start:end].lstrip())  # a mask token may hold its blank
        bare = token[1:] if token.startswith(BLANK_MARKERS) else token
        filled = text[:start] + bare + text[end:]
        return (tokens.text, filled) if in_pair else (filled, tokens.pair)


def _reads_as(future: "Future[Tokens]", expected: np.ndarray) -> bool:
    try:
        return bool(np.array_equal(future.result().input_ids, expected))
    except EmptyTextError:
        return False
