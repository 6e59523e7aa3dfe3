"""Weights between two models that came from one: a training, and the encoder or version that it began with.

Wortsman et al. 2022 (WiSE-FT, "Robust fine-tuning of zero-shot models"): on the straight line between both
lie models that keep more of what the first one knew, at little cost in what the second one learned.
"""

import shutil
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from bert_explorer.errors import BrokenModelError
from bert_explorer.models.hub import TOKENIZER_FILES

WEIGHTS_FILE = "model.safetensors"
ENCODER = ("bert.embeddings.", "bert.encoder.")


def mix(trained: Path, encoder: Path, share: float, output: Path) -> None:
    """Write ``trained`` to ``output``, with ``share`` of the encoder's embeddings and layers in its own.

    Its configuration and tokenizer go along; its card does not, whose figures are those of other weights.
    The pooler and the heads stay those of ``trained``: the encoder has none that know their tasks.
    """
    weights, origin = load_file(trained / WEIGHTS_FILE), load_file(encoder / WEIGHTS_FILE)
    for name in [name for name in weights if name.startswith(ENCODER)]:
        theirs = origin.get(name, origin.get(name.removeprefix("bert.")))
        if theirs is None or theirs.shape != weights[name].shape:
            raise BrokenModelError(
                f"{encoder} has no weight '{name}' of the shape {tuple(weights[name].shape)}. Mix a training "
                "with the encoder that it began with."
            )
        mixed = torch.lerp(weights[name].float(), theirs.float(), share)
        weights[name] = mixed.to(weights[name].dtype)
    with safe_open(trained / WEIGHTS_FILE, framework="pt") as file:
        metadata = file.metadata()
    output.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", *TOKENIZER_FILES):
        if (trained / name).is_file():
            shutil.copy(trained / name, output / name)
    save_file(weights, output / WEIGHTS_FILE, metadata=metadata)
