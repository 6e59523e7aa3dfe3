"""Corrupted texts and sentence pairs."""

from dataclasses import dataclass

from bert_explorer.results.guesses import TokenProbability
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class CorruptedText:
    """A text as BERT reads it while it is pretrained: some tokens chosen, most of them hidden.

    ``treatments[i]`` says what became of the token at ``positions[i]``: "mask", "random" or "kept".
    """

    tokens: Tokens
    shown: tuple[str, ...]  # (seq_len,) what the model reads
    positions: tuple[int, ...]  # (num_chosen,)
    treatments: tuple[str, ...]  # (num_chosen,)


@dataclass(frozen=True)
class Restoration:
    """What the model says stood at each chosen position of a corrupted text; all tuples (num_chosen,)."""

    corrupted: CorruptedText
    truths: tuple[TokenProbability, ...]  # the true token, as probable as the model finds it
    guesses: tuple[TokenProbability, ...]  # the token that it finds likeliest


@dataclass(frozen=True)
class PairVerdict:
    """Two sentences and the model's verdict. ``kind`` is "neighbours", "strangers" or "swapped"."""

    first: str
    second: str
    kind: str
    is_next_probability: float


@dataclass(frozen=True)
class PairVerdicts:
    """Verdicts on the pairs made from one text. ``num_sentences`` were found, the first ones were used."""

    pairs: tuple[PairVerdict, ...]
    num_sentences: int
