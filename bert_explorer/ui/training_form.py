"""The settings of a run, its time estimate, and its start."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.estimate import estimate_mean_tokens, estimate_seconds
from bert_explorer.training.examples import Examples
from bert_explorer.training.groups import fold_configs, submit_group
from bert_explorer.training.memory import estimate_memory_bytes
from bert_explorer.ui import state
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import get_run_queue
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_data import Columns, TrainingFile
from bert_explorer.ui.training_options import ask_options
from bert_explorer.ui.training_search import ask_search

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

    def estimate(one: FineTuneConfig) -> float:
        return estimate_seconds(len(data), tokens, one, model)

    name_key = f"{state.TRAIN_NAME}-{file.name}"  # another file, another name
    owner = current_owner()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        default_name = _suggest_name(file.name)
        name = st.text_input(
            "Name of the model", default_name, max_chars=MAX_NAME_CHARS, key=name_key, width=280
        )
        pressed = st.button("Start training", type="primary", disabled=owner is None)
        searched = ask_search(config, model, estimate=estimate, disabled=owner is None)
    seconds = estimate(config) * max(1, config.folds)
    memory = estimate_memory_bytes(tokens, config, model)
    runs = f"{config.folds} runs, about" if config.folds else "Takes about"
    st.caption(
        f"{runs} {format_duration(seconds)} and {memory / 1e9:.1f} GB of memory on this computer. "
        "You can leave the page meanwhile."
    )
    configs = fold_configs(config, config.folds) if pressed and config.folds else searched
    if owner is not None and (pressed or configs):
        _start(owner, name.strip() or default_name, file, configs or [config])


def _start(owner: str, name: str, file: TrainingFile, configs: Sequence[FineTuneConfig]) -> None:
    """Hands in one run or several, and shows the first of them."""
    queue = get_run_queue()
    if len(configs) == 1:
        run = queue.submit(owner, name, file.name, file.content, configs[0])
    else:
        run = submit_group(queue, owner, name, file.name, file.content, configs)[0]
    st.session_state[state.RUN_TO_SHOW] = run.id
    st.rerun()


def _suggest_name(filename: str) -> str:
    title = text.EXAMPLES.get(filename, filename.rsplit(".", 1)[0])
    return title.partition(":")[0][:MAX_NAME_CHARS]
