"""Checks of a checkpoint's JSON files before transformers sees them.

transformers builds Python objects from config.json, and some keys make it import or download code
(``auto_map``; ``_attn_implementation_internal`` and its kind, fixed only in 5.3; adapter files that name
another model; ``transformers_weights``, which chooses the file of weights). A tokenizer's file may also
name any file of this computer as its vocabulary. None of these is needed for the supported families, so a
file that has one is refused.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bert_explorer.errors import BrokenModelError, UnsafeModelError, UnsupportedModelError
from bert_explorer.models.families import FAMILIES

CONFIG = "config.json"
MAX_CONFIG_BYTES = 5_000_000  # 77 labels take 5 kB; nothing honest comes near
JSON_WITH_CODE_KEYS = ("tokenizer_config.json", "processor_config.json", "special_tokens_map.json")

_CODE_KEYS = re.compile(r"auto_map|_.*_implementation_internal|transformers_weights|trust_remote_code")
_PATH_KEYS = re.compile(r"vocab|merges|.*_file")
_UNREAD_PATHS = ("special_tokens_map_file",)  # written by old versions, and never opened by any
_KERNEL_KEYS = re.compile(r".*_implementation")


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a checkpoint that is safe to open and of a supported family.

    Raises BrokenModelError, UnsafeModelError or UnsupportedModelError.
    """
    if not (folder / CONFIG).is_file():
        raise BrokenModelError(f"'{folder.name}' has no {CONFIG}, so it is not a model folder.")
    config = _read_json(folder / CONFIG)
    _refuse_code(config, CONFIG)
    _refuse_unsupported(config, folder)
    for name in JSON_WITH_CODE_KEYS:
        if (folder / name).is_file():
            values = _read_json(folder / name)
            _refuse_code(values, name)
            _refuse_paths(values, name)
    return config


def _read_json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise BrokenModelError(f"{path.name} of '{path.parent.name}' has over {MAX_CONFIG_BYTES:,} bytes.")
    try:
        value = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise BrokenModelError(
            f"{path.name} of '{path.parent.name}' is not JSON. Copy the model again."
        ) from None
    if not isinstance(value, dict):
        raise BrokenModelError(
            f"{path.name} of '{path.parent.name}' is not a JSON object. Copy the model again."
        )
    return value


def _refuse_code(config: dict[str, Any], filename: str) -> None:
    for key, value in _items(config):
        hub_kernel = bool(_KERNEL_KEYS.fullmatch(key)) and isinstance(value, str) and "/" in value
        if hub_kernel or _CODE_KEYS.fullmatch(key):
            raise UnsafeModelError(
                f"{filename} has the key '{key}', which can run code that came with the model. "
                "BERT Explorer opens plain checkpoints only: remove the key if you trust the rest."
            )


def _refuse_paths(values: dict[str, Any], filename: str) -> None:
    """Keys that name the file to read a vocabulary from, by name or (``init_inputs``) by place."""
    for key, value in values.items():
        is_path = bool(_PATH_KEYS.fullmatch(key)) and isinstance(value, str) and key not in _UNREAD_PATHS
        if is_path or (key == "init_inputs" and value):
            raise UnsafeModelError(
                f"{filename} has the key '{key}', which can name any file of this computer to be read. "
                "BERT Explorer reads the files of the model's own folder only: remove the key if you trust "
                "the rest."
            )


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """All keys of nested objects, with their values. A loop, since a hostile file nests deeply."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield from item.items()
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _refuse_unsupported(config: dict[str, Any], folder: Path) -> None:
    model_type = config.get("model_type")
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        named = f"of the type '{model_type}'" if model_type else "without a model_type"
        raise UnsupportedModelError(
            f"'{folder.name}' is a model {named}. BERT Explorer opens: {', '.join(sorted(FAMILIES))}."
        )
    if config.get("is_decoder") or config.get("add_cross_attention"):
        raise UnsupportedModelError(f"'{folder.name}' is a decoder. BERT Explorer opens encoders only.")
    if config.get("quantization_config"):
        raise UnsupportedModelError(
            f"'{folder.name}' is quantized. Open the float version of this model instead."
        )
    if (folder / "adapter_config.json").exists():
        raise UnsupportedModelError(
            f"'{folder.name}' is an adapter, not a whole model. Merge it into its base model "
            "(peft: merge_and_unload) and save that."
        )
