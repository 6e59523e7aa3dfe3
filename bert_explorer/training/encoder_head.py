"""A checkpoint's encoder under the head of a task, opened safely."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig, PreTrainedModel

from bert_explorer.errors import BrokenModelError
from bert_explorer.results import ModelInfo
from bert_explorer.training.task_names import task_of

POOLER = "pooler."


def load_with_head(auto_class: Any, folder: Path, info: ModelInfo, **config_values: Any) -> PreTrainedModel:
    """In float32, under a head that is new and random (torch's generator) where the checkpoint has no such.

    Raises BrokenModelError where weights of the encoder are missing.
    """
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    for name, value in config_values.items():  # from_pretrained would drop names that it does not know
        setattr(config, name, value)
    model: PreTrainedModel
    model, report = auto_class.from_pretrained(
        folder,
        config=config,
        dtype="float32",
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        ignore_mismatched_sizes=True,  # the head of another number of labels
        output_loading_info=True,
    )
    encoder = model.base_model_prefix + "."
    missing = [name for name in report["missing_keys"] if name.startswith(encoder) and POOLER not in name]
    if missing:
        raise BrokenModelError(
            f"'{info.name}' lacks {len(missing)} weights, the first is '{missing[0]}'. Copy the whole model "
            "again."
        )
    return model


def has_head_for(info: ModelInfo, task: str, labels: Sequence[str]) -> bool:
    """Whether a checkpoint was trained for this very task and these very labels."""
    return task_of(info) == task and info.labels == tuple(labels)


def renew_other_head(model: PreTrainedModel, info: ModelInfo, task: str, labels: Sequence[str]) -> None:
    """Draws the head anew where the checkpoint had one for another task or other labels.

    Families give the heads of two tasks one name, so that a head of equal size would be taken over. What it
    knew of other labels would only mislead the new ones.
    """
    if not info.labels or has_head_for(info, task, labels):
        return
    inside_encoder = set(model.base_model.modules())
    for module in model.modules():
        if module not in inside_encoder and isinstance(module, nn.Linear):
            module.reset_parameters()


def label_names(labels: tuple[str, ...]) -> dict[str, Any]:
    """What a config says of its classes."""
    return {
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
    }
