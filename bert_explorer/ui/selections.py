"""Rows that a reader selects, in a figure or in the table below it, and where they go from there.

A selection goes to the table, to the downloads and, one sentence at a time, to the page Attention.
"""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.stored import BUNDLED

MAX_LINK_CHARS = 2_000
TABLE_HEIGHT = 260
NAMED_CHARS = 60
COLUMNS = {
    "Row": st.column_config.NumberColumn(width=60),
    "Label": st.column_config.TextColumn(width="small"),
    "Text": st.column_config.TextColumn(width="large"),
}


def show_rows(
    table: dict[str, list[object]],
    rows: Sequence[int],
    *,
    key: str,
    height: int | Literal["content"] = TABLE_HEIGHT,
) -> list[int]:
    """Draw a table whose line i is about ``rows[i]``; returns the rows that the reader marked in it."""
    event = st.dataframe(
        table,
        hide_index=True,
        height=height,
        column_config={name: COLUMNS[name] for name in table if name in COLUMNS},
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
    )
    return [rows[line] for line in event["selection"]["rows"]]


def show_attention_link(text: str, model: str, *, pair: str | None = None) -> None:
    """A link that opens one text, or a pair, in Attention with the same model; none for very long ones."""
    if len(text) + len(pair or "") > MAX_LINK_CHARS:
        return
    parameters = {state.ATTENTION_TEXT: text}
    if pair is not None:
        parameters[state.ATTENTION_PAIR] = pair
    if model != BUNDLED:
        parameters[state.MODEL_PARAMETER] = model
    shown = text if len(text) <= NAMED_CHARS else text[: NAMED_CHARS - 1] + "…"
    what = "this pair" if pair is not None else "this sentence"
    st.page_link(
        "pages/attention.py",
        label=f"Open {what} in Attention: {escape_markdown(shown)}",
        query_params=parameters,
    )
