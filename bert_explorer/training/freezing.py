"""Which weights stay as they are while a model is fine-tuned.

    none         nothing
    embeddings   the embeddings
    N            the embeddings and the lowest N layers
    all          the whole encoder; only what comes after its last layer learns

Frozen parts also run without dropout: what they compute for a text is then the same in every epoch.
The pooler (a dense layer on [CLS], where a family has one) belongs to the head: it comes after the last
layer, and many checkpoints were never trained with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bert_explorer.errors import InputError
from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel

SHARED_LAYERS_FAMILY = "albert"
AFTER_LAST_LAYER = frozenset({"pooler", "final_norm"})


@dataclass(frozen=True)
class TrainableCount:
    """Numbers of single weights."""

    trainable: int
    total: int


def check_freeze(config: FineTuneConfig, info: ModelInfo) -> None:
    """Raises InputError where ``config.freeze`` does not fit the model."""
    num_frozen = config.num_frozen_layers
    if num_frozen is None:
        return
    if info.family == SHARED_LAYERS_FAMILY:
        raise InputError(
            f"All layers of '{info.name}' (ALBERT) are one and the same, so the lowest {num_frozen} cannot "
            "be frozen alone. Choose none, embeddings or all."
        )
    if num_frozen > info.num_layers:
        raise InputError(
            f"'{info.name}' has {info.num_layers} layers; {num_frozen} cannot be frozen. Choose 0 to "
            f"{info.num_layers}."
        )


def freeze_layers(model: "PreTrainedModel", freeze: str) -> TrainableCount:
    """Freezes as ``freeze`` says (checked before by ``check_freeze``) and counts what still learns."""
    frozen = list(_frozen_modules(model.base_model, freeze))
    for module in frozen:
        module.requires_grad_(False)
    if freeze.isdigit():
        _freeze_shared_tables(model.base_model)
    if frozen:
        model.register_forward_pre_hook(_keep_in_eval_mode(frozen))
    return count_weights(model)


def count_weights(model: "PreTrainedModel") -> TrainableCount:
    sizes = [(weight.numel(), weight.requires_grad) for weight in model.parameters()]
    return TrainableCount(
        trainable=sum(size for size, learns in sizes if learns), total=sum(size for size, _ in sizes)
    )


def _frozen_modules(encoder: "nn.Module", freeze: str) -> Iterator["nn.Module"]:
    if freeze == "all":
        for name, module in encoder.named_children():
            if name not in AFTER_LAST_LAYER:
                yield module
    elif freeze != "none":
        for name, module in encoder.named_children():
            if name.startswith("embeddings"):  # ELECTRA also has embeddings_project
                yield module
        if freeze.isdigit():
            yield from list(find_layers(encoder))[: int(freeze)]


def find_layers(encoder: "nn.Module") -> "nn.ModuleList":
    """The encoder's layers, lowest first: its one ModuleList of that length, whatever it is called."""
    from torch import nn

    config = cast("PreTrainedModel", encoder).config
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == config.num_hidden_layers:
            return module
    raise InputError(f"The layers of a model of type '{config.model_type}' cannot be frozen one by one.")


def _freeze_shared_tables(encoder: "nn.Module") -> None:
    """Tables of relative positions that every layer reads (DeBERTa, MPNet): else a frozen layer changes."""
    inside_layers = {id(weight) for weight in find_layers(encoder).parameters()}
    for name, child in encoder.named_children():
        if name not in AFTER_LAST_LAYER:
            for weight in child.parameters():
                if id(weight) not in inside_layers:
                    weight.requires_grad_(False)


def _keep_in_eval_mode(modules: "list[nn.Module]") -> Callable[["nn.Module", object], None]:
    """A hook before every forward pass, since the Trainer sets the whole model to training mode."""

    def set_eval(_model: "nn.Module", _inputs: object) -> None:
        for module in modules:
            module.eval()

    return set_eval
