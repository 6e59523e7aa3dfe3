"""The settings of a run, its time estimate, and its start."""

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.estimate import estimate_mean_tokens, estimate_seconds
from bert_explorer.training.examples import Examples
from bert_explorer.training.memory import estimate_memory_bytes
from bert_explorer.ui import state
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import get_run_queue
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_data import Columns, TrainingFile
from bert_explorer.ui.training_options import ask_options

MAX_NAME_CHARS = 60


def ask_settings(model: ModelInfo, columns: Columns, task: str) -> FineTuneConfig:
    """The configuration of the run to start. Raises InputError."""
    default = FineTuneConfig(
        task=task,
        model=model.ref,
        text_column=columns.text,
        label_column=columns.label,
        pair_column=columns.pair,
    )
    return ask_options(default, model)


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
