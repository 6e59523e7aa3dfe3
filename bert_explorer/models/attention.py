"""Attention weights of chosen layers from a network that otherwise runs the fused kernel.

Fused attention (SDPA) never forms the weights, and transformers' answer is to run every layer the slow way
(``attn_implementation="eager"``). Here one registered attention function decides at each call: the layers
asked for are computed step by step and recorded, the others stay fused, over the same weights and
without touching the model. Layers are counted by call, since ALBERT calls one module for all of them.

MPNet and DeBERTa-v2 do not use transformers' attention interface; they always form the weights and pass
them through a dropout, which does nothing in inference and is where they are read.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask

RECORDING = "bert_explorer_recording"


class AttentionRecorder:
    """What the layers asked for computed, by layer.

    ``weights`` are (batch, num_heads, seq_len, seq_len), ``values`` (batch, num_heads, seq_len, head_size).
    Where autograd is on, the weights are part of its graph, although no weight of the network is.
    """

    def __init__(self, layers: Collection[int]) -> None:
        self.weights: dict[int, Tensor] = {}
        self.values: dict[int, Tensor] = {}
        self._layers = frozenset(layers)
        self._calls = 0

    def next_layer(self) -> int | None:
        """Number of the layer that calls now if it was asked for, else None."""
        layer, self._calls = self._calls, self._calls + 1
        return layer if layer in self._layers else None


_active: ContextVar[AttentionRecorder | None] = ContextVar("attention_recorder", default=None)


def recording_attention(
    module: nn.Module,  # noqa: ARG001 - the interface's signature
    query: Tensor,  # (batch, num_heads, seq_len, head_size), as key and value
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # (batch, 1, seq_len, seq_len), True where a query may look
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, Tensor | None]:
    """Attention output (batch, seq_len, num_heads, head_size), fused unless this layer is recorded."""
    recorder = _active.get()
    layer = recorder.next_layer() if recorder is not None else None
    if recorder is None or layer is None:
        output = scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scaling)
        return output.transpose(1, 2), None
    scores = query @ key.transpose(2, 3) * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
    weights = _tracked(scores.softmax(dim=-1))
    recorder.weights[layer] = weights
    recorder.values[layer] = value
    return (weights @ value).transpose(1, 2), weights


AttentionInterface.register(RECORDING, recording_attention)
AttentionMaskInterface.register(RECORDING, sdpa_mask)


@contextmanager
def record_attentions(layers: Collection[int], dropouts: list[nn.Module]) -> Iterator[AttentionRecorder]:
    """Record the attention weights of ``layers`` in the forward passes of this thread.

    ``dropouts`` are the modules that read the weights, one a layer, for the families that need them.
    """
    recorder = AttentionRecorder(layers)
    token = _active.set(recorder if layers and not dropouts else None)
    try:
        with ExitStack() as hooks:
            for layer in layers if dropouts else ():
                handle = dropouts[layer].register_forward_hook(_keep(recorder.weights, layer))
                hooks.callback(handle.remove)
            yield recorder
    finally:
        _active.reset(token)


def _keep(weights: dict[int, Tensor], layer: int) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        weights[layer] = _tracked(output)
        return weights[layer]

    return hook


def _tracked(weights: Tensor) -> Tensor:
    """Where autograd is on, the lowest recorded weights start the graph: nothing before them needs it."""
    if torch.is_grad_enabled() and not weights.requires_grad:
        return weights.detach().requires_grad_()
    return weights
