"""CoNLL-U: what is read, and what is refused with its line."""

import pytest

from bert_explorer.analysis.treebank import ROOT, Sentence, read_bundled_treebank, read_treebank
from bert_explorer.errors import DataError
from bert_explorer.settings import Settings


def row(word_id: str, form: str, head: str, relation: str) -> str:
    return "\t".join([word_id, form, "_", "X", "_", "_", head, relation, "_", "_"])


GOOD = [
    "# sent_id = 1",
    row("1-2", "don't", "_", "_"),
    row("1", "do", "3", "aux"),
    row("2", "n't", "3", "advmod"),
    row("3", "look", "0", "root"),
    row("3.1", "look", "_", "_"),
    "",
    "",
    "# a comment alone",
    "",
    row("1", "New York", "0", "root"),
]


def test_words_are_read_and_multiword_tokens_and_empty_nodes_left_out() -> None:
    first, second = read_treebank("\r\n".join(GOOD).encode())
    assert first == Sentence(
        ("do", "n't", "look"), (2, 2, ROOT), ("aux", "advmod", "root"), 3, ("X", "X", "X")
    )
    assert (second.words, second.heads, second.line) == (("New York",), (ROOT,), 11)
    assert first.text == "do n't look"
    assert [first.text[start:end] for start, end in first.spans] == list(first.words)
    assert read_treebank("\ufeff".encode() + "\n".join(GOOD).encode()) == (first, second)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 do 3 aux", "The columns are 1, and CoNLL-U has 10, separated by tabs"),
        (row("1", "do", "3", "aux") + "\textra", "The columns are 11"),
        (row("2", "do", "3", "aux"), "The ID is '2', and word 1 of the sentence is next"),
        (row("one", "do", "3", "aux"), "The ID is 'one'"),
        (row("01", "do", "3", "aux"), "The ID is '01'"),
        (row("2-3", "do", "_", "_"), "'2-3' does not announce"),
        (row("1-1", "do", "_", "_"), "'1-1' does not announce"),
        (row("1", " ", "3", "aux"), "The word"),
        (row("1", "do", "_", "aux"), "The HEAD .* is '_'"),
        (row("1", "do", "-1", "aux"), "The HEAD .* is '-1'"),
        (row("1", "do", "3", "_"), "The relation"),
        (row("1", "do", "9", "aux"), "HEAD .* is 9, and the sentence has 3 words"),
        (row("1", "do", "1", "aux"), "Word 1 is its own HEAD"),
    ],
)
def test_a_broken_line_is_named_by_its_number(line: str, message: str) -> None:
    lines = [GOOD[0], GOOD[-1], "", GOOD[0], line, *GOOD[3:]]
    with pytest.raises(DataError, match=message) as error:
        read_treebank("\n".join(lines).encode())
    assert error.value.line == 5
    assert str(error.value).startswith("Line 5: ")


def test_other_files_are_refused() -> None:
    with pytest.raises(DataError, match="no sentence in CoNLL-U"):
        read_treebank(b"# only a comment\n\n")
    with pytest.raises(DataError, match="not UTF-8") as error:
        read_treebank(row("1", "a", "0", "root").encode() + b"\n\xff\xfe\n")
    assert error.value.line == 2


def test_the_bundled_treebank_has_its_thousand_trees(bundled_settings: Settings) -> None:
    sentences = read_bundled_treebank(bundled_settings)
    assert len(sentences) == 1000
    assert sum(len(sentence.words) for sentence in sentences) == 21_180
    assert all(sentence.heads.count(ROOT) == 1 for sentence in sentences)
    assert sum(sentence.relations.count("det") for sentence in sentences) == 2_043


def test_more_relations_than_can_be_compared_are_refused() -> None:
    lines = [row("1", "the", "0", "root")]
    lines += [row(str(number), "cat", "1", f"r{number}") for number in range(2, 501)]
    assert len(read_treebank("\n".join(lines).encode())[0].words) == 500
    lines.append(row("501", "cat", "1", "one-more"))
    with pytest.raises(DataError, match=r"501 different relations .* at most 500"):
        read_treebank("\n".join(lines).encode())
