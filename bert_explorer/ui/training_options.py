"""The settings of a new run: a preset, and below it, folded, everything that the preset chose.

Every control is in the link. A preset fills the others in; what is changed afterwards wins, as on the
command line.
"""

from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.freezing import SHARED_LAYERS_FAMILY
from bert_explorer.training.presets import LIVE_LAYERS, apply_preset
from bert_explorer.ui import state
from bert_explorer.ui.inputs import choice, fill_widgets
from bert_explorer.ui.texts import fine_tune as text

SUGGESTED = 0.0  # stands for the learning rate that suits the model
RATES = (SUGGESTED, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
BATCHES = (4, 8, 16, 32, 64)
LENGTHS = (32, 64, 128, 256, 512)
WARMUPS = (0.0, 0.05, 0.1, 0.2, 0.3)
WEIGHT_DECAYS = (0.0, 0.001, 0.01, 0.1)
LAYER_DECAYS = (1.0, 0.95, 0.9, 0.8, 0.65)
LORA = "lora"
RANKS = (2, 4, 8, 16, 32)
ALPHAS = (4, 8, 16, 32, 64)
DEFAULT_RANK = 8
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")  # told without torch, which costs a page seconds
MAX_EPOCHS = 10
MAX_SEED = 9_999


def ask_options(default: FineTuneConfig, model: ModelInfo) -> FineTuneConfig:
    """``default`` with the settings chosen; all but the preset and the epochs is folded away."""
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        shown = choice(
            "Preset",
            tuple(text.PRESET_NAMES.values()),
            state.TRAIN_PRESET,
            on_change=_take_over_preset,
            args=(default, model),
            width="content",
        )
        preset = next(name for name, title in text.PRESET_NAMES.items() if title == shown)
        start = apply_preset(default, preset, model)
        _follow_model(start, model)
        epochs = st.slider(
            "Epochs (passes over the texts)",
            1,
            MAX_EPOCHS,
            start.epochs,
            key=state.TRAIN_EPOCHS,
            bind="query-params",
            width=300,
        )
    learning = text.LEARNING_NAMES[freeze_name(start.freeze, model)]
    st.caption(text.PRESET_LINES[preset].format(learning=learning))
    with st.expander("More settings"):
        with st.container(horizontal=True, gap="medium"):
            config = replace(start, epochs=epochs, **_ask_learning(start, model))
            config = replace(config, **_ask_pace(config, model))
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            config = replace(config, **_ask_pulls(config))
        with st.container(horizontal=True, gap="medium"):
            return replace(config, **_ask_switches(config))


def _take_over_preset(default: FineTuneConfig, model: ModelInfo) -> None:
    """A callback: the other controls show what the chosen preset says."""
    shown = st.session_state[state.TRAIN_PRESET]
    name = next((name for name, title in text.PRESET_NAMES.items() if title == shown), None)
    if name is not None:
        fill_widgets(widget_values(apply_preset(default, name, model), model))


def _follow_model(start: FineTuneConfig, model: ModelInfo) -> None:
    """Under another model, what its preset chose is chosen anew; what was changed by hand stays."""
    ref, before = st.session_state.get(state.TRAIN_CHOSEN, (model.ref, {}))
    values = widget_values(start, model)
    st.session_state[state.TRAIN_CHOSEN] = (model.ref, values)
    if ref != model.ref:
        as_chosen = {key for key, value in before.items() if st.session_state.get(key) == value}
        fill_widgets({key: values[key] for key in as_chosen if values[key] != before[key]})


def widget_values(config: FineTuneConfig, model: ModelInfo) -> dict[str, Any]:
    """What each control shows for these settings."""
    return {
        state.TRAIN_EPOCHS: config.epochs,
        state.TRAIN_FREEZE: freeze_name(config.freeze, model),
        state.TRAIN_RATE: SUGGESTED,
        state.TRAIN_BATCH: config.batch_size,
        state.TRAIN_LENGTH: _nearest_length(config.max_length, model),
        state.TRAIN_WARMUP: config.warmup_share,
        state.TRAIN_WEIGHT_DECAY: config.weight_decay,
        state.TRAIN_LAYER_DECAY: config.layer_decay,
        state.TRAIN_KEEP_BEST: config.keep_best,
    }


def freeze_choices(model: ModelInfo) -> dict[str, str]:
    """Names of what may stay fixed -> ``freeze`` as FineTuneConfig has it; where most learns comes first."""
    layers = model.num_layers
    counted = {"half": max(1, layers // 2), "last-two": max(0, layers - 2), "last": layers - 1}
    if layers > LIVE_LAYERS:
        counted = {"last-four": layers - LIVE_LAYERS} | counted
    choices = {"none": "none", "embeddings": "embeddings"}
    if model.family != SHARED_LAYERS_FAMILY:
        choices |= {name: str(number) for name, number in sorted(counted.items(), key=itemgetter(1))}
    return choices | {"all": "all"}


def freeze_name(freeze: str, model: ModelInfo) -> str:
    """The choice that stands for this ``freeze``; the first where several do, as in a model of two layers."""
    found = {value: name for name, value in reversed(freeze_choices(model).items())}
    return found.get(freeze, "none")


def _ask_learning(start: FineTuneConfig, model: ModelInfo) -> dict[str, Any]:
    """What is frozen, or the size of the matrices beside the layers."""
    choices = freeze_choices(model) | {LORA: "none"}
    names = list(choices)
    chosen = st.selectbox(
        "What learns",
        names,
        names.index(freeze_name(start.freeze, model)),
        format_func=text.LEARNING_NAMES.__getitem__,
        key=state.TRAIN_FREEZE,
        bind="query-params",
        help=text.LEARNING_HELP,
        width=270,
    )
    if chosen != LORA:
        return {"freeze": choices[chosen]}
    rank = _ask_number("Rank", RANKS, DEFAULT_RANK, state.TRAIN_LORA_RANK, text.RANK_HELP)
    alpha = _ask_number("Alpha", ALPHAS, start.lora_alpha, state.TRAIN_LORA_ALPHA, text.ALPHA_HELP)
    return {"freeze": "none", "layer_decay": 1.0, "lora_rank": int(rank), "lora_alpha": int(alpha)}


def _ask_pace(config: FineTuneConfig, model: ModelInfo) -> dict[str, Any]:
    suggested = suggest_learning_rate(model, config.freeze, config.lora_rank)
    rate = st.selectbox(
        "Learning rate",
        RATES,
        format_func=lambda value: f"{value:g}" if value else f"{suggested:g} (suggested)",
        key=state.TRAIN_RATE,
        bind="query-params",
        help=text.RATE_HELP,
        width=190,
    )
    batch = _ask_number("Batch size", BATCHES, config.batch_size, state.TRAIN_BATCH, text.BATCH_HELP)
    longest = _ask_number(
        "Tokens of a text",
        _lengths(model),
        _nearest_length(config.max_length, model),
        state.TRAIN_LENGTH,
        text.LENGTH_HELP,
    )
    return {"learning_rate": rate or suggested, "batch_size": int(batch), "max_length": int(longest)}


def _ask_pulls(config: FineTuneConfig) -> dict[str, Any]:
    """What bends the course of the training, and the number that all chance follows from."""
    warmup = _ask_number("Warm-up share", WARMUPS, config.warmup_share, state.TRAIN_WARMUP, text.WARMUP_HELP)
    pull = _ask_number(
        "Weight decay", WEIGHT_DECAYS, config.weight_decay, state.TRAIN_WEIGHT_DECAY, text.WEIGHT_DECAY_HELP
    )
    layer_decay = 1.0
    if not config.lora_rank:
        layer_decay = _ask_number(
            "Layer decay", LAYER_DECAYS, config.layer_decay, state.TRAIN_LAYER_DECAY, text.LAYER_DECAY_HELP
        )
    seed = st.number_input(
        "Seed",
        0,
        MAX_SEED,
        config.seed,
        key=state.TRAIN_SEED,
        bind="query-params",
        help=text.SEED_HELP,
        width=130,
    )
    return {"warmup_share": warmup, "weight_decay": pull, "layer_decay": layer_decay, "seed": int(seed)}


def _ask_switches(config: FineTuneConfig) -> dict[str, Any]:
    """What is on or off."""
    keep_best = st.toggle(
        "Keep the best epoch, stop early",
        config.keep_best,
        key=state.TRAIN_KEEP_BEST,
        bind="query-params",
        help=text.KEEP_BEST_HELP,
    )
    values: dict[str, Any] = {"keep_best": keep_best}
    if NVIDIA_DRIVER.exists():
        is_half = st.toggle(
            "Multiply in half precision (GPU)",
            key=state.TRAIN_PRECISION,
            bind="query-params",
            help=text.PRECISION_HELP,
        )
        values["precision"] = "bfloat16" if is_half else "float32"
    if config.task != "text-classification":
        return values
    is_balanced = st.toggle(
        "Every class weighs the same",
        key=state.TRAIN_CLASS_WEIGHTS,
        bind="query-params",
        help=text.CLASS_WEIGHTS_HELP,
    )
    return values | {"class_weights": "balanced" if is_balanced else "none"}


def _ask_number(label: str, options: tuple[float, ...], default: float, key: str, help_text: str) -> float:
    """One of a few numbers, whose value is in the link; the preset's own is among them."""
    offered = sorted({*options, default}, reverse=options[0] > options[-1])
    chosen = st.selectbox(
        label,
        offered,
        offered.index(default),
        format_func="{:g}".format,
        key=key,
        bind="query-params",
        help=help_text,
        width=140,
    )
    return default if chosen is None else chosen


def _lengths(model: ModelInfo) -> tuple[int, ...]:
    return tuple(length for length in LENGTHS if length <= model.max_length) or (model.max_length,)


def _nearest_length(wanted: int, model: ModelInfo) -> int:
    """The longest on offer that is not longer than wanted."""
    fitting = [length for length in _lengths(model) if length <= wanted]
    return max(fitting, default=_lengths(model)[0])
