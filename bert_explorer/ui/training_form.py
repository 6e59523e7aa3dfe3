"""The settings of a run, its time estimate, and its start."""

from dataclasses import replace

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.estimate import estimate_mean_tokens, estimate_seconds
from bert_explorer.training.examples import Examples
from bert_explorer.training.memory import estimate_memory_bytes
from bert_explorer.ui import state
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import get_run_queue
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_data import Columns, TrainingFile

MAX_NAME_CHARS = 60
RATES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
BATCHES = (4, 8, 16, 32, 64)
LENGTHS = (32, 64, 128, 256, 512)


def ask_settings(model: ModelInfo, columns: Columns, task: str) -> FineTuneConfig:
    """The configuration; all but the epochs is folded away. Raises InputError."""
    default = FineTuneConfig(
        task=task, text_column=columns.text, label_column=columns.label, pair_column=columns.pair
    )
    epochs = st.slider(
        "Epochs (passes over the texts)", 1, 10, default.epochs, key=state.TRAIN_EPOCHS, width=320
    )
    with st.expander("More settings"), st.container(horizontal=True, gap="medium"):
        freeze = _ask_freeze(model)
        rate = _ask_rate(suggest_learning_rate(model, freeze))
        batch = st.selectbox(
            "Batch size", BATCHES, BATCHES.index(default.batch_size), key=state.TRAIN_BATCH, width=120
        )
        lengths = [length for length in LENGTHS if length <= model.max_length] or [model.max_length]
        longest = st.selectbox(
            "Tokens of a text",
            lengths,
            min(LENGTHS.index(default.max_length), len(lengths) - 1),
            key=f"{state.TRAIN_LENGTH}-{len(lengths)}",
            help="The end of a longer text is not read. Twice as many take about twice as long.",
            width=140,
        )
    return replace(
        default,
        model=model.ref,
        epochs=epochs,
        freeze=freeze,
        learning_rate=rate,
        batch_size=batch,
        max_length=longest,
    )


def _ask_freeze(model: ModelInfo) -> str:
    """As FineTuneConfig has it: none, embeddings, all, or a number of layers."""
    names = text.FREEZE_NAMES
    choice = st.selectbox(
        "Keep fixed", list(names), format_func=names.__getitem__, key=state.TRAIN_FREEZE, width=280
    )
    return str(max(1, model.num_layers // 2)) if choice == "half" else choice


def _ask_rate(suggested: float) -> float:
    """One of RATES; another suggestion (a larger model, a frozen one) starts the choice anew."""
    key = f"{state.TRAIN_RATE}-{suggested:g}"
    rates = sorted({*RATES, suggested})
    help_text = (
        f"How far the weights move at each step. For this model and what it keeps fixed: {suggested:g}."
    )
    return st.select_slider(
        "Learning rate", rates, suggested, format_func="{:g}".format, key=key, help=help_text, width=260
    )


def show_start(file: TrainingFile, data: Examples, config: FineTuneConfig, model: ModelInfo) -> None:
    """Name, estimate and button."""
    tokens = estimate_mean_tokens(data.texts) + (estimate_mean_tokens(data.pairs) if data.pairs else 0)
    seconds = estimate_seconds(len(data), tokens, config, model)
    default_name = text.EXAMPLES.get(file.name, file.name.rsplit(".", 1)[0]).partition(":")[0][
        :MAX_NAME_CHARS
    ]
    name_key = f"{state.TRAIN_NAME}-{file.name}"  # another file, another name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name of the model", default_name, max_chars=MAX_NAME_CHARS, key=name_key, width=280
        )
        owner = current_owner()
        pressed = st.button("Start training", type="primary", disabled=owner is None)
    memory = estimate_memory_bytes(tokens, config, model)
    st.caption(
        f"Takes about {format_duration(seconds)} and {memory / 1e9:.1f} GB of memory on this computer. "
        "You can leave the page meanwhile."
    )
    if pressed and owner is not None:
        run = get_run_queue().submit(owner, name.strip() or default_name, file.name, file.content, config)
        st.session_state[state.RUN_TO_SHOW] = run.id
        st.rerun()


def format_duration(seconds: float) -> str:
    """In words, rounded up to what such an estimate is worth.

    >>> format_duration(8), format_duration(95), format_duration(4000)
    ('10 seconds', '2 minutes', '1.2 hours')
    """
    if seconds < 50:
        return f"{max(10, 10 * round(seconds / 10 + 0.49)):d} seconds"
    minutes = round(seconds / 60 + 0.49)
    if minutes < 60:
        return "1 minute" if minutes <= 1 else f"{minutes} minutes"
    return f"{seconds / 3600 + 0.05:.1f} hours"
