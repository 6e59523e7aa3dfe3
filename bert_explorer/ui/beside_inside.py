"""The pages that look inside with a second model: heads, the walk of one token, masked words."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from bert_explorer.errors import CapabilityError
from bert_explorer.models.part_requests import check_part
from bert_explorer.plots.matrices import Picture, compare_pictures
from bert_explorer.results import Capability, FloatArray, HeadAtlas, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer, long_answer
from bert_explorer.ui.beside import second_model, show_compared
from bert_explorer.ui.components.matrix_view import Heard
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.head_inputs import HeadChoice
from bert_explorer.ui.head_questions import AtlasQuestion
from bert_explorer.ui.inside_question import StopQuestion
from bert_explorer.ui.inside_stop import show_picture, show_picture_files, stop_of
from bert_explorer.ui.masked_inputs import Asked
from bert_explorer.ui.predictions import show_masks, show_masks_files
from bert_explorer.ui.texts import beside as text
from bert_explorer.ui.texts import heads

HEADS_HEADER = ("layer", "head", "value")
DIFFERENCE_HEADER = ("layer", "head", "second minus first")


def show_heads_beside(
    model: ModelInfo, question: AtlasQuestion, atlas: HeadAtlas, chosen: HeadChoice
) -> None:
    """The other model's grid, and where it differs, head by head."""
    from bert_explorer.plots.heads import plot_head_grid

    with guard():
        other = second_model(model, Capability.ATTENTIONS)
        found = (
            None if other is None else long_answer("heads beside", other.ref, question, "Texts read beside")
        )
        if found is None:
            return
        if chosen.statistic not in set(found.statistics) & set(atlas.statistics):
            st.caption(text.OTHER_MEASURE)
            return
        measure = heads.MEASURES[chosen.statistic]
        values, own = found.statistic(chosen.statistic), atlas.statistic(chosen.statistic)
        figure = plot_head_grid(values, measure.name, tick_format=measure.tick_format)
        show_compared(figure, "heads-beside", HEADS_HEADER, list(head_rows(values)))
        if values.shape == own.shape:
            difference = plot_head_grid(
                values - own, "second minus first", tick_format=measure.tick_format, diverging=True
            )
            rows = list(head_rows(values - own))
            show_compared(difference, "heads-difference", DIFFERENCE_HEADER, rows, alt=text.HEADS_ALT)


def head_rows(values: FloatArray) -> Iterator[tuple[object, ...]]:
    """One row a head; layers and heads count from 1."""
    for (layer, head), value in np.ndenumerate(values):
        yield layer + 1, head + 1, None if np.isnan(value) else round(float(value), 5)


def show_stop_beside(
    model: ModelInfo, question: StopQuestion, picture: Picture, *, on_pick: Heard, on_move: Heard
) -> None:
    """The other model's numbers at the same stop, and how far they are from these."""
    with guard():
        other = second_model(model)
        if other is None:
            return
        try:
            check_part("embeddings", 0, other)
            found = answer("inside beside", other.ref, question)
        except CapabilityError as refusal:
            st.info(escape_markdown(str(refusal)))
            return
        if found is None:
            return
        name = f"{question.stop}-beside"
        stop = stop_of(question.stop, other, question.layer, found)
        show_picture(stop, name, found, key=state.INSIDE_BESIDE, on_pick=on_pick, on_move=on_move)
        _show_distances(picture, found)
        with st.expander(text.FILES):
            show_picture_files(name, stop, found)


def _show_distances(first: Picture, second: Picture) -> None:
    if first.tokens != second.tokens:
        st.caption(text.OTHER_TOKENS)
        return
    rows = compare_pictures(first, second)
    if not rows:
        return
    st.markdown(text.SAME_CELLS)
    table = {
        "Matrix": [f"{row.symbol}: {row.title}" for row in rows],
        "Largest difference": [f"{row.largest:.4f}" for row in rows],
        "Difference in shares of the first": [f"{row.relative:.1%}" for row in rows],
    }
    st.dataframe(table, hide_index=True, height="content")


def show_masks_beside(model: ModelInfo, asked: Asked) -> None:
    """The other model's words for the same masks."""
    with guard():
        other = second_model(model, Capability.MASKED_LM)
        words = None if other is None else answer("masked words beside", other.ref, asked.question)
        if words is None:
            return
        show_masks(words, only_own=asked.only_own, suffix="-beside")
        with st.expander(text.FILES):
            show_masks_files(words, only_own=asked.only_own, suffix="-beside")
