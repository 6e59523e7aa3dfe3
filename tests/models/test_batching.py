"""Choosing what runs together: hand-made lines, and properties of any line."""

from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.models.batching import MAX_ADDED_PADDING, MIN_SHARE, choose_batch, group_by_length


def test_the_oldest_always_runs_even_when_it_is_too_large() -> None:
    assert choose_batch([("a", 900), ("a", 5)], max_tokens=100) == [0]


def test_only_requests_of_its_kind_join() -> None:
    assert choose_batch([("a", 10), ("b", 10), ("a", 10)], max_tokens=8192) == [0, 2]


def test_the_bound_counts_padding() -> None:
    assert choose_batch([("a", 30), ("a", 20), ("a", 20)], max_tokens=60) == [0, 1]


def test_a_much_longer_text_waits_for_its_own_batch() -> None:
    assert choose_batch([("a", 10), ("a", 500), ("a", 12)], max_tokens=8192) == [0, 2]


def test_short_texts_of_different_lengths_share_a_batch() -> None:
    assert sorted(choose_batch([("a", 16), ("a", 20), ("a", 8)], max_tokens=8192)) == [0, 1, 2]


def test_one_long_text_does_not_pad_many_short_ones() -> None:
    line = [("a", 10)] * 8 + [("a", 13)]
    assert sorted(choose_batch(line, max_tokens=8192)) == list(range(8))


lines = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 600)), min_size=1, max_size=40)


@given(line=lines, max_tokens=st.integers(1, 4000))
def test_any_batch_keeps_the_bounds(line: list[tuple[str, int]], max_tokens: int) -> None:
    chosen = choose_batch(line, max_tokens)
    lengths = [line[i][1] for i in chosen]
    assert chosen[0] == 0
    assert len(set(chosen)) == len(chosen)
    assert {line[i][0] for i in chosen} == {line[0][0]}
    padded = max(lengths) * len(lengths)
    if len(chosen) > 1:
        assert padded <= max_tokens
        assert padded - sum(lengths) <= MAX_ADDED_PADDING * (len(chosen) - 1)


@given(st.lists(st.integers(1, 512), max_size=200), st.integers(64, 4096))
def test_bulk_batches_hold_every_text_once_and_keep_their_bounds(lengths: list[int], limit: int) -> None:
    batches = group_by_length(lengths, limit)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        sizes = [lengths[i] for i in batch]
        assert sizes == sorted(sizes, reverse=True)
        assert len(batch) == 1 or sizes[0] * len(batch) <= limit
        assert sizes[-1] >= MIN_SHARE * sizes[0]


def test_requests_of_several_texts_fill_a_batch_by_their_sum() -> None:
    """Five copies of 10 tokens and seven of 10 make 120 tokens without padding; four more would be 160."""
    waiting = [("copies", 10), ("copies", 10), ("copies", 10), ("copies", 10)]
    assert choose_batch(waiting, 130, [5, 7, 4, 1]) == [0, 1, 3]
    assert choose_batch(waiting, 40, [5, 7, 4, 1]) == [0]
    assert choose_batch([("a", 10), ("a", 11)], 1_000, [20, 1]) == [0]  # 20 tokens of padding for one text
