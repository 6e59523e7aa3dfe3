"""Tokens or words of a text as a row to look at and to click: one, several, or none at a time.

    clicked = token_strip(
        [StripToken("He"), StripToken("sat", value=0.4, number="2.1", lines=("2.1 bits",))],
        label="Words of the sentence",
        key=state.SOME_STRIP,
        selected={1},
    )
    if clicked is not None:    # in this run of the script only: a click is an event, not a value
        ...

Who calls it keeps the selection: a click changes nothing by itself. Give ``on_click`` to change widgets that
were drawn above the strip; it is called before the script runs again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from bert_explorer.plots.labels import show_characters

Select = Literal["one", "many", "none"]
Kind = Literal["", "masked", "special"]
FOLDER = Path(__file__).parent
CLICKED = "clicked"


@dataclass(frozen=True)
class StripToken:
    """One token of the strip.

    ``value`` colours its background: from 0 (none) to 1 (full), or from -1 (orange) to 1 (blue).
    ``lines`` are shown when it is pointed at or focused; ``number`` stands small under it.
    A ``masked`` one has a dashed edge, a ``special`` one ([CLS] and its kind) is faint.
    """

    label: str
    value: float | None = None
    number: str = ""
    lines: tuple[str, ...] = ()
    kind: Kind = ""


_mount = st.components.v2.component(
    "bert_explorer_token_strip",
    html='<div class="strip"></div><div class="tip" role="tooltip" id="tip" popover="manual"></div>',
    css=(FOLDER / "token_strip.css").read_text(encoding="utf-8"),
    js=(FOLDER / "token_strip.js").read_text(encoding="utf-8"),
)


def token_strip(
    tokens: Sequence[StripToken],
    *,
    label: str,
    key: str,
    selected: Collection[int] = (),
    select: Select = "many",
    on_click: Callable[[int], None] | None = None,
) -> int | None:
    """Draw the strip; returns the index of the token clicked just now, else None.

    ``label`` names the strip to screen readers. With ``select="none"`` tokens show their lines and are
    not to be clicked. Keys: arrows, Home and End move, Enter and Space click.
    """

    def clicked_index(value: object) -> int | None:
        known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(tokens)
        return value if known else None  # type: ignore[return-value]  # mypy does not follow ``known``

    def pass_on() -> None:
        index = clicked_index(st.session_state[key].get(CLICKED))
        if index is not None and on_click is not None:
            on_click(index)

    data = {
        "label": label,
        "select": select,
        "tokens": [_to_data(token, i in selected) for i, token in enumerate(tokens)],
    }
    return clicked_index(_mount(key=key, data=data, on_clicked_change=pass_on).get(CLICKED))


def _to_data(token: StripToken, selected: bool) -> dict[str, object]:
    return {
        "label": show_characters(token.label),
        "value": token.value,
        "number": token.number,
        "lines": [show_characters(line) for line in token.lines],
        "kind": token.kind,
        "selected": selected,
    }
