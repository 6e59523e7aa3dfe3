"""All heads of a model as switches, layers from top to bottom: click one, or a layer's name for all of it.

    head_grid(6, 12, off={(2, 8)}, label="Heads", key=state.SOME_GRID, on_click=toggle)

``on_click`` gets the heads (layer, head) that were clicked, from 0, before the script runs again. Who calls
it keeps what is off: a click changes nothing by itself.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent
CLICKED = "clicked"
Head = tuple[int, int]

_mount = st.components.v2.component(
    "bert_explorer_head_grid",
    html='<div class="grid" role="group"></div>',
    css=(FOLDER / "head_grid.css").read_text(encoding="utf-8"),
    js=(FOLDER / "head_grid.js").read_text(encoding="utf-8"),
)


def head_grid(
    num_layers: int,
    num_heads: int,
    *,
    off: Collection[Head],
    label: str,
    key: str,
    on_click: Callable[[tuple[Head, ...]], None],
) -> None:
    """Draw the switches. Keys: arrows, Home and End move, Enter and Space switch."""

    def pass_on() -> None:
        clicked = read_click(st.session_state[key].get(CLICKED), num_layers, num_heads)
        if clicked:
            on_click(clicked)

    data = {
        "label": label,
        "layers": num_layers,
        "heads": num_heads,
        "off": [list(head) for head in sorted(off)],
    }
    _mount(key=key, data=data, on_clicked_change=pass_on)


def read_click(value: object, num_layers: int, num_heads: int) -> tuple[Head, ...]:
    """The heads of a click: [layer, head], or [layer, -1] for the whole layer; none for anything else."""
    if not (isinstance(value, list) and len(value) == 2 and all(type(item) is int for item in value)):
        return ()
    layer, head = value
    if not (0 <= layer < num_layers and -1 <= head < num_heads):
        return ()
    return ((layer, head),) if head >= 0 else tuple((layer, other) for other in range(num_heads))
