"""A pretraining of the reader's own: the text, the settings, the start, and the runs so far."""

import streamlit as st

from bert_explorer.analysis.training_text import MAX_CHARS, TrainingText, divide_text
from bert_explorer.results import ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.training.config import FROM_NOTHING, MASKED_WORDS, FineTuneConfig
from bert_explorer.training.own_pretraining import (
    CONTINUED_PASSES,
    MAX_CONTINUED_PASSES,
    MAX_SMALL_PASSES,
    SMALL_PASSES,
    estimate_pretraining_s,
    own_pretraining,
)
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.ui import state
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_choice import describe_run
from bert_explorer.ui.run_views import show_run
from bert_explorer.ui.runs import get_run_queue, get_run_store
from bert_explorer.ui.texts import own_pretraining as text


def show_own_pretraining(model: ModelInfo) -> str | None:
    """Draw form and runs; returns the command that does the same. Raises DataError or InputError."""
    kind = choice("What to train", text.KINDS, state.OWN_KIND)
    st.markdown(text.PROMISE[kind])
    reading, filename, default_cloze = _ask_reading()
    cloze = st.text_area(
        "Sentences to answer on the way",
        default_cloze,
        help=text.CLOZE_HELP,
        height=108,
        key=f"{state.OWN_CLOZE}-{filename}",
    )
    is_small = kind == text.SMALL
    passes = number_slider(
        "Passes over the text",
        1,
        MAX_SMALL_PASSES if is_small else MAX_CONTINUED_PASSES,
        SMALL_PASSES if is_small else CONTINUED_PASSES,
        f"{state.OWN_PASSES}{'' if is_small else '_on'}",
        width=320,
    )
    code = None
    if reading is not None:
        divided = divide_text(reading)
        config = own_pretraining(FROM_NOTHING if is_small else model.ref, passes, cloze.splitlines())
        _show_start(reading, filename, divided, config, model)
        code = command_for(filename, config)
    _show_runs()
    return code


def _ask_reading() -> tuple[str | None, str, str]:
    """The text (None until there is one), a file name for it, and sentences that fit it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = choice("Text to read", text.SOURCES, state.OWN_SOURCE)
        if source == text.EXAMPLE:
            names = {item.name: item for item in text.READINGS}
            chosen = names[
                st.selectbox("Example", list(names), key=state.OWN_EXAMPLE, bind="query-params", width=280)
            ]
            path = get_settings().assets / "examples" / "reading" / chosen.file
            return path.read_text(encoding="utf-8"), chosen.file, chosen.cloze
    typed = st.text_area(
        "Paste a text", key=state.OWN_TEXT, height=150, max_chars=MAX_CHARS, placeholder="A few pages or more"
    )
    upload = st.file_uploader("or a file (.txt)", type=["txt", "md"], key=state.OWN_FILE)
    default = "The [MASK] is here."
    if upload is not None:
        return decode_text(upload.getvalue())[0], upload.name, default
    return (typed if typed and typed.strip() else None), "pasted.txt", default


def _show_start(
    reading: str, filename: str, divided: TrainingText, config: FineTuneConfig, model: ModelInfo
) -> None:
    seconds = estimate_pretraining_s(divided.num_words, config, model)
    owner = current_owner()
    pressed = st.button("Start training", type="primary", disabled=owner is None, key="start-pretraining")
    st.caption(
        f"{divided.num_words:,} words in {divided.num_sentences:,} sentences, one in ten kept apart to "
        f"measure on. "
        f"About {format_duration(seconds)} on two cores. You can leave the page meanwhile."
    )
    if pressed and owner is not None:
        what = "Small BERT" if config.model == FROM_NOTHING else f"{model.name}, trained on"
        run = get_run_queue().submit(owner, f"{what}: {filename}", filename, reading.encode(), config)
        st.session_state[state.OWN_RUN] = run.id
        st.rerun()


def _show_runs() -> None:
    """The chosen pretraining of this browser, live or ended."""
    owner = current_owner()
    runs = [] if owner is None else get_run_store().list(owner)
    own = {run.id: run for run in runs if run.config.task == MASKED_WORDS}
    if owner is None or not own:
        st.caption(text.NO_RUN)
        return
    if st.session_state.get(state.OWN_RUN) not in own:
        st.session_state[state.OWN_RUN] = next(iter(own))
    st.divider()
    chosen = st.selectbox(
        "Your trainings", list(own), format_func=lambda run_id: describe_run(own[run_id]), key=state.OWN_RUN
    )
    show_run(own[chosen], owner)


def command_for(filename: str, config: FineTuneConfig) -> str:
    """The same without a browser."""
    from bert_explorer.ui.training_code import quote

    options = [f"--passes {config.epochs}", *(f"--cloze {quote(sentence)}" for sentence in config.cloze)]
    lines = [f"python -m bert_explorer pretrain text {quote(filename)} --model {config.model}", *options]
    return " \\\n    ".join(lines)
