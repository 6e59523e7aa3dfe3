"""How much memory will a run take? Asked before it starts, without torch.

    bytes = process + 4 * (weights + 3 * learning weights) + batch_size * tokens * hidden * 4 * per_token

In float32, Adam keeps two numbers for every weight that learns, and there is its gradient. What a layer
keeps of each token for the way back follows Korthikanti et al. 2022, section 4.1: 17 numbers of the hidden
size (34 bytes in half precision); the quadratic part of attention is not kept by fused kernels. Layers that
are frozen keep nothing but what one of them needs at a time.
"""

import re
from pathlib import Path

from bert_explorer.results import ModelInfo
from bert_explorer.settings import MB
from bert_explorer.training.config import FineTuneConfig

MEMINFO = Path("/proc/meminfo")  # Linux
FLOAT_BYTES = 4
PROCESS_BYTES = 650 * MB  # python with torch, transformers and scikit-learn, before a model is read
KEPT_PER_TOKEN = 17  # times hidden_size, by a layer that learns
WEIGHTS_PER_LAYER = 12  # times hidden_size^2


def estimate_memory_bytes(mean_tokens: float, config: FineTuneConfig, info: ModelInfo) -> int:
    """The most that the worker's process holds. ``mean_tokens`` of a text, before truncation."""
    frozen_layers = info.num_layers if config.freeze == "all" else config.num_frozen_layers or 0
    layer_weights = WEIGHTS_PER_LAYER * info.hidden_size**2
    learning = max(0, info.num_parameters - frozen_layers * layer_weights)
    if config.freeze != "none":  # the embeddings rest too
        learning = min(learning, (info.num_layers - frozen_layers + 1) * layer_weights)
    if config.lora_rank:  # 8 d r in the four maps of attention, 10 d r in the two after it
        learning = info.num_layers * 18 * info.hidden_size * config.lora_rank
    longest = min(2 * mean_tokens, config.max_length, info.max_length)  # of a batch, on average
    layers = max(1, info.num_layers - frozen_layers)
    kept = KEPT_PER_TOKEN * config.batch_size * longest * info.hidden_size * layers
    return int(PROCESS_BYTES + FLOAT_BYTES * (info.num_parameters + 3 * learning + kept))


def available_memory_bytes() -> int | None:
    """What the computer has free, or None where it does not say."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMINFO.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
