"""Rows that a reader selects, in a figure or in the table below it, and where they go from there.

A selection goes to the table, to the downloads and, one sentence at a time, to the page Attention.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.stored import BUNDLED

MAX_LINK_CHARS = 2_000
TABLE_HEIGHT = 260
NAMED_CHARS = 60
SELECTING = (
    "Draw around some with the lasso, click one, or tick lines of the table, to see and download those alone."
)
COLUMNS = {  # a pinned column keeps its width; all others share what is left
    "Row": st.column_config.NumberColumn(width=60, pinned=True),
    "Group": st.column_config.TextColumn(width=80, pinned=True),
    "Texts": st.column_config.NumberColumn(width=60, pinned=True),
    "Cosine": st.column_config.NumberColumn(width=80, pinned=True, format="%.3f"),
    "Label": st.column_config.TextColumn(width=100),
    "Guess": st.column_config.TextColumn(width=100),
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


def show_selected(
    items: Sequence[str],
    labels: Sequence[str] | None,
    rows: list[int],
    model: str,
    *,
    key: str,
    sources: Sequence[str] | None = None,
    more: Mapping[str, Sequence[object]] | None = None,
    hint: str = "",
) -> list[int]:
    """What is selected in a figure of points, as words and as a table; returns those rows, or all.

    ``rows`` come from the figure; the reader may tick some of them. All sequences have one entry a point:
    ``sources`` are the texts that a single one opens in Attention (``items`` without them, none where they
    are empty), ``more`` are further columns. ``key`` has to change with the points.
    """
    count = len(items)
    if rows:
        st.markdown(
            f"**{len(rows):,} of {count:,} points selected.** A click beside all points lifts the selection."
        )
    else:
        st.markdown(f"**All {count:,} points.** {hint}{SELECTING}")
    shown = rows or list(range(count))
    table: dict[str, list[object]] = {"Row": [row + 1 for row in shown]}
    columns = ({} if labels is None else {"Label": labels}) | dict(more or {}) | {"Text": items}
    table |= {name: [values[row] for row in shown] for name, values in columns.items()}
    ticked = show_rows(table, shown, key=f"{key}-{len(rows)}")
    chosen, texts = ticked or rows, items if sources is None else sources
    if texts and len({texts[row] for row in chosen}) == 1:
        show_attention_link(texts[chosen[0]], model)
    return chosen or shown


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
