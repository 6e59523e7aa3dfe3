"""Inputs of the page Heads: which texts, which measure, which head. Heads count from 0 in ``HeadChoice``."""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.errors import EmptyTextError
from bert_explorer.results import ModelInfo
from bert_explorer.settings import Settings, get_settings
from bert_explorer.ui import state
from bert_explorer.ui.collections import parse_lines, read_example
from bert_explorer.ui.head_questions import AtlasQuestion
from bert_explorer.ui.inputs import choice, lines_box, number_slider
from bert_explorer.ui.texts import heads as text


@dataclass(frozen=True)
class HeadChoice:
    """What the page shows of the atlas: one measure of text.MEASURES, a picture, and one head."""

    statistic: str
    picture: str
    layer: int
    head: int


def sample_lines(settings: Settings) -> str:
    """The 50 example sentences, one a line, without their topics."""
    return "\n".join(parse_lines(read_example(settings)).texts)


def ask_atlas() -> AtlasQuestion:
    """Texts typed or pasted, one a line. Raises EmptyTextError for none."""
    with st.form("atlas-form", border=False):
        lines = lines_box("Texts, one a line", sample_lines(get_settings()), state.ATLAS_TEXTS, lines=4)
        st.form_submit_button("Measure the heads", type="primary")
    texts = tuple(line.strip() for line in lines.splitlines() if line.strip())
    if not texts:
        raise EmptyTextError("There are no texts. Type at least one line.")
    return AtlasQuestion(texts)


def choose_head(model: ModelInfo, statistics: tuple[str, ...]) -> HeadChoice:
    """Controls between the texts and the figure. ``statistics`` are those that the model has."""
    names = {text.MEASURES[key].name: key for key in (*statistics, text.RELATION)}
    if st.session_state.get(state.ATLAS_STATISTIC) not in (None, *names):  # another model has no importance
        st.session_state[state.ATLAS_STATISTIC] = next(iter(names))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox("Measure", list(names), key=state.ATLAS_STATISTIC, bind="query-params", width=260)
        picture = choice("Picture", text.PICTURES, state.ATLAS_PICTURE, width="content")
        with st.container(width=180):
            layer = number_slider("Layer", 1, model.num_layers, text.DEFAULT_HEAD[0], state.ATLAS_LAYER)
        with st.container(width=180):
            head = number_slider("Head", 1, model.num_heads, text.DEFAULT_HEAD[1], state.ATLAS_HEAD)
    return HeadChoice(names[str(name)], picture, layer - 1, head - 1)
