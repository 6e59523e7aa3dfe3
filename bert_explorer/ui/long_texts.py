"""Says how many texts are longer than the model can read at once, and what became of them."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.ui.answers import remember
from bert_explorer.ui.opening import is_open

IN_WINDOWS = (
    "They were read in windows of that length, and the windows joined: no window knows what stands in "
    "another one."
)
CHARS_A_TOKEN = 1  # no token that counts is shorter: texts below are short for certain


def note_long_texts(model: ModelInfo, texts: Sequence[str], *, cut: bool = False) -> None:
    """A line below the inputs where some text was read in windows, or ``cut``; nothing else."""
    candidates = [text for text in texts if len(text) > CHARS_A_TOKEN * (model.max_length - 2)]
    if not candidates or not is_open(model.ref):
        return

    def count() -> int:
        from bert_explorer.analysis.embeddings import find_long
        from bert_explorer.models.cache import open_model

        with open_model(model.ref) as engine:
            return len(find_long(engine, candidates))

    number = remember("long texts", (model.ref, tuple(candidates)), count)
    if number:
        fate = "Only so many were read." if cut else IN_WINDOWS
        st.caption(f"{number:,} of {len(texts):,} texts have more than {model.max_length:,} tokens. {fate}")
