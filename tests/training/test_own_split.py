"""Splits: the file's own, another file's, fold by fold, and the rows that choose the best epoch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.errors import DataError, InputError
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.examples import read_examples, split_examples
from bert_explorer.training.split import cut_into_folds
from bert_explorer.training.tables.parts import find_split_column, join_held_out
from bert_explorer.training.tables.table import guess_columns, read_table
from bert_explorer.training.tables.writing import write_table

CONFIG = FineTuneConfig(text_column="text", label_column="label", split_column="Split")
SETTINGS = Settings()


def make_file(parts: list[str], labels: str = "ab") -> bytes:
    rows = [f"text {i},{labels[i % len(labels)]},{part}" for i, part in enumerate(parts)]
    return "\n".join(["text,label,Split", *rows]).encode()


def test_the_files_own_split_is_recognised_and_taken_as_it_is() -> None:
    content = make_file(["train"] * 6 + ["Dev", "val", "TEST", "test", "held-out"])
    table = read_table("a.csv", content)
    assert find_split_column(table.columns, table.rows) == "Split"
    assert (guess_columns(table).text, guess_columns(table).label) == ("text", "label")
    best = replace(CONFIG, keep_best=True)
    split = split_examples(read_examples("a.csv", content, best, SETTINGS), best)
    sides = (split.train, split.validation, split.held_out)
    assert [side.tolist() for side in sides] == [[0, 1, 2, 3, 4, 5], [6, 7], [8, 9, 10]]


@pytest.mark.parametrize(
    "parts", [["train"] * 8, ["dev", "test"] * 4, ["train", ""] * 4, ["train", "unlabeled"] * 4]
)
def test_a_column_that_leaves_out_a_part_is_no_split(parts: list[str]) -> None:
    table = read_table("a.csv", make_file(parts))
    assert find_split_column(table.columns, table.rows) is None


def test_rows_for_validation_choose_nothing_where_no_epoch_is_chosen() -> None:
    content = make_file(["train"] * 6 + ["dev"] * 2 + ["test"] * 2)
    split = split_examples(read_examples("a.csv", content, CONFIG, SETTINGS), CONFIG)
    sides = (split.train, split.validation, split.held_out)
    assert [side.tolist() for side in sides] == [[0, 1, 2, 3, 4, 5], [], [8, 9]]


def test_rows_for_validation_are_measured_with_where_there_are_no_others() -> None:
    content = make_file(["train"] * 6 + ["dev"] * 2)
    split = split_examples(read_examples("a.csv", content, CONFIG, SETTINGS), CONFIG)
    assert (split.held_out.tolist(), split.validation.tolist()) == ([6, 7], [])


@pytest.mark.parametrize(
    ("parts", "labels", "message", "line"),
    [
        (["train"] * 6 + ["tset", "test"], "ab", "'tset' in the split column 'Split'", 8),
        (["train"] * 8, "ab", "no row of the part 'test'", None),
        (["test"] * 8, "ab", "no row of the part 'train'", None),
        (["train", "test"] * 4, "ab", "No row of the part 'train' has the label 'b'", None),
    ],
)
def test_splits_that_cannot_be_used(parts: list[str], labels: str, message: str, line: int | None) -> None:
    with pytest.raises(DataError, match=message) as caught:
        split_examples(read_examples("a.csv", make_file(parts, labels), CONFIG, SETTINGS), CONFIG)
    assert caught.value.line == line


def test_another_file_is_measured_with() -> None:
    rows = [f"text {i},{'ab'[i % 2]}" for i in range(8)]
    train = read_table("a.csv", "\n".join(["text,label", *rows]).encode())
    other = read_table("b.csv", b"label,text,more\na,new one,x\nb,new two,y\n")
    joined = join_held_out(train, other)
    content = write_table(joined)
    config = replace(CONFIG, split_column="split")
    examples = read_examples("both.csv", content, config, SETTINGS)
    split = split_examples(examples, config)
    assert [examples.texts[row] for row in split.held_out] == ["new one", "new two"]
    assert len(split.train) == 8
    with pytest.raises(DataError, match="no column 'text'"):
        join_held_out(train, read_table("b.csv", b"label,body\na,new\nb,newer\n"))


@given(
    sizes=st.lists(st.integers(5, 30), min_size=1, max_size=4),
    folds=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_every_row_is_in_one_fold_and_every_class_in_all(sizes: list[int], folds: int, seed: int) -> None:
    """Groups of one and of two rows; no fold has more than two rows of a class above another."""
    groups: dict[int, list[list[int]]] = {}
    row = 0
    for label_id, size in enumerate(sizes):
        groups[label_id] = [list(range(row + 2 * i, row + 2 * i + 1 + i % 2)) for i in range(size)]
        row += 2 * size
    parts = cut_into_folds(groups, folds=folds, seed=seed)
    everything = [row for own in groups.values() for group in own for row in group]
    assert sorted(row for part in parts for row in part) == sorted(everything)
    for own in groups.values():
        rows = {row for group in own for row in group}
        counts = [len(rows & set(part)) for part in parts]
        assert min(counts) >= 1
        assert max(counts) - min(counts) <= 2
        whole = [sum(set(group) <= set(part) for part in parts) for group in own]
        assert set(whole) == {1}, "a group is in one fold"


def test_folds_hold_out_every_row_once() -> None:
    config = replace(CONFIG, split_column=None, folds=4, keep_best=True)
    examples = read_examples("a.csv", make_file(["x"] * 40), config, SETTINGS)
    splits = [split_examples(examples, replace(config, fold=fold)) for fold in range(4)]
    assert sorted(np.concatenate([split.held_out for split in splits]).tolist()) == list(range(40))
    for split in splits:
        assert sorted([*split.train, *split.validation, *split.held_out]) == list(range(40))
        assert len(split.validation) == 4  # 15 % of 30, class by class
    small = read_examples("a.csv", make_file(["x"] * 6), config, SETTINGS)
    with pytest.raises(DataError, match="A class has 3 different texts, and 4 folds"):
        split_examples(small, config)
    with pytest.raises(InputError, match="Choose at least 2 folds"):
        replace(config, folds=1)
    with pytest.raises(InputError, match="Choose one"):
        replace(CONFIG, folds=3)
