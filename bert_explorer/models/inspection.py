"""What a checkpoint is and can do, read from its small files: config.json, headers, tokenizer_config.json.

No torch, no transformers: a page can describe a model before anything heavy is imported. A head counts
only when its weights are in the file, because transformers fills missing heads with random numbers.
"""

import json
import re
from pathlib import Path
from typing import Any

from bert_explorer.errors import BrokenModelError
from bert_explorer.models.families import CLASS_HEADS, FAMILIES, POOLER, Family, name_in
from bert_explorer.models.safety import read_config
from bert_explorer.models.weights import WeightTable, read_weights
from bert_explorer.results import Capability, ModelInfo

TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
CLASSIFIER = "classifier.weight|classifier.out_proj.weight"
DEFAULT_POSITIONS = {"modernbert": 8192}
MAX_LAYERS = 1000  # of ALBERT, whose layers share weights, so that the file cannot tell


def inspect_folder(folder: Path, ref: str, name: str) -> ModelInfo:
    """Describe the checkpoint in ``folder``.

    Raises UnsafeModelError, UnsupportedModelError or BrokenModelError with what to do about it.
    """
    config = read_config(folder)
    family = FAMILIES[config["model_type"]]
    weights = read_weights(folder)
    if not any(True for pattern in TOKENIZER_FILES for _ in folder.glob(pattern)):
        raise BrokenModelError(
            f"'{folder.name}' has no tokenizer: tokenizer.json is missing. Copy the whole model."
        )
    vocab_size = _vocab_size(config, family, weights)  # first: it tells weights of another family
    capabilities = find_capabilities(config, family, weights)
    tokenizer_config = _read_tokenizer_config(folder)
    return ModelInfo(
        ref=ref,
        name=name,
        family=config["model_type"],
        num_layers=_num_layers(config, family, weights),
        num_heads=_number(config, "num_attention_heads", "n_heads"),
        hidden_size=_number(config, "hidden_size", "dim"),
        vocab_size=vocab_size,
        max_length=_max_length(config, family, tokenizer_config),
        num_parameters=weights.num_parameters,
        size_bytes=weights.size_bytes,
        capabilities=capabilities,
        labels=_labels(config, capabilities, weights),
        mask_token=_mask_token(tokenizer_config, family),
        problem_type=str(config.get("problem_type") or ""),
    )


def find_capabilities(config: dict[str, Any], family: Family, weights: WeightTable) -> frozenset[Capability]:
    """What the weights can answer. Every encoder gives embeddings and attentions.

    A class head is named by the config and present in the weights. A checkpoint is loaded once, with its
    class head or with its pretraining heads, so leftovers of pretraining beside a class head do not count.
    """
    names = weights.names
    found = {Capability.EMBEDDINGS, Capability.ATTENTIONS}
    architectures = config.get("architectures")
    architecture = str(architectures[0]) if isinstance(architectures, list) and architectures else ""
    for suffix, (capability, heads) in CLASS_HEADS.items():
        if architecture.endswith(suffix) and any(name_in(head, names) for head in heads):
            return frozenset(found | {capability})
    if family.masked_lm and all(name_in(pattern, names) for pattern in family.masked_lm):
        found.add(Capability.MASKED_LM)
    if family.next_sentence and all(name_in(pattern, names) for pattern in _next_sentence(config, family)):
        found.add(Capability.NEXT_SENTENCE)
    return frozenset(found)


def _next_sentence(config: dict[str, Any], family: Family) -> list[str]:
    """Weights of the next-sentence head; a pooler that the config switches to passing on has none."""
    bare = family.pooler_switch and not config.get(family.pooler_switch, True)
    return [name for name in family.next_sentence if not (bare and name == POOLER)]


def _num_layers(config: dict[str, Any], family: Family, weights: WeightTable) -> int:
    """Layers that a text passes, after checking that the weights hold the modules announced.

    transformers would build all that config.json announces, with random numbers where weights lack.
    """
    num_layers = _number(config, "num_hidden_layers", "n_layers")
    if not family.shared_layers:
        _check_count("layers", num_layers, family.layers, weights)
        return num_layers
    inner = _number(config, "inner_group_num", default=1)
    if num_layers * inner > MAX_LAYERS:
        raise BrokenModelError(
            f"config.json announces {num_layers * inner:,} layers; the limit is {MAX_LAYERS:,}. "
            "Copy the model again."
        )
    _check_count("groups of layers", _number(config, "num_hidden_groups", default=1), family.layers, weights)
    _check_count("layers in a group", inner, family.shared_layers, weights)
    return num_layers * inner


def _check_count(what: str, announced: int, path: str, weights: WeightTable) -> None:
    """BrokenModelError unless the weights count ``path.0``, ``path.1`` ... up to the number announced."""
    pattern = re.compile(rf"(?:^|\.){re.escape(path)}\.([0-9]+)\.")
    found = {match[1] for name in weights.names for match in pattern.finditer(name)}
    if len(found) != announced or str(announced - 1) not in found:
        raise BrokenModelError(
            f"config.json announces {announced:,} {what} and the weights hold {len(found):,}. "
            "The files belong to different models: copy it again."
        )


def _number(config: dict[str, Any], *keys: str, default: int | None = None) -> int:
    """A positive whole number under one of ``keys``; the default only where none of them is there."""
    values = [config[key] for key in keys if config.get(key) is not None]
    if not values and default is not None:
        return default
    if not values or type(values[0]) is not int or values[0] < 1:
        raise BrokenModelError(
            f"config.json has no positive whole number for '{keys[0]}'. Copy the model again."
        )
    return int(values[0])


def _vocab_size(config: dict[str, Any], family: Family, weights: WeightTable) -> int:
    """Rows of the word embeddings, which config.json has to agree with."""
    for name, shape in weights.shapes.items():
        if len(shape) == 2 and name_in(family.embeddings, frozenset([name])):
            vocab_size = _number(config, "vocab_size", default=shape[0])
            if vocab_size != shape[0]:
                raise BrokenModelError(
                    f"config.json announces a vocabulary of {vocab_size:,} and the weights have "
                    f"{shape[0]:,} embeddings. The files belong to different models: copy it again."
                )
            return vocab_size
    raise BrokenModelError("The weights hold no word embeddings: they are not an encoder of this family.")


def _max_length(config: dict[str, Any], family: Family, tokenizer_config: dict[str, Any]) -> int:
    """Positions that tokens may take, or the tokenizer's own limit where that is lower.

    A tokenizer without a limit says 1e30.
    """
    default = DEFAULT_POSITIONS.get(config["model_type"], 512)
    limit = _number(config, "max_position_embeddings", default=default) - family.reserved_positions
    stated = tokenizer_config.get("model_max_length")
    if isinstance(stated, (int, float)) and 0 < stated < limit:
        return int(stated)
    return limit


def _labels(
    config: dict[str, Any], capabilities: frozenset[Capability], weights: WeightTable
) -> tuple[str, ...]:
    """Names of the classes, one for each row of the class head."""
    if not capabilities & {Capability.SEQUENCE_CLASSIFICATION, Capability.TOKEN_CLASSIFICATION}:
        return ()
    num_classes = next(
        shape[0] for name, shape in weights.shapes.items() if shape and name_in(CLASSIFIER, frozenset([name]))
    )
    names = config.get("id2label") or {str(i): f"LABEL_{i}" for i in range(num_classes)}
    if not isinstance(names, dict) or set(names) != {str(i) for i in range(num_classes)}:
        raise BrokenModelError(
            f"'id2label' in config.json has to name the {num_classes} classes of the weights, from '0' on."
        )
    return tuple(str(names[str(i)]) for i in range(num_classes))


def _read_tokenizer_config(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}  # checked by read_config


def _mask_token(tokenizer_config: dict[str, Any], family: Family) -> str:
    """Stored as text or as an object; vocab.txt alone leaves it to the family's custom."""
    token = tokenizer_config.get("mask_token") or family.mask_token
    return str(token.get("content", family.mask_token) if isinstance(token, dict) else token)
