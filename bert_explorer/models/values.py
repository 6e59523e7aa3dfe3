"""Value vectors as they leave a layer's attention, and their norms (Kobayashi et al. 2020).

Head h of a layer adds ``sum_j A[h, i, j] f_h(x_j)`` to token i, with ``f_h(x_j) = W_h v_h(x_j)``: the value
vector of token j, carried through the columns ``W_h`` of the output projection that belong to the head. The
norm of what all heads bring from j to i follows without forming those vectors, which would take seq_len
times the memory of the weights:

    | sum_h A[h, i, j] f_h(x_j) |^2 = a^T G_j a,   a = A[:, i, j],   G_j[h, g] = f_h(x_j) . f_g(x_j)

The projection's bias is left out, as in the paper: it is the same for every token. MobileBERT mixes vectors
inside its bottleneck, and they are measured there.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn


@dataclass
class ValueRecorder:
    """By layer: the output projection's weights, and the values where a module of its own makes them."""

    projections: dict[int, Tensor] = field(default_factory=dict)  # (output_size, num_heads * head_size)
    flat_values: dict[int, Tensor] = field(default_factory=dict)  # (batch, seq_len, num_heads * head_size)


@contextmanager
def record_values(projections: Sequence[nn.Module], values: Sequence[nn.Module]) -> Iterator[ValueRecorder]:
    """Note what passes the layers' output projections, and the modules that make their values (if any).

    Layers are counted by call: ALBERT calls the same module for all of them.
    """
    recorder = ValueRecorder()
    outputs, inputs = count(), count()

    def note_output(module: nn.Module, _args: Any, _output: Any) -> None:
        recorder.projections[next(outputs)] = module.get_parameter("weight")

    def note_values(_module: nn.Module, _args: Any, output: Tensor) -> None:
        recorder.flat_values[next(inputs)] = output

    with ExitStack() as hooks:
        for module in dict.fromkeys(projections):
            hooks.callback(module.register_forward_hook(note_output).remove)
        for module in dict.fromkeys(values):
            hooks.callback(module.register_forward_hook(note_values).remove)
        yield recorder


def split_heads(flat: Tensor, num_heads: int) -> Tensor:
    """(batch, seq_len, num_heads * head_size) -> (batch, num_heads, seq_len, head_size)."""
    return flat.view(*flat.shape[:-1], num_heads, -1).transpose(1, 2)


def compute_norms(weights: Tensor, values: Tensor, projection: Tensor) -> tuple[Tensor, Tensor]:
    """Of one layer and text: ``|f_h(x_j)|`` (num_heads, key), and of all heads' mixture (query, key).

    *Shape:* weights (num_heads, query, key), values (num_heads, key, head_size), projection
    (output_size, num_heads * head_size).
    """
    num_heads = len(weights)
    columns = projection.view(len(projection), num_heads, -1)  # (output_size, num_heads, head_size)
    transformed = torch.einsum("hkd,ohd->kho", values, columns)  # (key, num_heads, output_size)
    gram = transformed @ transformed.transpose(1, 2)  # (key, num_heads, num_heads)
    weighted = torch.einsum("hqk,khg->gqk", weights, gram)  # (num_heads, query, key)
    squares = (weighted * weights).sum(dim=0).clamp(min=0)  # rounding may leave -0.0000001
    return transformed.norm(dim=2).transpose(0, 1), squares.sqrt()
