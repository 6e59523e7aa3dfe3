"""How far the weights of a tuned model are from those that it began with: |w - w0| / |w0|, by the files.

Weights are compared by name, once the prefix of the family is taken away and the old names of norms (gamma,
beta) are mended. What only one of the two has (heads) is left out.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor

from bert_explorer.models.anatomies import ANATOMIES
from bert_explorer.models.families import FAMILIES
from bert_explorer.models.weights import weight_files
from bert_explorer.results import FloatArray, ModelInfo, WeightMoves

PREFIX = re.compile(r"^(bert|roberta|distilbert|electra|albert|mobilebert|mpnet|deberta|model)\.")
OLD_NAMES = (("gamma", "weight"), ("beta", "bias"))
INPUTS, OUTPUT, FUSED = ("query", "key", "value"), "attention_output", "qkv"


@dataclass
class _Sums:
    """Squares of differences and of the start."""

    moved: NDArray[np.float64]
    start: NDArray[np.float64]

    @classmethod
    def of(cls, *shape: int) -> "_Sums":
        return cls(np.zeros(shape), np.zeros(shape))

    def add(self, place: Any, before: Tensor, after: Tensor) -> None:
        self.moved[place] += (after - before).square().sum().item()
        self.start[place] += before.square().sum().item()

    def shares(self) -> FloatArray:
        """NaN where nothing was compared."""
        unknown = np.full(self.start.shape, np.nan)
        squares = np.divide(self.moved, self.start, out=unknown, where=self.start > 0)
        return np.asarray(np.sqrt(squares), dtype=np.float32)


def compare_weights(base: Path, tuned: Path, info: ModelInfo) -> WeightMoves:
    """Of two folders with models of the same family and sizes, which ``info`` tells."""
    family = FAMILIES[info.family]
    layer_of = re.compile(rf"{re.escape(family.layers)}\.(\d+)\.(.*)")
    embeddings, layers = _Sums.of(), _Sums.of(1 if family.shared_layers else info.num_layers)
    heads = _Sums.of(info.num_layers, info.num_heads)
    for name, before, after in _common(base, tuned):
        found = layer_of.match(name)
        if found is None:
            if "embedding" in name:
                embeddings.add((), before, after)
            continue
        layer, path = int(found[1]), found[2]
        layers.add(layer, before, after)
        if not family.shared_layers:
            for head, (one, other) in enumerate(_by_head(path, before, after, info)):
                heads.add((layer, head), one, other)
    return WeightMoves(float(embeddings.shares()), layers.shares(), heads.shares())


def _common(base: Path, tuned: Path) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Name and both tensors in float32, of all that both files hold in the same shape."""
    with ExitStack() as stack:
        places = [_tensors(folder, stack) for folder in (base, tuned)]
        for name in sorted(places[0].keys() & places[1].keys()):
            before, after = (file.get_tensor(key).float() for file, key in (one[name] for one in places))
            if before.shape == after.shape and torch.is_floating_point(before):
                yield name, before, after


def _tensors(folder: Path, stack: ExitStack) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for path in weight_files(folder):
        file = stack.enter_context(safe_open(path, framework="pt"))
        found |= {plain_name(key): (file, key) for key in file.keys()}  # noqa: SIM118 - it is no mapping
    return found


def plain_name(name: str) -> str:
    """
    >>> plain_name("bert.encoder.layer.0.output.LayerNorm.gamma")
    'encoder.layer.0.output.LayerNorm.weight'
    """
    name = PREFIX.sub("", name)
    stem, _, last = name.rpartition(".")
    return f"{stem}.{dict(OLD_NAMES).get(last, last)}" if stem else name


def _by_head(path: str, before: Tensor, after: Tensor, info: ModelInfo) -> Iterator[tuple[Tensor, Tensor]]:
    """What belongs to each head of a layer: rows of query, key, value; columns of the output projection."""
    anatomy = ANATOMIES.get(info.family)
    names = {path: name for name, path in anatomy.layer.items()} if anatomy is not None else {}
    name = names.get(path.removesuffix(".weight").removesuffix(".bias"))
    count = info.num_heads
    if name in INPUTS:
        yield from zip(before.chunk(count), after.chunk(count), strict=True)
    elif name == OUTPUT and before.ndim == 2:
        yield from zip(before.chunk(count, 1), after.chunk(count, 1), strict=True)
    elif name == FUSED:
        parts = [tensor.reshape(3, count, -1) for tensor in (before, after)]
        yield from ((parts[0][:, head], parts[1][:, head]) for head in range(count))
