"""Discriminative learning rates: lower layers, which hold what is common to all texts, move less.

Howard and Ruder 2018, section 3.2: with L layers, decay d and rate r, the head has r, layer l (counted
from 1) r d^(L - l), and the embeddings r d^L.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from bert_explorer.training.freezing import find_layers


def decayed_rates(model: PreTrainedModel, rate: float, decay: float) -> dict[str, float]:
    """The largest learning rate of each weight that learns, by its name."""
    layers = list(find_layers(model.base_model))
    depth = {id(weight): index for index, layer in enumerate(layers, 1) for weight in layer.parameters()}
    embeddings = {
        id(weight)
        for name, child in model.base_model.named_children()
        if name.startswith("embeddings")
        for weight in child.parameters()
    }
    rates = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            steps = (
                len(layers) if id(weight) in embeddings else len(layers) - depth.get(id(weight), len(layers))
            )
            rates[name] = rate * decay**steps
    return rates


def make_optimizer(
    model: PreTrainedModel, rate: float, decay: float, weight_decay: float, decayed_names: Iterable[str]
) -> torch.optim.Optimizer:
    """AdamW with a group for each rate, the head's first: that is the rate which the run's curve shows.

    ``decayed_names`` are the weights that weight decay pulls towards zero.
    """
    weights, pulled = dict(model.named_parameters()), set(decayed_names)
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, own_rate in decayed_rates(model, rate, decay).items():
        groups.setdefault((own_rate, name in pulled), []).append(weights[name])
    ordered: list[dict[str, Any]] = [
        {"params": params, "lr": own_rate, "weight_decay": weight_decay if is_pulled else 0.0}
        for (own_rate, is_pulled), params in sorted(
            groups.items(), key=lambda item: (-item[0][0], item[0][1])
        )
    ]
    return torch.optim.AdamW(ordered, lr=rate)
