"""A second model below a page's own (``?beside=REF`` in the link): the same question, drawn the same way."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.downloads import (
    Figure,
    show_figure,
    show_figure_downloads,
    show_table_download,
    table_columns,
)
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.model_bar import describe_for_browser, offered_models
from bert_explorer.ui.texts import beside as text
from bert_explorer.ui.texts.start import ABILITIES


def second_model(model: ModelInfo, capability: Capability | None = None) -> ModelInfo | None:
    """The second model, under a heading; None where the link names none, or it is not known yet who asks.

    None too where it lacks the capability, which the page then says.
    """
    ref = st.query_params.get(state.BESIDE)
    if not ref or ref == model.ref:
        return None
    other = describe_for_browser(ref)
    if other is None:
        return None
    name = escape_markdown(offered_models().get(other.ref, other.name))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(text.HEADING.format(name=name), anchor=False)
        st.button(text.ONE_MODEL, on_click=_show_one, type="tertiary")
    if capability is None or capability in other.capabilities:
        return other
    st.info(text.LACKS.format(name=name, ability=ABILITIES[capability]))
    return None


def note_other_view(view: str) -> None:
    """Under other views of a page, where the second model is; nothing where there is none."""
    if st.query_params.get(state.BESIDE):
        st.caption(text.OTHER_VIEW.format(view=view))


def _show_one() -> None:
    st.query_params.pop(state.BESIDE, None)


def show_compared(
    figure: Figure,
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    alt: str = text.SECOND_ALT,
) -> DeltaGenerator:
    """The figure and, folded, its table and files; returns the folded part, for files beside these."""
    show_figure(figure, name, alt=alt)
    with st.expander(text.TABLE) as files:
        table = table_columns(header, rows)
        st.dataframe(table, hide_index=True, height="content" if len(rows) < 12 else 380)
        show_figure_downloads(figure, name)
        show_table_download(name, header, lambda: rows)
    return files
