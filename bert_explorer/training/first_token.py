"""The last layer run for the first token alone, where the head reads no other.

A layer's output at one token needs the keys and values of all tokens, and everything else (query,
projection, feed-forward: five sixths of its weights) of that token only. A head for classes or numbers reads
the vector of [CLS], so what the last layer makes of the other tokens reaches neither the loss nor a gradient,
and to leave it out changes nothing. Of L layers that learn, L - 5/6 are paid:

    L = 6:  5.2 of 6      L = 2 (the others are frozen):  1.2 of 2      L = 1:  0.2 of 1

What it does not do: guess. The logits of a few rows are computed with and without, and a model in which they
differ (tags and answers, which read every token) trains as it is.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from bert_explorer.models.families import FAMILIES
from bert_explorer.models.layer_positions import run_layer_from
from bert_explorer.training.freezing import find_layers
from bert_explorer.training.frozen_outputs import TOLERANCE
from bert_explorer.training.frozen_prefix import run_without_labels


def narrow_last_layer(model: PreTrainedModel, batch: Mapping[str, Any]) -> bool:
    """From now on the last layer gives (B, 1, hidden_size). False, and nothing changed, where it must not.

    ``batch`` is what the model will be trained on: texts of several lengths.
    """
    family = FAMILIES.get(model.config.model_type)
    if family is None or not family.queries_apart:
        return False
    layer = find_layers(model.base_model)[-1]
    if "forward" in vars(layer):  # it hands on what was computed once
        return False
    expected = run_without_labels(model, batch)
    layer.forward = partial(_run_for_first_token, layer)
    try:
        given = run_without_labels(model, batch)
    except (RuntimeError, ValueError, IndexError):
        given = expected[:0]
    if given.shape == expected.shape and torch.allclose(given, expected, rtol=0, atol=TOLERANCE):
        return True
    del layer.forward
    return False


def _run_for_first_token(
    layer: nn.Module, hidden_states: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any
) -> Tensor:
    """In place of the forward method of BertLayer."""
    mask = None if attention_mask is None else attention_mask[..., :1, :]  # (B, 1, 1, S)
    return run_layer_from(layer, hidden_states[:, :1], hidden_states, mask)
