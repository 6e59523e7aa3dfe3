"""Writing with a model that was not made to write: hide a word, draw another, and so on.

Gibbs sampling as in Wang & Cho 2019, "BERT has a Mouth, and It Must Speak: BERT as a Markov Random Field
Language Model": the text starts as a row of masks. In each step one place is hidden and filled anew by a draw
from the model's distribution there, sharpened by a temperature T and cut to the ``top_k`` likeliest tokens:

    q(w) ~ p(w | all other places)^(1/T)

The first pass goes through the places in order or in a random one, later passes draw places at random. The
authors later found that BERT's conditionals are not those of one Markov random field, so that the draws are
not from a distribution that the model defines. A seed makes a run repeatable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import InputError
from bert_explorer.models.requests import MaskedCopiesRequest, MaskedCopy
from bert_explorer.results import CopyScores

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MASK = "[MASK]"
MAX_PLACES = 30
MAX_STEPS = 300
PIECE, BLANKS = "##", ("Ġ", "▁")


@dataclass(frozen=True)
class WritingStep:
    """Place ``place`` (from 0) was filled with ``token``; ``tokens`` is the text after that."""

    place: int
    token: str
    probability: float  # that the model gave to it, before temperature and top_k
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """How to write. ``places`` masks follow the prompt; ``passes`` draws are made for each."""

    prompt: str = ""
    places: int = 12
    passes: int = 3
    temperature: float = 0.8
    top_k: int = 50
    in_order: bool = True
    seed: int = 0

    def check(self) -> None:
        """Raises InputError for values out of range."""
        limits = (
            ("places", self.places, 1, MAX_PLACES),
            ("steps (places times passes)", self.places * self.passes, 1, MAX_STEPS),
            ("temperature", self.temperature, 0.05, 5),
            ("top_k", self.top_k, 1, 1_000),
        )
        for name, value, low, high in limits:
            if not low <= value <= high:
                raise InputError(f"The number of {name} is {value:g}. Choose between {low:g} and {high:g}.")


def write(engine: "Engine", recipe: Recipe) -> tuple[WritingStep, ...]:
    """Every step, in order. Raises InputError and what the engine raises about the text."""
    recipe.check()
    text = f"{recipe.prompt.strip()} {' '.join([MASK] * recipe.places)}".strip()
    at_masks = engine.mask_logits(text)
    positions = at_masks.positions.tolist()[-recipe.places :]
    chance = np.random.default_rng(recipe.seed)
    ids: dict[int, int] = {}
    steps = []
    for place in _places(recipe, chance):
        answer = _ask(engine, text, recipe, positions, place, ids)
        token_id, probability = _draw(answer, engine.special_ids, recipe, chance)
        ids[place] = token_id
        read = list(at_masks.tokens.tokens)
        for filled, chosen in ids.items():
            read[positions[filled]] = engine.vocabulary[chosen]
        inner = tuple(
            token for token, special in zip(read, at_masks.tokens.is_special, strict=True) if not special
        )
        steps.append(WritingStep(place, engine.vocabulary[token_id], probability, inner))
    return tuple(steps)


def _places(recipe: Recipe, chance: np.random.Generator) -> Iterator[int]:
    """The place of each step: all once, then any."""
    everything = np.arange(recipe.places)
    yield from (everything if recipe.in_order else chance.permutation(everything)).tolist()
    yield from chance.integers(recipe.places, size=recipe.places * (recipe.passes - 1)).tolist()


def _ask(
    engine: "Engine", text: str, recipe: Recipe, positions: list[int], place: int, ids: dict[int, int]
) -> CopyScores:
    still_open = tuple(p for i, p in enumerate(positions) if i not in ids and i != place)
    filled = tuple((positions[i], token_id) for i, token_id in ids.items())
    copy = MaskedCopy(positions[place], hidden=still_open, filled=filled)
    top_k = min(recipe.top_k + len(engine.special_ids), engine.info.vocab_size)
    answer: CopyScores = engine.submit(MaskedCopiesRequest(text, copies=(copy,), top_k=top_k)).result()
    return answer


def _draw(
    answer: CopyScores, special_ids: frozenset[int], recipe: Recipe, chance: np.random.Generator
) -> tuple[int, float]:
    """Token id and the model's probability of it. Special tokens are never drawn."""
    ids = answer.best_ids[0]
    fits = np.flatnonzero(~np.isin(ids, list(special_ids)))[: recipe.top_k]
    scores = answer.best_log_probabilities[0].astype(np.float64)[fits]
    sharpened = scores / recipe.temperature
    weights = np.exp(sharpened - sharpened.max())
    drawn = int(chance.choice(len(weights), p=weights / weights.sum()))
    return int(ids[fits][drawn]), float(np.exp(scores[drawn]))


def join_tokens(tokens: tuple[str, ...]) -> str:
    """Tokens as a text: pieces joined to their words, masks left as they are.

    >>> join_tokens(("un", "##known", "cats"))
    'unknown cats'
    """
    marked = any(token.startswith(BLANKS) for token in tokens)
    text = ""
    for token in tokens:
        if token.startswith(PIECE):
            text += token.removeprefix(PIECE)
        elif marked:
            text += " " + token[1:] if token.startswith(BLANKS) else token
        else:
            text += " " + token
    return text.strip()
