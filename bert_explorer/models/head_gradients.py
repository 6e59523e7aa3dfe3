"""How the loss depends on every head: gradients with respect to the gates of head_gates, one a text.

    d loss / d xi[layer, head]    at xi = 1

(Michel et al. 2019; its absolute value, averaged over texts, is their importance of a head.) Each text of
a batch has gates of its own, so that one backward pass gives the gradients of all.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bert_explorer.models.forward import ForwardPass, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.heads import Head
from bert_explorer.models.requests import HeadGradientsRequest
from bert_explorer.models.tokenization import EncodedText

Loss = Callable[[HeadGradientsRequest, EncodedText, Tensor], Tensor]


def compute_head_gradients(
    forward: ForwardPass,
    requests: Sequence[HeadGradientsRequest],
    inputs: Sequence[EncodedText],
    true_ids: Sequence[Tensor],
    *,
    masked_lm: Head | None,
    num_layers: int,
    num_heads: int,
) -> Tensor:
    """(batch, num_layers, num_heads). The requests are of one kind: all about masks, or all about classes.

    ``inputs`` have masks in place of the tokens at each request's positions, and ``true_ids[i]`` are the
    tokens that were there.
    """
    closed = closed_gates(requests[0].ablated, num_layers, num_heads)
    start = torch.ones(1, num_layers, num_heads) if closed is None else closed
    with torch.enable_grad():
        gates = start.repeat(len(requests), 1, 1).requires_grad_()
        if requests[0].positions:
            assert masked_lm is not None
            outputs = forward.run(inputs, Wanted(hidden_layers=frozenset([num_layers]), head_gates=gates))
            last = outputs.hidden_states[num_layers]  # (batch, seq_len, hidden_size)
            losses = [
                _masked_loss(masked_lm(last[row, list(request.positions)]), ids)
                for row, (request, ids) in enumerate(zip(requests, true_ids, strict=True))
            ]
        else:
            logits = forward.run(inputs, Wanted(class_logits=True, head_gates=gates)).class_logits
            assert logits is not None
            losses = [_class_loss(row, request.label) for row, request in zip(logits, requests, strict=True)]
        (gradients,) = torch.autograd.grad(torch.stack(losses).sum(), gates)
    return gradients


def _masked_loss(logits: Tensor, true_ids: Tensor) -> Tensor:
    """Mean of -log p over masks: logits (num_masks, vocab_size), ids (num_masks,)."""
    return torch.nn.functional.cross_entropy(logits, true_ids.to(logits.device))


def _class_loss(logits: Tensor, label: int | None) -> Tensor:
    """-log p of a class, the likeliest without a label: logits (num_labels,)."""
    index = int(logits.argmax()) if label is None else label
    return -logits.log_softmax(dim=-1)[index]
