"""LoRA: every layer stays as it is, and a matrix of low rank beside each of its matrices learns.

Hu et al. 2022, section 4.1: the weight W (d x k) becomes W + (alpha / r) B A, with A (r x k) random and B
(d x r) zero at first; only A, B and the head learn. Afterwards the product is added to W: the finished model
has its old shape and costs nothing more. What it does not do: touch the embeddings, or save time. The pass
back still goes through all layers; what is saved is the memory of Adam's two numbers for every weight.
"""

from typing import TYPE_CHECKING

from bert_explorer.training.freezing import AFTER_LAST_LAYER, TrainableCount, count_weights

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel

DROPOUT = 0.05


def add_adapters(model: "PreTrainedModel", *, rank: int, alpha: int) -> TrainableCount:
    """Puts the matrices beside every linear map of the layers; they and the head learn, all else stays."""
    from peft import LoraConfig, inject_adapter_in_model

    names = _linear_maps(model)
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=DROPOUT, target_modules=names)
    inject_adapter_in_model(config, model)
    for weight in _head_weights(model):
        weight.requires_grad_(True)
    return count_weights(model)


def merge_adapters(model: "PreTrainedModel") -> None:
    """Adds each product to its weight, and leaves a plain model behind."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge()
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, module.get_base_layer())
    if hasattr(model, "peft_config"):
        del model.peft_config


def _linear_maps(model: "PreTrainedModel") -> list[str]:
    """Names of the linear maps between the embeddings and the head."""
    from torch import nn

    encoder, prefix = model.base_model, model.base_model_prefix
    return [
        f"{prefix}.{child_name}.{name}"
        for child_name, child in encoder.named_children()
        if not child_name.startswith("embeddings") and child_name not in AFTER_LAST_LAYER
        for name, module in child.named_modules()
        if isinstance(module, nn.Linear)
    ]


def _head_weights(model: "PreTrainedModel") -> "list[nn.Parameter]":
    """All weights outside the encoder, and those that come after its last layer."""
    encoder = model.base_model
    below = {
        id(weight)
        for name, child in encoder.named_children()
        if name not in AFTER_LAST_LAYER
        for weight in child.parameters()
    }
    direct = {id(weight) for weight in encoder.parameters(recurse=False)}
    return [weight for weight in model.parameters() if id(weight) not in below | direct]
