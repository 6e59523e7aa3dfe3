import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.training.sampling import LengthPoolSampler


@given(
    lengths=st.lists(st.integers(1, 128), min_size=1, max_size=100),
    batch_size=st.integers(1, 20),
    seed=st.integers(0, 100),
)
def test_every_row_once_an_epoch(lengths: list[int], batch_size: int, seed: int) -> None:
    sampler = LengthPoolSampler(lengths, batch_size=batch_size, seed=seed)
    first = list(sampler)
    assert sorted(first) == list(range(len(lengths)))
    assert len(sampler) == len(lengths)
    assert list(sampler) == first, "the epoch alone decides, not what was drawn before"


def test_epochs_and_seeds_differ() -> None:
    sampler, other = (LengthPoolSampler([5] * 64, batch_size=8, seed=seed) for seed in (0, 1))
    first = list(sampler)
    assert first != list(other)
    sampler.set_epoch(1)
    assert first != list(sampler)


def test_batches_need_less_padding_than_shuffled_ones() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(5, 100, size=640)

    def padded(order: list[int]) -> int:
        return sum(16 * max(lengths[order[start : start + 16]]) for start in range(0, len(order), 16))

    pooled = padded(list(LengthPoolSampler(lengths.tolist(), batch_size=16, seed=0)))
    assert lengths.sum() < pooled < 0.8 * padded(generator.permutation(640).tolist())
