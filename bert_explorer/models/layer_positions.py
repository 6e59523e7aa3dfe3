"""The output of one of BERT's layers at a few positions of each text.

A layer's output at a position needs every key and value, and of everything else (query, feed-forward: five
sixths of the layer's weights) only that position's. The last layer below a masked-word head is looked at
nowhere but at the masks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from bert_explorer.results import IntArray


def run_layer_at(
    layer: Any, hidden: Tensor, rows: IntArray, columns: IntArray, attention_mask: Tensor | None
) -> Tensor:
    """Output (num_positions, hidden_size) at ``hidden[rows, columns]``; ``rows`` ascend.

    ``hidden`` (batch, seq_len, hidden_size) is the layer's input, ``attention_mask`` (batch, seq_len) is 1
    where there is a token. The layer has the modules of BertLayer.
    """
    slots = np.arange(len(rows)) - np.searchsorted(rows, rows)  # number of the position in its own row
    asked = np.zeros((len(hidden), slots.max() + 1), dtype=np.int64)  # (batch, most positions of a row)
    asked[rows, slots] = columns
    batch = torch.arange(len(hidden), device=hidden.device)[:, None]
    inputs = hidden[batch, torch.from_numpy(asked).to(hidden.device)]  # (batch, most, hidden_size)

    mask = None if attention_mask is None else attention_mask[:, None, None, :].bool()
    outputs = run_layer_from(layer, inputs, hidden, mask)
    return outputs[torch.from_numpy(rows), torch.from_numpy(slots)]


def run_layer_from(layer: Any, inputs: Tensor, hidden: Tensor, mask: Tensor | None) -> Tensor:
    """Output (batch, n, hidden_size) at ``inputs``, n vectors of each text's ``hidden`` that attend to it.

    ``mask`` broadcasts to (batch, num_heads, n, seq_len). A layer in training mode drops out as ever.
    """
    attention = layer.attention.self
    query, key, value = (
        _split_heads(attention, projection(states))
        for projection, states in (
            (attention.query, inputs),
            (attention.key, hidden),
            (attention.value, hidden),
        )
    )
    dropout = attention.dropout.p if attention.training else 0.0
    context = scaled_dot_product_attention(
        query, key, value, attn_mask=mask, dropout_p=dropout, scale=attention.scaling
    )
    context = context.transpose(1, 2).reshape(*inputs.shape[:2], -1)
    outputs: Tensor = layer.feed_forward_chunk(layer.attention.output(context, inputs))
    return outputs


@contextmanager
def narrow_layer(layer: Any, columns: IntArray, attention_mask: Tensor | None) -> Iterator[None]:
    """Inside, ``layer`` gives its output (batch, 1, hidden_size) at ``columns`` (batch,) alone.

    What follows (a pooler, a head) then finds that token in the place of the first one.
    """
    rows = np.arange(len(columns))

    def forward(hidden: Tensor, *_args: Any, **_options: Any) -> Tensor:
        return run_layer_at(layer, hidden, rows, columns, attention_mask)[:, None]

    layer.forward = forward
    try:
        yield
    finally:
        del layer.forward


def _split_heads(attention: Any, states: Tensor) -> Tensor:
    """(batch, seq_len, all heads) -> (batch, num_heads, seq_len, head_size)."""
    return states.view(*states.shape[:-1], -1, attention.attention_head_size).transpose(1, 2)
