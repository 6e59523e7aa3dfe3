"""Attention between words instead of word pieces, without special tokens, between two texts.

Attention *to* a word is the sum over its pieces, attention *from* it their mean (Clark et al. 2019), so that
every row still sums to 1:

    pieces  em ##bed it          words       embed  it
    em     [.5  .2  .3]          embed      [ .6   .4 ]     ((.5 + .2) + (.4 + .1)) / 2 = .6
    ##bed  [.4  .1  .5]    ->    it         [ .3   .7 ]
    it     [.2  .1  .7]

Without special tokens the rest of each row is divided by its sum. That is a different question ("of what went
to words, how much went where?"), and it enlarges rows that rested on [SEP] almost entirely.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import Attention, FloatArray, Tokens

Weights = NDArray[np.floating]
BLOCKS = ("A>A", "A>B", "B>A", "B>B")  # from > to


@dataclass(frozen=True)
class Units:
    """What stands on the axes of a picture: tokens or words, in the order of the text.

    ``groups[i]`` are the positions of the tokens of unit i; ``sides[i]`` is 0 or 1 for the first or second
    text (a special token belongs to the text that it closes); ``is_special[i]`` is True for added tokens.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    sides: tuple[int, ...]
    is_special: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_pair(self) -> bool:
        return 1 in self.sides

    def select(self, kept: Sequence[int]) -> "Units":
        """Only the units with these indices."""
        return Units(
            tuple(self.names[i] for i in kept),
            tuple(self.groups[i] for i in kept),
            tuple(self.sides[i] for i in kept),
            tuple(self.is_special[i] for i in kept),
        )


def token_units(tokens: Tokens) -> Units:
    """Every token for itself."""
    special = tuple(sequence is None for sequence in tokens.sequence_ids)
    groups = tuple((position,) for position in range(len(tokens)))
    return Units(tokens.tokens, groups, _sides(tokens), special)


def word_units(tokens: Tokens) -> Units:
    """Neighbours of the same word together, named as they stand in the text; special tokens alone.

    Words end at blanks and punctuation, as the model's tokenizer splits them.
    """
    groups: list[list[int]] = []
    last: tuple[int | None, int | None] | None = None
    for position in range(len(tokens)):
        word = (tokens.sequence_ids[position], tokens.word_ids[position])
        if None not in word and word == last:
            groups[-1].append(position)
        else:
            groups.append([position])
        last = word
    sides = _sides(tokens)
    return Units(
        tuple(_name(tokens, group) for group in groups),
        tuple(map(tuple, groups)),
        tuple(sides[group[0]] for group in groups),
        tuple(tokens.sequence_ids[group[0]] is None for group in groups),
    )


def merge_units(weights: Weights, units: Units) -> FloatArray:
    """(..., query, key) over tokens -> (..., query, key) over units: sum to, mean from."""
    starts = [group[0] for group in units.groups]
    to_units = np.add.reduceat(weights, starts, axis=-1)
    sizes = np.array([len(group) for group in units.groups])
    merged: FloatArray = np.add.reduceat(to_units, starts, axis=-2) / sizes[:, None]
    return merged.astype(np.float32)


def merge_scores(scores: Weights, units: Units) -> FloatArray:
    """(..., token) -> (..., unit): the sum over the tokens of each."""
    merged: FloatArray = np.add.reduceat(scores, [group[0] for group in units.groups], axis=-1)
    return merged.astype(np.float32)


def hide_special(weights: Weights, units: Units) -> tuple[FloatArray, Units]:
    """Without special tokens, every row divided by what is left of it.

    A row that gave all its attention to special tokens has nothing left, and stays 0.
    """
    kept = [i for i, special in enumerate(units.is_special) if not special]
    rest = np.asarray(weights)[..., kept, :][..., kept]
    sums = rest.sum(axis=-1, keepdims=True)
    shares = np.divide(rest, sums, out=np.zeros_like(rest), where=sums > 0)
    return shares.astype(np.float32), units.select(kept)


def select_block(units: Units, block: str) -> tuple[list[int], list[int]]:
    """Indices of the units that look and that are looked at, in one of BLOCKS or in "all"."""
    everything = list(range(len(units)))
    if block not in BLOCKS:
        return everything, everything
    sides = {"A": 0, "B": 1}
    looking, seen = (sides[letter] for letter in block.split(">"))
    return [i for i in everything if units.sides[i] == looking], [
        i for i in everything if units.sides[i] == seen
    ]


def arrange(attention: Attention, *, words: bool = False, with_special: bool = True) -> Attention:
    """The same attention between words, or without special tokens, or both (words are merged first).

    The ``tokens`` of the result are what stands on its axes.
    """
    units = word_units(attention.tokens) if words else token_units(attention.tokens)
    weights = merge_units(attention.attentions, units) if words else attention.attentions
    if not with_special:
        weights, units = hide_special(weights, units)
    return Attention(_as_tokens(attention.tokens, units), attention.layers, weights)


def _as_tokens(tokens: Tokens, units: Units) -> Tokens:
    """Units in the place of tokens; a word has the id of its first piece."""
    firsts = [group[0] for group in units.groups]
    lasts = [group[-1] for group in units.groups]
    return replace(
        tokens,
        tokens=units.names,
        input_ids=tokens.input_ids[firsts],
        word_ids=tuple(tokens.word_ids[i] for i in firsts),
        sequence_ids=tuple(tokens.sequence_ids[i] for i in firsts),
        offsets=np.stack([tokens.offsets[firsts, 0], tokens.offsets[lasts, 1]], axis=1),
    )


def _sides(tokens: Tokens) -> tuple[int, ...]:
    second = tokens.sequence_ids.index(1) if 1 in tokens.sequence_ids else len(tokens)
    return tuple(int(position >= second) for position in range(len(tokens)))


def _name(tokens: Tokens, group: Sequence[int]) -> str:
    """The characters of a word; the token itself where it is alone or stands for none."""
    if len(group) == 1:
        return tokens.tokens[group[0]]
    text = (tokens.pair or "") if tokens.sequence_ids[group[0]] == 1 else tokens.text
    start, end = int(tokens.offsets[group[0], 0]), int(tokens.offsets[group[-1], 1])
    return text[start:end].strip() or "".join(tokens.tokens[position] for position in group)
