"""The best moment of a training, kept: chosen on rows that are neither learned from nor held out.

After every evaluation the weights that learn are written to the disk if the validation rows got a better
score than ever before; of equal scores the lower loss is better. What it does not do: look at the held-out
rows, which would make the chosen model look better on them than it is.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from bert_explorer.training.frozen_outputs import Features

PREFIX = "validation"  # of the metrics' names


@dataclass(frozen=True)
class Validation:
    """Rows to choose by, and what their predictions are worth; ``score`` names the metric to look at."""

    rows: Features
    compute_metrics: Callable[[Any], dict[str, float]]
    score: str


@dataclass(frozen=True)
class Best:
    """When the best result was, and what it was."""

    step: int
    epoch: float
    score: float
    loss: float

    def is_beaten_by(self, other: "Best") -> bool:
        return (other.score, -other.loss) > (self.score, -self.loss)


class BestWeights:
    """One file with the weights that learn, replaced in one step; a resumed run finds it there."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "best.safetensors"

    def read(self) -> Best | None:
        """None before the first evaluation."""
        if not self._path.exists():
            return None
        with safe_open(self._path, framework="pt") as file:
            told: Mapping[str, str] = file.metadata()
        numbers = {name: float(told[name]) for name in ("epoch", "score", "loss")}
        return Best(step=int(told["step"]), **numbers)

    def offer(self, model: PreTrainedModel, found: Best) -> Best:
        """Keeps the weights if the result is the best so far. Returns the best so far."""
        best = self.read()
        if best is not None and not best.is_beaten_by(found):
            return best
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".unfinished")
        weights = {name: weight.detach() for name, weight in _learning(model).items()}
        told = {"step": found.step, "epoch": found.epoch, "score": found.score, "loss": found.loss}
        save_file(weights, unfinished, metadata={name: str(value) for name, value in told.items()})
        unfinished.replace(self._path)
        return found

    def put_into(self, model: PreTrainedModel) -> None:
        """Gives the model the weights that are kept."""
        import torch

        kept = load_file(self._path, device=str(model.device))
        with torch.no_grad():
            for name, weight in _learning(model).items():
                weight.copy_(kept[name])


def found_at(step: int, epoch: float, metrics: Mapping[str, float], score: str) -> Best:
    """The result of one evaluation; one that is no number is worse than any that is."""
    value, loss = metrics[f"{PREFIX}_{score}"], metrics[f"{PREFIX}_loss"]
    return Best(
        step,
        epoch,
        value if math.isfinite(value) else -math.inf,
        loss if math.isfinite(loss) else math.inf,
    )


def _learning(model: PreTrainedModel) -> dict[str, Any]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
