"""How far the weights of a model are from where they began: |w - w0| / |w0|, part by part.

The parts are the embeddings, each layer, and the head with everything that follows the last layer. Where all
layers are one (ALBERT), they are one part.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray
from bert_explorer.training.freezing import AFTER_LAST_LAYER, find_layers

EMBEDDINGS, HEAD, ALL_LAYERS = "embeddings", "head", "layers"
PIECE = 1 << 18  # numbers compared at a time: they and their difference fit into the cache
MAX_COPY_BYTES = 1_000_000_000  # of weights that learn; beyond, their changes are not measured


def layers_of(model: PreTrainedModel) -> list[nn.Module]:
    """Lowest first; empty where all layers are one."""
    try:
        return list(find_layers(model.base_model))
    except InputError:
        return []


def part_names(model: PreTrainedModel) -> tuple[str, ...]:
    layers = [str(number + 1) for number in range(len(layers_of(model)))] or [ALL_LAYERS]
    return (EMBEDDINGS, *layers, HEAD)


class WeightChanges:
    """Keeps a copy of the weights that learn, as they are now."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.parts = part_names(model)
        learning = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        size = sum(weight.nbytes for weight in learning.values())
        self._pairs: list[tuple[int, Tensor, Tensor]] = []
        part_of = dict(_parts(model))
        if size <= MAX_COPY_BYTES:
            self._pairs = [(part_of[id(w)], w, w.detach().clone()) for w in learning.values()]
        self._measured = size <= MAX_COPY_BYTES
        squares = np.zeros(len(self.parts))
        for weight in model.parameters():
            squares[part_of[id(weight)]] += float(torch.linalg.vector_norm(weight.detach())) ** 2
        self._norms = np.sqrt(squares)

    def measure(self) -> FloatArray:
        """(num_parts,); NaN for a part without weights, and for all of a model too large to copy."""
        if not self._measured:
            return np.full(len(self.parts), np.nan, dtype=np.float32)
        squares = np.zeros(len(self.parts))
        for part, weight, start in self._pairs:
            squares[part] += _squared_distance(weight.detach(), start)
        unknown = np.full(len(self.parts), np.nan)
        shares = np.divide(np.sqrt(squares), self._norms, out=unknown, where=self._norms > 0)
        return np.asarray(shares, dtype=np.float32)


def _squared_distance(weight: Tensor, start: Tensor) -> float:
    """Piece by piece: the difference of a whole table of words would be as large as the table."""
    split = torch.functional.split
    pieces = zip(split(weight.flatten(), PIECE), split(start.flatten(), PIECE), strict=True)
    return sum(float(torch.dist(one, other)) ** 2 for one, other in pieces)


def _parts(model: PreTrainedModel) -> Iterator[tuple[int, int]]:
    """(id of a weight, index of its part), the last word on a weight being the one that counts."""
    last, shared = len(part_names(model)) - 1, not layers_of(model)
    for weight in model.parameters():
        yield id(weight), last
    for name, child in model.base_model.named_children():
        if name not in AFTER_LAST_LAYER:
            inside = 1 if shared and "embedding" not in name else 0
            for weight in child.parameters():
                yield id(weight), inside
    for number, layer in enumerate(layers_of(model), start=1):
        for weight in layer.parameters():
            yield id(weight), number
