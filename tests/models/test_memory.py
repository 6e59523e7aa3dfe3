"""The memory of answers: bounded, least recently used first out, exact about arrays."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.models.memory import ResultMemory, estimate_bytes
from bert_explorer.results import Attention, Tokens


def array(kilobytes: int) -> np.ndarray:
    return np.zeros(kilobytes * 1000, dtype=np.uint8)


def test_the_least_recently_used_answer_goes_first() -> None:
    memory = ResultMemory(max_bytes=10_000)
    for name in "abcd":
        memory.put("engine", name, array(2))
    assert memory.get("engine", "a") is not None
    memory.put("engine", "e", array(2))
    assert [name for name in "abcde" if memory.get("engine", name) is not None] == ["a", "c", "d", "e"]
    assert memory.num_bytes <= 10_000


def test_an_answer_that_would_push_out_much_else_is_not_kept() -> None:
    memory = ResultMemory(max_bytes=10_000)
    memory.put("engine", "large", array(5))
    assert memory.get("engine", "large") is None
    assert memory.num_bytes == 0


def test_answers_belong_to_their_engine_and_are_forgotten_with_it() -> None:
    memory = ResultMemory(max_bytes=100_000)
    memory.put("one", "q", array(1))
    memory.put("two", "q", array(2))
    memory.forget("one")
    assert memory.get("one", "q") is None
    assert len(memory.get("two", "q")) == 2000
    memory.forget("two")
    assert (memory.num_bytes, len(memory)) == (0, 0)


def test_the_estimate_counts_arrays_inside_of_results() -> None:
    ids = np.zeros(5, dtype=np.int64)
    tokens = Tokens("text", None, ("a",) * 5, ids, (0,) * 5, (0,) * 5, np.zeros((5, 2), dtype=np.int64))
    attention = Attention(tokens, (0,), np.zeros((1, 12, 5, 5), dtype=np.float32))
    arrays = 40 + 80 + 1200
    assert arrays < estimate_bytes(attention) < arrays + 3000


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 4)), max_size=60))
def test_the_count_of_bytes_is_that_of_what_is_kept(puts: list[tuple[str, int]]) -> None:
    memory = ResultMemory(max_bytes=12_000)
    for name, size in puts:
        memory.put("engine", name, array(size))
        kept = {item: memory.get("engine", item) for item in "abcdefgh"}
        right = sum(
            estimate_bytes(answer) + estimate_bytes(item)
            for item, answer in kept.items()
            if answer is not None
        )
        assert memory.num_bytes == right <= 12_000


def test_many_threads_leave_the_count_right() -> None:
    memory = ResultMemory(max_bytes=50_000)

    def work(seed: int) -> None:
        for number in range(500):
            memory.put(seed % 3, number % 20, array(1 + number % 3))
            memory.get((seed + 1) % 3, number % 20)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for owner in range(3):
        memory.forget(owner)
    assert (memory.num_bytes, len(memory)) == (0, 0)
