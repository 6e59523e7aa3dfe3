"""What is said about one head, from numbers made by hand."""

import numpy as np

from bert_explorer.results import HeadAtlas, HeadRelations
from bert_explorer.ui.head_knowledge import describe_ranks, describe_relation


def test_only_the_highest_ranks_are_worth_a_word() -> None:
    values = np.stack([np.arange(12.0).reshape(3, 4), np.arange(12.0)[::-1].reshape(3, 4) / 100])
    atlas = HeadAtlas(("entropy", "next"), values.astype(np.float32), np.zeros((12, 12)), 7, 50)
    last = describe_ranks(atlas, 2, 3)
    assert "5 highest of 12 heads in: entropy" in last
    assert "over 7 texts" in last
    assert "next" not in last
    assert "share on the next token" in describe_ranks(atlas, 0, 0).replace("\\", "")
    assert "In no measure" in describe_ranks(HeadAtlas(("entropy",), values[:1], np.zeros(1), 7, 50), 0, 0)


def test_the_relation_is_the_one_with_the_largest_gain_of_the_frequent_ones() -> None:
    hits = np.zeros((2, 3, 1, 2), dtype=np.int64)
    hits[0, :, 0, 0] = [90, 60, 3]
    found = HeadRelations(
        relations=("det", "obj", "iobj"),
        counts=np.array([100, 100, 3]),
        hits=hits,
        offsets=np.array([1, -2, 1]),
        offset_hits=np.array([80, 30, 0]),
        num_sentences=9,
        num_skipped=0,
    )
    told = describe_relation(found, 0, 0)
    assert "follows **obj** best" in told
    assert "no grammatical relation" in describe_relation(found, 0, 1)
    assert "right in 60.0% of 100 cases, and always going -2 words in 30.0%" in told
