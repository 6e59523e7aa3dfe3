import pytest

from bert_explorer.analysis.training_text import (
    HELD_OUT_EVERY,
    MAX_WORDS_A_SENTENCE,
    MIN_SENTENCES,
    SENTENCES_A_DOCUMENT,
    divide_text,
)
from bert_explorer.errors import DataError

SENTENCE = "The {} cat sat on the old mat again."


def sentences(count: int) -> list[str]:
    return [SENTENCE.format(f"no{i}") for i in range(count)]


@pytest.mark.parametrize("join", ["\n", " ", "\r\n"], ids=["lines", "one endless line", "Windows"])
def test_every_sentence_is_kept_once_and_in_order(join: str) -> None:
    divided = divide_text(join.join(sentences(100)))
    documents = [*divided.learned]
    documents.insert(1, divided.held_out[0])
    documents.insert(11, divided.held_out[1])
    assert [sentence for document in documents for sentence in document] == sentences(100)
    assert {len(document) for document in documents[:-1]} == {SENTENCES_A_DOCUMENT}
    assert divided.num_words == 900
    assert divided.num_sentences == 100
    assert HELD_OUT_EVERY == 10


def test_lines_of_a_paragraph_are_one_where_blank_lines_part_paragraphs() -> None:
    paragraph = "The old\ncat sat on the mat. It was\nglad of that."
    divided = divide_text("\n\n".join([paragraph] * 20))
    assert divided.learned[0][:2] == ("The old cat sat on the mat.", "It was glad of that.")


def test_one_sentence_a_line_needs_no_full_stops_even_with_a_blank_line_between() -> None:
    lines = [f"the number {i} cat sat on the old mat again today" for i in range(40)]
    assert divide_text("\n".join([*lines[:20], "", *lines[20:]])).num_sentences == 40


def test_a_sentence_that_no_sequence_could_hold_is_cut_and_nothing_lost() -> None:
    long = " ".join(f"word{i}" for i in range(150)) + "."
    divided = divide_text("\n".join([long, *sentences(40)]))
    pieces = divided.learned[0][:3]
    assert [len(piece.split()) for piece in pieces] == [MAX_WORDS_A_SENTENCE, MAX_WORDS_A_SENTENCE, 30]
    assert " ".join(pieces) == long


def test_sentences_of_a_script_without_blanks() -> None:
    divided = divide_text("猫は古いマットの上に座っていました。それはとても嬉しかった！" * 20)
    assert divided.num_sentences == 40
    assert divided.learned[0][:2] == ("猫は古いマットの上に座っていました。", "それはとても嬉しかった！")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 words"),
        ("Too short. Really.", "3 words"),
        ("word " * 5_000, f"1 sentences; at least {MIN_SENTENCES}"),
        ("a " * 1_500_000, "3,000,000 characters"),
    ],
    ids=["nothing", "too little", "no sentence ends", "too much"],
)
def test_what_cannot_be_learned_from_says_why(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        divide_text(text)
