"""An epoch as a fixed list of batches, and one batch as padded arrays.

Pairs of similar length share a batch, so that padding is nearly nil; which pairs, and in which order, is
drawn from (seed, epoch). What is masked is drawn from (seed, step).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bert_explorer.analysis.corruption import Masking
from bert_explorer.pretraining.corpus import TokenizedDocuments
from bert_explorer.pretraining.pairs import Pair, build_pairs
from bert_explorer.results import IntArray

POOL_BATCHES = 50  # pairs of this many batches are sorted by length together


@dataclass(frozen=True)
class SpecialIds:
    cls: int
    sep: int
    pad: int


@dataclass(frozen=True)
class Batch:
    """``mask_positions`` index into the flattened (batch_size * seq_len) tokens."""

    input_ids: IntArray  # (batch_size, seq_len)
    attention_mask: IntArray  # (batch_size, seq_len)
    token_type_ids: IntArray  # (batch_size, seq_len)
    mask_positions: IntArray  # (num_masks,)
    mask_labels: IntArray  # (num_masks,)
    next_sentence_labels: IntArray  # (batch_size,)

    @property
    def num_tokens(self) -> int:
        return int(self.attention_mask.sum())


class BatchSource:
    """Batch number ``step`` of an endless training, the same whenever it is asked for."""

    def __init__(
        self,
        documents: TokenizedDocuments,
        *,
        batch_size: int,
        seq_len: int,
        masking: Masking,
        special: SpecialIds,
        seed: int,
    ) -> None:
        self._documents, self._masking, self._special = documents, masking, special
        self._batch_size, self._seq_len, self._seed = batch_size, seq_len, seed
        self._epoch = -1
        self._first_step = 0  # of the current epoch
        self._batches: list[list[Pair]] = []

    def batch(self, step: int) -> Batch:
        """Steps count from 0. Epochs differ in length by a few batches, so they are walked in order."""
        if step < self._first_step:
            self._epoch, self._first_step, self._batches = -1, 0, []
        while step >= self._first_step + len(self._batches):
            self._first_step += len(self._batches)
            self._epoch += 1
            self._batches = self._epoch_batches(self._epoch)
        pairs = self._batches[step - self._first_step]
        return collate(pairs, self._masking, self._special, np.random.default_rng((self._seed, 1, step)))

    @property
    def epoch(self) -> int:
        return self._epoch

    def steps_per_epoch(self) -> int:
        """Batches of the first epoch; later ones differ by a few."""
        return len(self._epoch_batches(0))

    def _epoch_batches(self, epoch: int) -> list[list[Pair]]:
        pairs = build_pairs(self._documents, seq_len=self._seq_len, seed=(self._seed, 2, epoch))
        generator = np.random.default_rng((self._seed, 3, epoch))
        order = generator.permutation(len(pairs))
        pool_size = POOL_BATCHES * self._batch_size
        batches: list[list[Pair]] = []
        for start in range(0, len(order), pool_size):
            pool = sorted((pairs[i] for i in order[start : start + pool_size]), key=lambda pair: pair.seq_len)
            batches += [pool[i : i + self._batch_size] for i in range(0, len(pool), self._batch_size)]
        return [batches[i] for i in generator.permutation(len(batches))]


def collate(
    pairs: Sequence[Pair], masking: Masking, special: SpecialIds, generator: np.random.Generator
) -> Batch:
    shape = (len(pairs), max(pair.seq_len for pair in pairs))
    input_ids = np.full(shape, special.pad, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    token_type_ids = np.zeros(shape, dtype=np.int64)
    positions, labels = [], []
    for row, pair in enumerate(pairs):
        ids = assemble(pair, special)
        corruption = masking.corrupt(ids, np.isin(ids, (special.cls, special.sep)), generator)
        input_ids[row, : len(ids)] = corruption.input_ids
        attention_mask[row, : len(ids)] = 1
        token_type_ids[row, len(pair.first) + 2 : len(ids)] = 1
        positions.append(row * shape[1] + corruption.positions)
        labels.append(corruption.labels)
    return Batch(
        input_ids,
        attention_mask,
        token_type_ids,
        np.concatenate(positions),
        np.concatenate(labels),
        np.array([pair.label for pair in pairs]),
    )


def assemble(pair: Pair, special: SpecialIds) -> IntArray:
    """[CLS] first [SEP], then second [SEP] where there is one."""
    ids = [special.cls, *pair.first, special.sep]
    if len(pair.second):
        ids += [*pair.second, special.sep]
    return np.array(ids, dtype=np.int64)
