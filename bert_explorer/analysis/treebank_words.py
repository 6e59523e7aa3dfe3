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

from bert_explorer.analysis.attention_words import Units
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
        words = find_words(attention.tokens, self.spans)  # (seq_len,)
        kept = np.unique(words[words != NO_WORD])
        belongs = (words[:, None] == kept).astype(np.float32)  # (seq_len, num_kept)
        between = (belongs / belongs.sum(axis=0)).T @ (attention.attentions @ belongs)
        found = np.full((2, *between.shape[:2], len(self.spans)), NO_WORD, dtype=np.int16)
        if len(kept) > 1:
            leave_out_diagonal(between)
            found[0][..., kept] = kept[between.argmax(axis=-1)]
            found[1][..., kept] = kept[between.argmax(axis=-2)]
        return found


def find_words(tokens: Tokens, spans: Sequence[tuple[int, int]]) -> IntArray:
    """(seq_len,) the word of each token, or NO_WORD.

    A token belongs to the first word that does not end before it, since some tokenizers count the blank
    before a word as part of its first piece.
    """
    ends = np.array([end for _, end in spans])
    found = np.searchsorted(ends, tokens.offsets[:, 1])
    of_text = np.array([sequence == 0 for sequence in tokens.sequence_ids])
    return np.where(of_text & (found < len(ends)), found, NO_WORD)


def group_tokens(tokens: Tokens, spans: Sequence[tuple[int, int]]) -> tuple[IntArray, Units]:
    """The pieces of each word together, tokens of no word alone: the units, and the word of each.

    A word that the model cannot read has no unit.
    """
    words = find_words(tokens, spans).tolist()
    runs = groupby(range(len(words)), key=lambda i: (words[i], i if words[i] == NO_WORD else 0))
    groups = tuple(tuple(run) for _, run in runs)
    of_unit = np.array([words[group[0]] for group in groups])
    names = tuple(tokens.tokens[group[0]] for group in groups)
    return of_unit, Units(names, groups, (0,) * len(groups), tuple((of_unit == NO_WORD).tolist()))


def leave_out_diagonal(weights: FloatArray) -> None:
    """Make the diagonal of (..., words, words), in place, smaller than any attention weight."""
    diagonal = np.arange(weights.shape[-1])
    weights[..., diagonal, diagonal] = -1.0
