import pytest

from bert_explorer.errors import InputError
from bert_explorer.settings import load_settings
from bert_explorer.training.data import read_table
from bert_explorer.ui.collections import (
    MAX_TEXTS,
    TextCollection,
    collect_columns,
    is_plain_lines,
    parse_lines,
    read_example,
)


def test_a_line_is_a_text_and_blank_lines_are_none() -> None:
    assert parse_lines("one\n\n   \r\ntwo\n") == TextCollection(("one", "two"), None)


def test_what_stands_before_the_last_tab_is_the_label() -> None:
    assert parse_lines("food\tShe baked.\nIt rained.") == TextCollection(
        ("She baked.", "It rained."), ("food", "")
    )


def test_too_many_texts_are_refused_with_both_numbers() -> None:
    with pytest.raises(InputError, match=f"20,001 texts; at most {MAX_TEXTS:,}"):
        parse_lines("x\n" * (MAX_TEXTS + 1))


@pytest.mark.parametrize(
    ("name", "content", "plain"),
    [("a.txt", b"x\ny", True), ("a.TXT", b"l\tx", False), ("a.csv", b"x", False)],
)
def test_only_a_txt_file_without_tabs_is_a_list_of_lines(name: str, content: bytes, plain: bool) -> None:
    assert is_plain_lines(name, content) is plain


def test_columns_of_a_table_lose_rows_without_text() -> None:
    table = read_table("a.csv", b"text,label\nfirst one,a\n ,b\nlast one,a\n")
    assert collect_columns(table, "text", "label") == TextCollection(("first one", "last one"), ("a", "a"))
    assert collect_columns(table, "text", None).labels is None


def test_the_example_has_ten_sentences_of_each_of_five_topics() -> None:
    example = parse_lines(read_example(load_settings({})))
    assert len(example.texts) == len(set(example.texts)) == 50
    assert example.labels is not None
    assert {example.labels.count(topic) for topic in set(example.labels)} == {10}


def test_a_sample_is_always_the_same_and_keeps_order_and_labels() -> None:
    texts = TextCollection(tuple(f"t{i}" for i in range(30)), tuple(f"l{i}" for i in range(30)))
    kept = texts.sample(5)
    assert kept == texts.sample(5)
    assert texts.sample(30) is texts
    numbers = [int(item[1:]) for item in kept.texts]
    assert numbers == sorted(set(numbers))
    assert kept.labels == tuple(f"l{number}" for number in numbers)
