"""Frozen layers computed once: their outputs for every row are kept, and only what is above them runs again.

A frozen layer gives the same for a text in every epoch, since it neither learns nor drops out (see
freezing). With L layers, the lower N of them frozen, E epochs, and a backward pass that costs twice a
forward pass, an epoch costs 3 (L - N) instead of N + 3 (L - N), and the N are paid once:

    N = 4 of L = 6, E = 3:   (4 + 6) x 3 = 30   against   4 + 6 x 3 = 22
    N = 6 of L = 6, E = 10:  6 x 10      = 60   against   6

What it does not do: guess. The logits of a few rows are computed with and without, and a model in which
they differ (ALBERT, whose layers are one; a convolution beside the first layer) trains without.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from transformers import PreTrainedModel

from bert_explorer.results import FloatArray, IntArray
from bert_explorer.training.frozen_prefix import FrozenPrefix, find_frozen_prefix, run_without_labels

Features = Sequence[Mapping[str, Any]]  # tokenized rows: input_ids, ..., labels
Collate = Callable[[list[dict[str, Any]]], dict[str, Any]]

BATCH_SIZE = 32
CHECKED_ROWS = 6
TOLERANCE = 1e-4  # of logits, with and without; float32 leaves about 1e-6
ROW = "row"  # the key of a feature's index among all features
FLOAT_BYTES = 4
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class FrozenOutputs:
    """The outputs of the frozen layers for all rows, one after the other.

    ``states`` (num_tokens, hidden_size) may lie in a file without a name, which the system frees however
    the process ends. Row i has the tokens ``offsets[i]`` to ``offsets[i + 1]``, only its first token where
    the head reads no other (``first_token_only``).
    """

    states: FloatArray
    offsets: IntArray  # (num_rows + 1,)
    first_token_only: bool

    def collate_with(self, collate: Collate) -> Collate:
        """Batches as ``collate`` makes them, with kept vectors for token ids; features need ``ROW``."""

        def collate_kept(features: list[dict[str, Any]]) -> dict[str, Any]:
            rows = [feature[ROW] for feature in features]
            plain = [{name: value for name, value in item.items() if name != ROW} for item in features]
            return self.put_into(collate(plain), rows)

        return collate_kept

    def put_into(self, batch: Mapping[str, Any], rows: Sequence[int]) -> dict[str, Any]:
        """The batch of these rows with ``inputs_embeds`` instead of token ids."""
        mask = batch["attention_mask"]  # (B, S)
        if self.first_token_only:
            mask = torch.ones_like(mask[:, :1])
        kept = [self.states[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        states = torch.zeros(*mask.shape, self.states.shape[-1])  # (B, S, H)
        states[mask.bool()] = torch.from_numpy(np.concatenate(kept))
        others = {name: batch[name] for name in batch if name not in ("input_ids", "token_type_ids")}
        return {**others, "inputs_embeds": states, "attention_mask": mask}


def keep_frozen_outputs(
    model: PreTrainedModel,
    freeze: str,
    features: Features,
    collate: Collate,
    *,
    folder: Path,
    max_bytes: int,
    on_progress: Callable[[float], None],
) -> FrozenOutputs | str:
    """Computes the outputs; from then on the frozen part of ``model`` hands them on.

    ``on_progress`` gets the share that is done after every batch, and may raise. Where nothing is kept,
    the model is as it was, and the answer says why.
    """
    prefix = find_frozen_prefix(model, freeze)
    if prefix is None:
        return "these layers cannot be told apart"
    probe = choose_probe(features)
    by_first_token = freeze == "all" and _is_replayed_truly(prefix, probe, collate, first_token_only=True)
    if not by_first_token and not _is_replayed_truly(prefix, probe, collate, first_token_only=False):
        return "this kind of model does not allow it"
    offsets = _offsets([1 if by_first_token else len(feature["input_ids"]) for feature in features])
    width = prefix.compute(collate(probe[:1])).shape[-1]
    num_bytes = int(offsets[-1]) * width * FLOAT_BYTES
    if num_bytes > max_bytes:
        return f"they would take {num_bytes / 1e6:,.0f} MB, and {max_bytes / 1e6:,.0f} MB are allowed"
    try:
        states = _open_nameless(folder, num_bytes).reshape(-1, width)
    except OSError as error:
        return f"there is no room for {num_bytes / 1e6:,.0f} MB ({error.strerror})"
    kept = FrozenOutputs(states, offsets, by_first_token)
    _fill(kept, prefix, features, collate, on_progress)
    prefix.hand_on(collate(probe[:1]))
    return kept


def _fill(
    kept: FrozenOutputs,
    prefix: FrozenPrefix,
    features: Features,
    collate: Collate,
    on_progress: Callable[[float], None],
) -> None:
    """Rows of alike lengths together."""
    order = np.argsort([len(feature["input_ids"]) for feature in features], kind="stable").tolist()
    for start in range(0, len(order), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        outputs = _compute_rows(prefix, [dict(features[row]) for row in rows], collate, kept.first_token_only)
        for row, output in zip(rows, outputs, strict=True):
            kept.states[kept.offsets[row] : kept.offsets[row + 1]] = output
        on_progress((start + len(rows)) / len(order))


def _compute_rows(
    prefix: FrozenPrefix, features: list[dict[str, Any]], collate: Collate, first_token_only: bool
) -> list[FloatArray]:
    """For each row (num_tokens, hidden_size), without padding."""
    batch = collate(features)
    mask = batch["attention_mask"].bool().numpy()  # (B, S)
    states = prefix.compute(batch).numpy()  # (B, S, H)
    rows = [states[index][mask[index]] for index in range(len(features))]
    return [row[:1] for row in rows] if first_token_only else rows


def choose_probe(features: Features) -> list[dict[str, Any]]:
    """A few rows from the shortest to the longest."""
    order = np.argsort([len(feature["input_ids"]) for feature in features], kind="stable")
    places = np.linspace(0, len(order) - 1, min(CHECKED_ROWS, len(order))).astype(int)
    return [dict(features[row]) for row in order[places]]


def _is_replayed_truly(
    prefix: FrozenPrefix, probe: list[dict[str, Any]], collate: Collate, *, first_token_only: bool
) -> bool:
    """Whether the rows get the same logits from their kept vectors as from their tokens."""
    outputs = _compute_rows(prefix, probe, collate, first_token_only)
    kept = FrozenOutputs(np.concatenate(outputs), _offsets([len(row) for row in outputs]), first_token_only)
    batch = collate(probe)
    expected = run_without_labels(prefix.model, batch)
    with prefix.handing_on(batch):
        try:
            given = run_without_labels(prefix.model, kept.put_into(batch, range(len(probe))))
        except (RuntimeError, ValueError, TypeError, IndexError):  # a family that cannot be fed so
            return False
    if given.shape != expected.shape:
        return False
    inside = batch["attention_mask"].bool()
    if expected.shape[:2] == inside.shape:  # one answer a token; what is said of padding does not matter
        given, expected = given[inside], expected[inside]
    return torch.allclose(given, expected, rtol=0, atol=TOLERANCE)


def _offsets(lengths: Sequence[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _open_nameless(folder: Path, num_bytes: int) -> FloatArray:
    """float32 values in a file for which the disk has room for certain: a full one would kill the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        _reserve(file, num_bytes)
        return np.memmap(file, dtype=np.float32, mode="r+", shape=(num_bytes // FLOAT_BYTES,))


def _reserve(file: IO[bytes], num_bytes: int) -> None:
    """Takes the space on the disk now. Raises OSError where there is too little."""
    if sys.platform != "darwin":
        os.posix_fallocate(file.fileno(), 0, num_bytes)
        return
    for start in range(0, num_bytes, BLOCK_BYTES):  # macOS has no such call
        file.write(bytes(min(BLOCK_BYTES, num_bytes - start)))
    file.flush()
