"""Attention between the words of a treebank: the sums and means written out as loops."""

import numpy as np
import pytest

from bert_explorer.analysis.treebank_words import NO_WORD, MostAttended, find_words, group_tokens
from bert_explorer.results import Attention, Tokens

SPANS = ((0, 3), (4, 9), (10, 11), (12, 13))


@pytest.fixture
def tokens() -> Tokens:
    """A blank belongs to a piece of the second word, one stands alone, and the third word has no piece."""
    offsets = np.array([[0, 0], [0, 3], [3, 7], [7, 9], [11, 12], [12, 13], [0, 0]])
    kinds = (None, 0, 0, 0, 0, 0, None)
    ids = np.zeros(7, dtype=np.int64)
    return Tokens("the catty . x", None, tuple("abcdefg"), ids, (None,) * 7, kinds, offsets)


def test_pieces_find_their_word_by_place(tokens: Tokens) -> None:
    assert find_words(tokens, SPANS).tolist() == [NO_WORD, 0, 1, 1, 3, 3, NO_WORD]
    words, units = group_tokens(tokens, SPANS)
    assert words.tolist() == [NO_WORD, 0, 1, 3, NO_WORD]
    assert units.groups == ((0,), (1,), (2, 3), (4, 5), (6,))
    assert units.is_special == (True, False, False, False, True)


def test_the_most_attended_words_are_those_of_loops(tokens: Tokens) -> None:
    generator = np.random.default_rng(0)
    weights = generator.dirichlet(np.ones(7), size=(3, 2, 7)).astype(np.float32)  # (3, 2, 7, 7)
    found = MostAttended(SPANS)(Attention(tokens, (0, 1, 2), weights))
    assert found.shape == (2, 3, 2, 4)
    pieces = {0: [1], 1: [2, 3], 3: [4, 5]}
    for layer, head in np.ndindex(3, 2):
        between = {
            (query, key): np.mean([sum(weights[layer, head, i, j] for j in columns) for i in rows])
            for query, rows in pieces.items()
            for key, columns in pieces.items()
        }
        for word in pieces:
            others = [other for other in pieces if other != word]
            assert found[0, layer, head, word] == max(others, key=lambda other: between[word, other])
            assert found[1, layer, head, word] == max(others, key=lambda other: between[other, word])
        assert found[:, layer, head, 2].tolist() == [NO_WORD, NO_WORD]
    assert len(np.unique(found[0, :, :, 0])) > 1


def test_a_word_alone_points_nowhere(tokens: Tokens) -> None:
    weights = np.full((1, 1, 7, 7), 1 / 7, dtype=np.float32)
    found = MostAttended(((0, 13),))(Attention(tokens, (0,), weights))
    assert found.tolist() == [[[[NO_WORD]]], [[[NO_WORD]]]]


def test_a_word_never_points_at_itself(tokens: Tokens) -> None:
    weights = np.eye(7, dtype=np.float32)[None, None] * 0.9 + 0.1 / 7
    weights[..., [2, 3], 4] += 0.01  # the second word looks a little at the fourth
    found = MostAttended(SPANS)(Attention(tokens, (0,), weights))
    assert found[0, 0, 0].tolist() == [1, 3, NO_WORD, 1]
    assert found[1, 0, 0].tolist() == [1, 0, NO_WORD, 1]
