"""Near texts, against comparing each with each."""

import random
from itertools import combinations, pairwise

from bert_explorer.training.doctor.shingles import find_near_groups

WORDS = [f"word{chr(97 + i)}{chr(97 + j)}" for i in range(20) for j in range(20)]


def pairs_of_words(text: str) -> set[tuple[str, str]]:
    words = ["", *text.lower().split(), ""]
    return set(pairwise(words))


def similarity(first: str, second: str) -> float:
    a, b = pairs_of_words(first), pairs_of_words(second)
    return len(a & b) / len(a | b)


def make_texts() -> list[str]:
    """60 random texts, and for each a copy with one to six words exchanged."""
    draw = random.Random(4)
    texts = []
    for number in range(60):
        words = draw.choices(WORDS, k=30)
        texts.append(" ".join(words))
        for position in draw.sample(range(30), 1 + number % 6):
            words[position] = draw.choice(WORDS)
        texts.append(" ".join(words))
    return texts


def test_the_same_pairs_as_comparing_each_with_each() -> None:
    texts = make_texts()
    expected = {
        pair for pair in combinations(range(len(texts)), 2) if similarity(*(texts[i] for i in pair)) >= 0.8
    }
    assert 8 < len(expected) < 45, "some copies are near and some are not"
    assert {tuple(group) for group in find_near_groups(texts)} == expected


def test_templates_are_near_and_short_texts_are_not() -> None:
    texts = [
        "Your code is 4711, do not share it!",
        "your code is 1234 do not share it",
        "I lost my card",
        "I lost my phone",
        "...",
        "!!!",
    ]
    assert find_near_groups(texts) == [(0, 1)]


def test_many_equal_texts_cost_no_more_than_a_few() -> None:
    assert find_near_groups(["the same text again"] * 5_000) == [tuple(range(5_000))]


def test_nothing_of_nothing() -> None:
    assert find_near_groups([]) == []
