"""Switches on attention heads: each head's output is multiplied by a gate before the output projection.

With gates xi of 0 and 1 heads are off and on (Michel et al. 2019, "Are Sixteen Heads Really Better than
One?"):

    MHAtt(x) = sum_h xi_h Att_h(x) W_O^h + b_O

A head that is off adds nothing; the bias of the projection and the residual path stay. Gates that require
gradients tell how much the loss depends on each head. transformers 5 has no ``head_mask`` any more: hooks
do it, for the forward passes of one block only.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count

import torch
from torch import Tensor, nn

from bert_explorer.models.requests import Heads


def closed_gates(heads: Heads, num_layers: int, num_heads: int) -> Tensor | None:
    """(1, num_layers, num_heads): 0 for these heads, 1 for the others; None where all are on."""
    if not heads:
        return None
    gates = torch.ones(1, num_layers, num_heads)
    for layer, head in heads:
        gates[0, layer, head] = 0
    return gates


@contextmanager
def gate_heads(projections: Sequence[nn.Module], gates: Tensor | None) -> Iterator[None]:
    """Multiply what enters the output projections by ``gates`` in the forward passes inside the block.

    ``gates`` has shape (batch or 1, num_layers, num_heads); None changes nothing. Layers are counted by
    call, since ALBERT calls one module for all of them: one forward pass a block.
    """
    layers = count()

    def before_projection(_module: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        context, *others = args  # (batch, seq_len, num_heads * head_size)
        assert gates is not None
        gate = gates[:, next(layers), None, :, None]  # (batch or 1, 1, num_heads, 1)
        by_head = context.view(*context.shape[:-1], gates.shape[-1], -1)
        return ((by_head * gate).reshape(context.shape), *others)

    with ExitStack() as hooks:
        for module in dict.fromkeys(projections) if gates is not None else ():
            hooks.callback(module.register_forward_pre_hook(before_projection).remove)
        yield
