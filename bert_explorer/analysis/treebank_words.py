"""Attention between the words of a treebank, which need not be the words of the model's tokenizer.

A treebank splits "can't" into "ca" and "n't", the tokenizer into "ca", "n", "'" and "t": pieces are given to
words by their place in the text, and merged as in attention_words (sum to a word, mean from it). Special
tokens are left out, and rows are not divided again: which word gets most does not depend on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.attention_words import Units, merge_units
from bert_explorer.results import Attention, FloatArray, IntArray, Tokens

NO_WORD = -1


@dataclass(frozen=True)
class MostAttended:
    """Reduces the attention over one sentence to the words that each head points at.

    ``spans`` are the characters [start, end) of its words, in order.
    """

    spans: tuple[tuple[int, int], ...]

    def __call__(self, attention: Attention) -> NDArray[np.int16]:
        """(2, num_layers, num_heads, num_words), NO_WORD where there is none; empty for a text that was cut.

        [0] is the other word to which each word attends most, [1] the other word that attends to it most.
        """
        if attention.tokens.num_dropped:
            return np.empty((2, 0, 0, 0), dtype=np.int16)
        words, units = group_tokens(attention.tokens, self.spans)
        merged = merge_units(attention.attentions, units)
        kept = np.flatnonzero(words != NO_WORD)
        between = merged[..., kept, :][..., kept]
        found = np.full((2, *merged.shape[:2], len(self.spans)), NO_WORD, dtype=np.int16)
        if len(kept) > 1:
            for direction, weights in enumerate((between, between.swapaxes(-1, -2))):
                found[direction][..., words[kept]] = words[kept][find_largest_other(weights)]
        return found


def group_tokens(tokens: Tokens, spans: Sequence[tuple[int, int]]) -> tuple[IntArray, Units]:
    """The pieces of each word together, tokens of no word alone: the units, and the word of each.

    A token belongs to the first word that does not end before it, since some tokenizers count the blank
    before a word as part of its first piece. A word that the model cannot read has no unit.
    """
    ends = np.array([end for _, end in spans])
    found = np.searchsorted(ends, tokens.offsets[:, 1])  # (seq_len,)
    of_text = np.array([sequence == 0 for sequence in tokens.sequence_ids])
    words = np.where(of_text & (found < len(ends)), found, NO_WORD).tolist()
    runs = groupby(range(len(words)), key=lambda i: (words[i], i if words[i] == NO_WORD else 0))
    groups = tuple(tuple(run) for _, run in runs)
    of_unit = np.array([words[group[0]] for group in groups])
    names = tuple(tokens.tokens[group[0]] for group in groups)
    return of_unit, Units(names, groups, (0,) * len(groups), tuple((of_unit == NO_WORD).tolist()))


def find_largest_other(weights: FloatArray) -> IntArray:
    """(..., words) index of the largest weight of each row of (..., words, words), the diagonal left out."""
    others = np.where(np.eye(weights.shape[-1], dtype=bool), -1.0, weights)
    return np.asarray(others.argmax(axis=-1))
