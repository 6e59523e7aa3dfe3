"""In which order training rows are read: random, yet texts of like length in one batch.

A batch is padded to its longest text, so that mixing lengths wastes work. Rows are shuffled, cut into
pools of a few batches, sorted by length within a pool and cut into batches, which are shuffled again.
Pools are small, because length often betrays the class (spam is long), and batches of one class teach
badly. The order depends on the seed and the epoch alone: a resumed run reads the rows that it would
have read.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

POOL_BATCHES = 4


class LengthPoolSampler(Sampler[int]):
    """Indices of one epoch. ``set_epoch`` chooses which."""

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self._lengths = np.asarray(lengths)
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        generator = np.random.default_rng((self._seed, self._epoch))
        order = generator.permutation(len(self._lengths))
        pool_size = POOL_BATCHES * self._batch_size
        batches = []
        for start in range(0, len(order), pool_size):
            pool = order[start : start + pool_size]
            pool = pool[np.argsort(self._lengths[pool], kind="stable")]
            batches += [pool[i : i + self._batch_size] for i in range(0, len(pool), self._batch_size)]
        full = [batch for batch in batches if len(batch) == self._batch_size]
        rest = [batch for batch in batches if len(batch) < self._batch_size]  # at most one, and it comes last
        for index in generator.permutation(len(full)):
            yield from full[index].tolist()
        for batch in rest:
            yield from batch.tolist()
