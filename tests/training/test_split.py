import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.errors import DataError
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.split import split_rows


def make_data(texts: list[str], label_ids: list[int]) -> LabelledTexts:
    labels = tuple(f"class {index}" for index in range(max(label_ids) + 1))
    lines = tuple(range(2, len(texts) + 2))
    return LabelledTexts(tuple(texts), None, labels, np.array(label_ids, dtype=np.int64), lines)


@given(
    counts=st.lists(st.integers(2, 40), min_size=2, max_size=5),
    share=st.sampled_from([0.1, 0.2, 0.5]),
    seed=st.integers(0, 2**32 - 1),
)
def test_distinct_texts_are_stratified(counts: list[int], share: float, seed: int) -> None:
    label_ids = [label_id for label_id, count in enumerate(counts) for _ in range(count)]
    data = make_data([f"text {row}" for row in range(len(label_ids))], label_ids)
    split = split_rows(data, held_out_share=share, seed=seed)
    assert sorted([*split.train, *split.held_out]) == list(range(len(data)))
    held_out_counts = np.bincount(data.label_ids[split.held_out], minlength=len(counts))
    assert held_out_counts.tolist() == [max(1, round(share * count)) for count in counts]


@given(texts=st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=60), seed=st.integers(0, 1000))
def test_equal_texts_stay_together(texts: list[str], seed: int) -> None:
    """Whatever the repetitions, no text is on both sides, up to case and blanks."""
    written = [text.upper() + " " * (row % 3) for row, text in enumerate(texts)]
    data = make_data([*written, "x", "y", "z", "w"], [*([0] * len(texts)), 0, 0, 1, 1])
    split = split_rows(data, held_out_share=0.3, seed=seed)
    sides = [{data.texts[row].strip().casefold() for row in side} for side in (split.train, split.held_out)]
    assert not sides[0] & sides[1]


def test_seed_decides() -> None:
    data = make_data([str(row) for row in range(100)], [0, 1] * 50)
    first, again, other = (split_rows(data, held_out_share=0.2, seed=seed) for seed in (1, 1, 2))
    assert first.held_out.tolist() == again.held_out.tolist()
    assert first.held_out.tolist() != other.held_out.tolist()


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "b", "c", "same", "Same ", "same"],  # one text repeated
        ["a", "b", "c", "a", "b", "B"],  # texts of the other class
    ],
)
def test_class_without_texts_of_its_own(texts: list[str]) -> None:
    data = make_data(texts, [0, 0, 0, 1, 1, 1])
    with pytest.raises(DataError, match="too few different texts"):
        split_rows(data, held_out_share=0.2, seed=0)
