"""A small search: several learning rates with several choices of what learns, as a group of runs."""

from collections.abc import Callable, Sequence

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.groups import search_configs
from bert_explorer.ui import state
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_options import RATES, SUGGESTED, freeze_choices, freeze_name

MAX_RUNS = 12


def ask_search(
    config: FineTuneConfig,
    model: ModelInfo,
    *,
    estimate: Callable[[FineTuneConfig], float],
    disabled: bool,
) -> Sequence[FineTuneConfig]:
    """Draws the choices in a popover; the settings of all runs once the search is started, else none."""
    with st.popover("Try several settings", disabled=disabled):
        st.caption(text.SEARCH_LINES)
        own = suggest_learning_rate(model, config.freeze, config.lora_rank)
        offered = sorted({*RATES, own} - {SUGGESTED})
        rates = st.multiselect(
            "Learning rates", offered, [own], format_func="{:g}".format, key=f"{state.SEARCH_RATES}-{own:g}"
        )
        choices = freeze_choices(model) if not config.lora_rank else {"none": "none"}
        names = st.multiselect(
            "What learns",
            list(choices),
            [freeze_name(config.freeze, model)],
            format_func=text.LEARNING_NAMES.__getitem__,
            key=f"{state.SEARCH_LEARNING}-{model.ref}-{bool(config.lora_rank)}",
        )
        configs = search_configs(config, model, rates=rates, freezes=[choices[name] for name in names])
        if not 2 <= len(configs) <= MAX_RUNS:
            st.caption(f"{len(configs)} chosen. Choose settings for 2 to {MAX_RUNS} runs.")
        else:
            st.caption(f"{len(configs)} runs, about {format_duration(sum(map(estimate, configs)))} in all.")
        is_too_few = not 2 <= len(configs) <= MAX_RUNS
        return configs if st.button("Start the search", type="primary", disabled=is_too_few) else ()
