"""Matrices to look into: the cell under the pointer or the arrow keys shows its value and its origin.

    matrix_view(picture, colours={"q": "#0072b2"}, name="products", key=state.SOME_VIEW,
                on_pick=lambda axis, index: ..., on_move=lambda axis, first: ...)

``on_pick`` is called when a row or column that is a token or a head is clicked, ``on_move`` when the arrow
keys leave the window; both before the script runs again, so that they may change widgets.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import show_characters
from bert_explorer.plots.matrices import Matrix, Picture

FOLDER = Path(__file__).parent
DIGITS = 5  # significant ones that the browser gets
AXES = ("token", "position", "dimension", "head")
HINT = "Point at a cell, or press Tab and the arrow keys, to see its value and where it came from."
Heard = Callable[[str, int], None]

_mount = st.components.v2.component(
    "bert_explorer_matrix_view",
    html='<div class="view"><div class="matrices"></div><div class="readout" aria-live="polite">'
    '<div class="where"></div><div class="how"></div></div><div class="saving">'
    '<button value="png">Figure (PNG)</button><button value="svg">Figure (SVG)</button></div></div>',
    css=(FOLDER / "matrix_view.css").read_text(encoding="utf-8"),
    js=(FOLDER / "matrix_view.js").read_text(encoding="utf-8"),
)


def matrix_view(
    picture: Picture,
    *,
    colours: Mapping[str, str],
    theme: Literal["light", "dark"],
    name: str,
    key: str,
    on_pick: Heard,
    on_move: Heard,
) -> None:
    """Draw a picture. ``colours`` maps each matrix's role to "#rrggbb"; ``name`` is that of saved files."""

    def hear(event: str, number: str, react: Heard) -> Callable[[], None]:
        def pass_on() -> None:
            value = st.session_state[key].get(event)
            if isinstance(value, dict) and value.get("axis") in AXES and type(value.get(number)) is int:
                react(value["axis"], value[number])

        return pass_on

    data = {
        "matrices": [_to_data(matrix) for matrix in picture.matrices],
        "colours": dict(colours),
        "theme": theme,
        "hint": HINT,
        "name": name,
    }
    _mount(
        key=key,
        data=data,
        on_picked_change=hear("picked", "index", on_pick),
        on_moved_change=hear("moved", "first", on_move),
    )


def _to_data(matrix: Matrix) -> dict[str, Any]:
    return {
        "symbol": matrix.symbol,
        "title": show_characters(matrix.title),
        "colour": matrix.colour,
        "sign": matrix.sign,
        "scale": matrix.scale,
        "rows": [show_characters(name) for name in matrix.rows],
        "columns": [show_characters(name) for name in matrix.columns],
        "shape": list(matrix.shape),
        "start": list(matrix.start),
        "axes": list(matrix.axes),
        "marked": matrix.marked_row,
        "limit": matrix.limit,
        "values": [
            float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in matrix.values.flat
        ],
        "how": [show_characters(text) for text in matrix.how],
    }
