"""Settings that go together, for those who do not want to choose one by one.

live-demo   the four upper layers alone, on short texts: with the bundled model, 500 text messages take under
            a minute on two cores. All layers where there are no more, the head where all are one (ALBERT)
balanced    the defaults: all layers, three epochs
best        more epochs, longer texts, lower layers move less; the best epoch is kept (see best)
"""

from dataclasses import replace

from bert_explorer.errors import InputError
from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.freezing import SHARED_LAYERS_FAMILY

PRESETS = ("live-demo", "balanced", "best")
LIVE_LAYERS = 4  # that learn in a live demo


def apply_preset(config: FineTuneConfig, preset: str, info: ModelInfo) -> FineTuneConfig:
    """The configuration with the preset's settings in it. InputError for a preset that is none."""
    if preset == "balanced":
        return replace(config, learning_rate=suggest_learning_rate(info))
    if preset == "best":
        rate, longest = suggest_learning_rate(info), min(256, info.max_length)
        return replace(
            config, epochs=6, max_length=longest, layer_decay=0.9, learning_rate=rate, keep_best=True
        )
    if preset == "live-demo":
        num_frozen = info.num_layers - LIVE_LAYERS
        freeze = str(num_frozen) if num_frozen > 0 else "embeddings"
        if info.family == SHARED_LAYERS_FAMILY:
            freeze = "all"
        rate = suggest_learning_rate(info, freeze)
        return replace(config, epochs=6, max_length=64, freeze=freeze, learning_rate=rate)
    raise InputError(f"There is no preset '{preset}'. Choose one of: {', '.join(PRESETS)}.")
