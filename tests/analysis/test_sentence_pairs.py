"""Pairs of sentences: by hand, and the verdicts against the model asked one pair at a time."""

import pytest

from bert_explorer.analysis.next_sentence import predict_next_sentence
from bert_explorer.analysis.sentence_pairs import (
    KINDS,
    MAX_SENTENCES,
    NEIGHBOURS,
    STRANGERS,
    SWAPPED,
    count_right,
    judge_text,
    make_pairs,
    split_sentences,
)
from bert_explorer.errors import EmptyTextError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.results import PairVerdict


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("It rained. We left! Why?", ["It rained.", "We left!", "Why?"]),
        ("It cost 3.50 dollars, e.g. nothing.", ["It cost 3.50 dollars, e.g. nothing."]),
        ("He said “Go.” She went.", ["He said “Go.”", "She went."]),
    ],
)
def test_sentences_end_at_a_mark_before_a_capital(paragraph: str, sentences: list[str]) -> None:
    assert split_sentences(paragraph) == sentences


def test_every_two_neighbours_give_one_pair_of_each_kind() -> None:
    pairs = make_pairs(["A", "B", "C"], ["X", "Y", "B"], seed=0)  # B is no stranger to this text
    by_kind = {kind: [pair[:2] for pair in pairs if pair[2] == kind] for kind in KINDS}
    assert by_kind[NEIGHBOURS] == [("A", "B"), ("B", "C")]
    assert by_kind[SWAPPED] == [("B", "A"), ("C", "B")]
    assert [first for first, _ in by_kind[STRANGERS]] == ["A", "B"]
    assert {second for _, second in by_kind[STRANGERS]} == {"X", "Y"}


def test_strangers_are_drawn_again_where_there_are_few_and_follow_the_seed() -> None:
    sentences = [f"S{i}" for i in range(9)]
    assert {second for _, second, kind in make_pairs(sentences, ["X"], seed=3) if kind == STRANGERS} == {"X"}
    others = [f"X{i}" for i in range(50)]
    assert make_pairs(sentences, others, seed=1) == make_pairs(sentences, others, seed=1)
    assert make_pairs(sentences, others, seed=1) != make_pairs(sentences, others, seed=2)


@pytest.mark.parametrize("text", ["One sentence only.", "no end no capital", "Dr. who? yes."])
@pytest.mark.usefixtures("settings")
def test_a_text_of_one_sentence_is_refused_with_what_to_do(text: str) -> None:
    with open_model("bundled") as engine, pytest.raises(InputError, match="has 1 sentence; pairs need two"):
        judge_text(engine, text, ["Strange."])


@pytest.mark.usefixtures("settings")
def test_verdicts_are_those_of_each_pair_alone() -> None:
    text = "The cat sat on the mat. She said that.\nParis is the capital of France."
    with open_model("bundled") as engine:
        judged = judge_text(engine, text, ["We are going to see a doctor."], seed=1)
        assert judged.num_sentences == 3
        assert [pair.kind for pair in judged.pairs] == [*KINDS, *KINDS]
        for pair in judged.pairs:
            alone = predict_next_sentence(engine, pair.first, pair.second).is_next_probability
            assert pair.is_next_probability == pytest.approx(alone, abs=1e-5)


@pytest.mark.usefixtures("settings")
def test_of_a_long_text_the_first_sentences_are_used() -> None:
    text = " ".join(f"Sentence {i} is here." for i in range(MAX_SENTENCES + 5))
    with open_model("bundled") as engine:
        judged = judge_text(engine, text, ["Strange."])
    assert judged.num_sentences == MAX_SENTENCES + 5
    assert len(judged.pairs) == 3 * (MAX_SENTENCES - 1)


def test_right_verdicts_are_counted_by_kind() -> None:
    pairs = [
        PairVerdict("a", "b", NEIGHBOURS, 0.9),
        PairVerdict("b", "c", NEIGHBOURS, 0.2),
        PairVerdict("a", "x", STRANGERS, 0.4),
        PairVerdict("b", "a", SWAPPED, 0.8),
    ]
    assert [count_right(pairs, kind) for kind in KINDS] == [(1, 2), (1, 1), (0, 1)]


def test_there_must_be_strangers() -> None:
    with pytest.raises(ValueError, match="other documents"):
        make_pairs(["A", "B"], ["A"], seed=0)


@pytest.mark.usefixtures("settings")
def test_an_empty_text_is_refused() -> None:
    with open_model("bundled") as engine, pytest.raises((EmptyTextError, InputError), match="0 sentences"):
        judge_text(engine, "  \n ", ["Strange."])
