"""Words that fit several masks together.

A masked model gives each mask's distribution on its own: "[MASK] [MASK]" may get "new city" from "new
york" and "the city". Whole fillings are ranked here by their joint pseudo-log-likelihood, in which every word
knows all the others (the score of Salazar et al. 2020, over the masks alone):

    PLL(w_1 .. w_m) = sum_i log p(w_i | text with all masks but the i-th filled in)

The best filling is searched for by beams: every beam fills one of its open masks next, whichever and with
whatever is likeliest, so that any order may win; the finished fillings are then improved one word at a time
until none gets better. What this is not: the model's joint probability, which a masked model does not have
(Wang & Cho 2019), nor a proof that no better filling exists; and two equal words confirm each other, so that
repetitions score high. Special tokens are left out, and tokens that would not be read back as they are, such
as pieces after a blank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.joint_candidates import Candidates
from bert_explorer.analysis.masked_words import check_top_k
from bert_explorer.errors import MaskError
from bert_explorer.models.requests import MaskedCopiesRequest, MaskedCopy
from bert_explorer.results import CopyScores

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_MASKS = 8
BEAM_WIDTH = 12  # at least; more where more fillings are asked for
IMPROVED = 6  # best fillings whose words are changed in each round
CHANGES = 2  # words tried at each of their masks
MAX_ROUNDS = 4

Filling = tuple[int | None, ...]  # a token id for each mask, None where it is open


@dataclass(frozen=True)
class JointWords:
    """One way to fill all masks; ``words`` are tokens in the order of the masks.

    ``log_probability`` is the joint pseudo-log-likelihood (natural), ``each`` its terms by mask.
    """

    words: tuple[str, ...]
    log_probability: float
    each: tuple[float, ...]


@dataclass(frozen=True)
class JointAnswer:
    """The best fillings found, and the ``independent`` one: each mask's own best word, scored like them."""

    found: tuple[JointWords, ...]
    independent: JointWords


def predict_jointly(
    engine: "Engine", text: str, *, pair: str | None = None, top_k: int = 10
) -> tuple[JointWords, ...]:
    """The ``top_k`` best ways found to fill all masks, best first.

    Raises as ``predict_masks``, and MaskError for more than ``MAX_MASKS`` masks.
    """
    return compare_fillings(engine, text, pair=pair, top_k=top_k).found


def compare_fillings(engine: "Engine", text: str, *, pair: str | None = None, top_k: int = 10) -> JointAnswer:
    """The best fillings beside what independent guesses give. Raises as ``predict_jointly``."""
    check_top_k(top_k, engine.info.vocab_size)
    search = _Search(engine, text, pair, max(BEAM_WIDTH, top_k))
    alone = search.independent()
    finished = search.improve({*search.beams(), alone})
    scores = search.score(finished)
    ranked = sorted(finished, key=lambda item: (-sum(scores[item]), item))
    return JointAnswer(
        tuple(search.describe(item, scores[item]) for item in ranked[:top_k]),
        search.describe(alone, search.score([alone])[alone]),
    )


class _Search:
    """The search for one text's fillings; remembers what was scored."""

    def __init__(self, engine: "Engine", text: str, pair: str | None, width: int) -> None:
        at_masks = engine.mask_logits(text, pair)
        if len(at_masks.positions) > MAX_MASKS:
            raise MaskError(
                f"The text has {len(at_masks.positions)} masks; at most {MAX_MASKS} are filled together. "
                "Remove some."
            )
        self._engine, self._text, self._pair, self._width = engine, text, pair, width
        self._positions: list[int] = at_masks.positions.tolist()
        self._candidates = Candidates(engine, at_masks)
        self._known: dict[Filling, tuple[float, ...]] = {}

    def independent(self) -> Filling:
        """Each mask's own best word."""
        open_masks: Filling = (None,) * len(self._positions)
        best = self._expand([open_masks], every=True)[0]
        return tuple(self._likeliest(mask, best[mask], 1)[0][0] for mask in range(len(self._positions)))

    def beams(self) -> list[Filling]:
        """Finished fillings, from every beam filling any of its open masks at each step."""
        beams: dict[Filling, float] = {(None,) * len(self._positions): 0.0}
        for _ in self._positions:
            grown: dict[Filling, float] = {}
            answers = self._expand(list(beams), every=False)
            for (beam, score), answer in zip(beams.items(), answers, strict=True):
                for mask, (ids, log_probabilities) in answer.items():
                    for token_id, value in self._likeliest(mask, (ids, log_probabilities), self._width):
                        filled = _put(beam, mask, token_id)
                        grown[filled] = max(score + value, grown.get(filled, -np.inf))
            best = sorted(grown, key=lambda item: (-grown[item], str(item)))[: self._width]
            beams = {item: grown[item] for item in best}
        return list(beams)

    def improve(self, fillings: Iterable[Filling]) -> set[Filling]:
        """The fillings and what one changed word after another makes of the best of them."""
        everything = set(fillings)
        for _ in range(MAX_ROUNDS):
            scores = self.score(everything)
            best = sorted(everything, key=lambda item: -sum(scores[item]))[:IMPROVED]
            answers = self._expand(best, every=True)
            changed = {
                _put(item, mask, token_id)
                for item, answer in zip(best, answers, strict=True)
                for mask, choices in answer.items()
                for token_id, _ in self._likeliest(mask, choices, CHANGES)
            }
            if changed <= everything:
                break
            everything |= changed
        return everything

    def score(self, fillings: Iterable[Filling]) -> dict[Filling, tuple[float, ...]]:
        """By mask: the log-probability of each word where all the others are filled in."""
        new = [item for item in dict.fromkeys(fillings) if item not in self._known]
        copies = [self._copy(item, mask) for item in new for mask in range(len(item))]
        if copies:
            scores = self._ask(copies, 1).log_probabilities.astype(np.float64).reshape(len(new), -1)
            self._known |= {item: tuple(row.tolist()) for item, row in zip(new, scores, strict=True)}
        return self._known

    def describe(self, filling: Filling, each: tuple[float, ...]) -> JointWords:
        words = tuple(self._engine.vocabulary[token_id or 0] for token_id in filling)
        return JointWords(words, sum(each), each)

    def _expand(
        self, fillings: Sequence[Filling], *, every: bool
    ) -> list[dict[int, tuple[np.ndarray, np.ndarray]]]:
        """For each filling, by mask: likeliest ids and their log-probabilities at its open (or all) masks."""
        asked = [
            (row, mask)
            for row, item in enumerate(fillings)
            for mask, token_id in enumerate(item)
            if every or token_id is None
        ]
        copies = [self._copy(fillings[row], mask) for row, mask in asked]
        answer = self._ask(copies, min(self._candidates.wanted(self._width), self._engine.info.vocab_size))
        found: list[dict[int, tuple[np.ndarray, np.ndarray]]] = [{} for _ in fillings]
        for (row, mask), ids, values in zip(
            asked, answer.best_ids, answer.best_log_probabilities, strict=True
        ):
            found[row][mask] = (ids, values)
        return found

    def _likeliest(
        self, mask: int, choices: tuple[np.ndarray, np.ndarray], count: int
    ) -> list[tuple[int, float]]:
        ids, values = choices
        allowed = self._candidates.allowed(mask, ids.tolist(), count)
        return [(token_id, float(values[place])) for place, token_id in allowed]

    def _copy(self, filling: Filling, mask: int) -> MaskedCopy:
        places = list(zip(self._positions, filling, strict=True))
        still_open = tuple(p for i, (p, token_id) in enumerate(places) if token_id is None and i != mask)
        filled = tuple((p, token_id) for p, token_id in places if token_id is not None)
        return MaskedCopy(self._positions[mask], hidden=still_open, filled=filled)

    def _ask(self, copies: Sequence[MaskedCopy], top_k: int) -> CopyScores:
        request = MaskedCopiesRequest(self._text, self._pair, copies=tuple(copies), top_k=top_k)
        return next(iter(self._engine.score_copies([request])))


def _put(filling: Filling, mask: int, token_id: int) -> Filling:
    return (*filling[:mask], token_id, *filling[mask + 1 :])
