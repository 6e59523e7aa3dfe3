"""How long will a run take? Asked before it starts, without torch.

The work of a step is counted in floating point operations (Kaplan et al. 2020, section 2.1): with P
weights in the layers, 2 P a token forward, and 2 x 2 P backward where the layers learn. Frozen layers
run forward, and once only (see frozen_outputs). Layers with LoRA beside them pass gradients on, and have
none of their own: 2 P backward. Where the head reads the first token alone, the last layer computes keys and
values of every token and the rest for one (see first_token): of L layers that learn, L - 5/6 are counted.

    seconds = overhead_s + operations / operations_per_s

Both numbers on the right are those of this machine, remembered from the last finished run (speed.json in
``Settings.home``). Before the first run, matrix products in numpy take their place for a moment.
What it does not count: attention's quadratic part, small below 512 tokens, and other programs at work.
"""

import json
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bert_explorer.models.families import FAMILIES
from bert_explorer.results import ModelInfo
from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.config import VALIDATION_SHARE, FineTuneConfig

logger = logging.getLogger(__name__)

WEIGHTS_PER_LAYER = 12  # times hidden_size^2: 4 in attention, 8 in the feed-forward part
KEY_AND_VALUE_WEIGHTS = 2  # of these
LEFT_OUT_SHARE = 1 - KEY_AND_VALUE_WEIGHTS / WEIGHTS_PER_LAYER  # of a last layer for the first token alone
FIRST_TOKEN_TASKS = frozenset({"text-classification", "multi-label", "regression"})
PADDING_FACTOR = 1.25  # measured on SMS messages in pools of four batches
EVALUATIONS = 7  # of the held-out rows, the last one included
CHARS_PER_TOKEN = 4.0
SPECIAL_TOKENS = 2
DEFAULT_OVERHEAD_S = 12.0  # start of the process, import of torch, opening and saving the model
TRAINING_EFFICIENCY = 0.35  # of large matrix products in numpy; measured 0.5 on one thread, less on more
MIN_TELLING_OPERATIONS = 1e11
CALIBRATION_SIZE = 768
CALIBRATION_REPEATS = 3


@dataclass(frozen=True)
class MachineSpeed:
    """``operations_per_s`` while training; ``overhead_s`` for everything else in a run."""

    operations_per_s: float
    overhead_s: float


def estimate_seconds(
    num_examples: int,
    mean_tokens: float,
    config: FineTuneConfig,
    info: ModelInfo,
    settings: Settings | None = None,
) -> float:
    """Seconds from the start of a run to its finished model; waiting in the queue comes on top.

    ``num_examples`` counts all rows, the held-out ones included; ``mean_tokens`` is before truncation.
    """
    speed = _read_speed(_speed_path(settings or get_settings())) or _calibrate()
    return speed.overhead_s + _operations(num_examples, mean_tokens, config, info) / speed.operations_per_s


def estimate_mean_tokens(texts: Sequence[str]) -> float:
    """Tokens a text, from its characters: near enough for an estimate, and needs no tokenizer."""
    return SPECIAL_TOKENS + sum(map(len, texts)) / max(1, len(texts)) / CHARS_PER_TOKEN


def remember_speed(
    num_examples: int,
    mean_tokens: float,
    config: FineTuneConfig,
    info: ModelInfo,
    settings: Settings,
    *,
    training_s: float,
    overhead_s: float,
) -> None:
    """Keeps what a run, trained from its beginning to its end, has shown of this machine.

    Runs with next to no work are passed over: they show how long a step takes to set up.
    """
    operations = _operations(num_examples, mean_tokens, config, info)
    if operations < MIN_TELLING_OPERATIONS:
        return
    speed = MachineSpeed(operations_per_s=operations / training_s, overhead_s=overhead_s)
    path = _speed_path(settings)
    unfinished = path.with_name(f"speed.{os.getpid()}.unfinished")  # other workers write theirs
    try:
        unfinished.write_text(json.dumps(asdict(speed)), encoding="utf-8")
        unfinished.replace(path)
    except OSError:  # a full disk must not cost the run its model
        logger.exception("The speed of this machine could not be kept")


def _operations(num_examples: int, mean_tokens: float, config: FineTuneConfig, info: ModelInfo) -> float:
    """Of all training steps and evaluations of a run."""
    num_tokens = num_examples * min(mean_tokens, config.max_length, info.max_length) * PADDING_FACTOR
    layer_weights = WEIGHTS_PER_LAYER * info.hidden_size**2
    num_frozen = _num_frozen_layers(config, info)
    per_token = 2 * layer_weights * _num_learning_layers(config, info)  # forward, through what learns
    held_out_share = 1 / config.folds if config.folds else config.held_out_share
    chosen_by = (1 - held_out_share) * VALIDATION_SHARE if config.keep_best else 0.0
    trained = num_tokens * (1 - held_out_share - chosen_by) * config.epochs
    evaluated = num_tokens * (held_out_share + chosen_by) * max(EVALUATIONS, config.epochs)
    passes = 2 if config.lora_rank else 3  # a pass back costs two forward, without gradients of weights one
    return (passes * trained + evaluated) * per_token + num_tokens * 2 * layer_weights * num_frozen


def _num_frozen_layers(config: FineTuneConfig, info: ModelInfo) -> int:
    return info.num_layers if config.freeze == "all" else config.num_frozen_layers or 0


def _num_learning_layers(config: FineTuneConfig, info: ModelInfo) -> float:
    """Counted as layers that run for every token."""
    learning = info.num_layers - _num_frozen_layers(config, info)
    family = FAMILIES.get(info.family)
    if config.task not in FIRST_TOKEN_TASKS or family is None or not family.queries_apart:
        return learning
    return max(0.0, learning - LEFT_OUT_SHARE)


def _speed_path(settings: Settings) -> Path:
    return settings.home / "speed.json"


def _read_speed(path: Path) -> MachineSpeed | None:
    try:
        return MachineSpeed(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        logger.warning("%s cannot be read; the speed of this machine is measured anew", path)
        return None


@cache
def _calibrate() -> MachineSpeed:
    """A first guess, from the best of a few matrix products (about 50 ms, once a process)."""
    square = np.ones((CALIBRATION_SIZE, CALIBRATION_SIZE), dtype=np.float32)
    times = []
    for _ in range(CALIBRATION_REPEATS):
        began_at = time.perf_counter()
        square @ square
        times.append(time.perf_counter() - began_at)
    products_per_s = 2 * CALIBRATION_SIZE**3 / min(times)
    return MachineSpeed(operations_per_s=TRAINING_EFFICIENCY * products_per_s, overhead_s=DEFAULT_OVERHEAD_S)
