"""Attention times gradient: what each weight of attention does for one prediction, to first order.

    products[layer, head, q, k] = A d log p / d A,    A = attention[layer, head, q, k]

The derivative goes through everything above, later attention included; the network's weights take no part in
it. Log probabilities are used because the logits of a masked word are known up to a constant only.
"""

import torch
from torch import Tensor

from bert_explorer.models.forward import ForwardPass, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.heads import Head
from bert_explorer.models.requests import AttentionGradientsRequest
from bert_explorer.models.tokenization import EncodedText
from bert_explorer.results import ModelInfo


def compute_attention_gradients(
    forward: ForwardPass,
    request: AttentionGradientsRequest,
    encoded: EncodedText,
    *,
    masked_lm: Head | None,
    info: ModelInfo,
) -> tuple[Tensor, float]:
    """(len(layers), num_heads, seq_len, seq_len) products and the log probability, of one text.

    Call outside ``torch.inference_mode()``.
    """
    layers, of_class = frozenset(request.layers), request.position is None
    wanted = Wanted(
        attention_layers=layers,
        hidden_layers=frozenset() if of_class else frozenset([info.num_layers]),
        class_logits=of_class,
        head_gates=closed_gates(request.ablated, info.num_layers, info.num_heads),
    )
    with torch.enable_grad():
        outputs = forward.run([encoded], wanted)
        if outputs.class_logits is not None:
            logits = outputs.class_logits[0]
        else:
            assert masked_lm is not None
            logits = masked_lm(outputs.hidden_states[info.num_layers][0, request.position][None])[0]
        log_probability = _log_probabilities(logits, of_class, info)[request.target]
        weights = [outputs.attentions[layer] for layer in request.layers]
        slopes = torch.autograd.grad(log_probability, weights)
    products = [(weight.detach() * slope)[0] for weight, slope in zip(weights, slopes, strict=True)]
    return torch.stack(products), float(log_probability.detach())


def _log_probabilities(logits: Tensor, of_class: bool, info: ModelInfo) -> Tensor:
    """Classes that do not exclude each other have a probability each."""
    if of_class and info.problem_type == "multi_label_classification":
        return torch.nn.functional.logsigmoid(logits)
    return logits.log_softmax(dim=-1)
