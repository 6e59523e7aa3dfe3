from pathlib import Path

import pytest

from bert_explorer.errors import DataError
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import LabelledTexts, labelled_texts, read_table

LIMITS = Settings(home=Path("unused"))
CONFIG = FineTuneConfig(text_column="text", label_column="label")


def label(rows: list[str], config: FineTuneConfig = CONFIG, header: str = "text,label") -> LabelledTexts:
    return labelled_texts(read_table("a.csv", "\n".join([header, *rows]).encode(), LIMITS), config)


def test_labels_are_sorted_and_stripped() -> None:
    data = label(["a, spam", "b,ham ", " c,spam", "d,ham"])
    assert data.labels == ("ham", "spam")
    assert data.label_ids.tolist() == [1, 0, 1, 0]
    assert data.texts == ("a", "b", " c", "d")
    assert data.line_numbers == (2, 3, 4, 5)
    assert data.class_counts == {"ham": 2, "spam": 2}


def test_numbers_sort_by_value_before_words() -> None:
    rows = [f"text {label},{label}" for label in ["10", "9", "nan", "1.5", "best"] for _ in range(3)]
    assert label(rows).labels == ("1.5", "9", "10", "best", "nan")


def test_pairs() -> None:
    config = FineTuneConfig(text_column="a", pair_column="b", label_column="y")
    data = label(["x,u,1", "z,v,0", "w,t,1", "q,r,0"], config, header="a,b,y")
    assert data.pairs == ("u", "v", "t", "r")


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        (["a,x", " ,y", "c,x"], 3, "text in column 'text' is empty"),
        (["a,x", "b,y", "c, "], 4, "label in column 'label' is empty"),
        (["a,x", "b,x"], None, "has the label 'x'"),
        (["a,x", "b,x", "c,x", "d,x", "e,y"], 6, "Only one row has the label 'y'"),
        ([f"text {i},class {i}" for i in range(50)], None, "50 different labels in 50 rows"),
    ],
)
def test_refusals(rows: list[str], line: int | None, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        label(rows)
    assert caught.value.line == line


def test_unknown_column() -> None:
    with pytest.raises(DataError, match="no column 'body'"):
        label(["a,x", "b,y"], FineTuneConfig(text_column="body", label_column="label"))
