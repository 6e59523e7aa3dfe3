"""One matrix of attention weights on a canvas: as arcs over the text or as a heat map, for any length.

    attention_view(
        WeightsPicture(("the", "cat"), (0, 0), weights),    # weights (2, 2)
        key="...", figure="attention", view="arcs", label="Layer 1, head 1", hint="...",
        on_pick=lambda token: ...,                           # a click on a token, None to let go
    )

The browser gets this one matrix, in 32,767ths of its largest weight (2 bytes each), and small pictures of the
layer's heads; hovering, picking, scrolling and zooming need no answer from the server. 512 tokens are 0.7 MB.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Literal

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.plots.safe_page import dump_json, security_policy
from bert_explorer.results import FloatArray

View = Literal["arcs", "map"]
FOLDER = Path(__file__).parent
STEPS = 32_767
LABEL_WIDTH = 24  # columns of a token's name
THUMBNAIL = 48  # cells a side; of longer texts each cell is the largest weight of a block
# The sequential and the diverging scale of plots/theme.py at equal steps, as plotly has them.
SEQUENTIAL = "#440154 #482878 #3e4989 #31688e #26828e #1f9e89 #35b779 #6ece58 #b5de2b #fde725"
DIVERGING = "#053061 #2166ac #4393c3 #92c5de #d1e5f0 #f7f7f7 #fddbc7 #f4a582 #d6604d #b2182b #67001f"
HTML = """
<div class="attention">
  <div class="readout" aria-live="polite"></div>
  <div class="frame" tabindex="0" role="application"><canvas></canvas><div class="space"></div></div>
  <div class="zoom">
    <button data-zoom="-1" aria-label="Smaller cells">−</button>
    <button data-zoom="1" aria-label="Larger cells">+</button>
  </div>
  <div class="heads" role="radiogroup" aria-label="Heads of this layer"></div>
</div>
"""
STYLE = (FOLDER / "attention_view.css").read_text(encoding="utf-8")
PARTS = ("painters", "arcs", "map", "heads", "files", "view")
FILES = ("transport.js", *(f"attention_{part}.js" for part in PARTS))  # of one module, in this order
SCRIPT = "".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)
START = """
const content = document.getElementById("data").textContent;
mount({ data: JSON.parse(content), parentElement: document.body });
"""
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="$policy">
<title>$title</title>
<style>
:root {
  color-scheme: light dark; --st-font: system-ui, sans-serif; --st-base-radius: 6px;
  --st-text-color: #22262b; --st-background-color: #fff; --st-border-color: #ddd8ce;
  --st-primary-color: #1f5f8b; --st-orange-color: #d55e00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --st-text-color: #e7e4dd; --st-background-color: #0e1117; --st-border-color: #3a4149;
    --st-primary-color: #6fb3e0; --st-orange-color: #f0803c;
  }
}
body { margin: 1rem; background: var(--st-background-color); color: var(--st-text-color); }
h1 { font: 600 1.1rem var(--st-font); margin: 0; }
$style</style></head>
<body><h1>$title</h1>$body<script type="application/json" id="data">$data</script>
<script>$script</script></body></html>
""")

_mount = st.components.v2.component("bert_explorer_attention_view", html=HTML, css=STYLE, js=SCRIPT)


@dataclass(frozen=True)
class WeightsPicture:
    """What is drawn. ``weights[r, c]`` leads from token ``rows[r]`` to ``cols[c]`` (without them: all).

    ``sides[i]`` is 0 or 1 for the first or second text. Weights below ``threshold`` are not drawn.
    ``diverging`` weights have a sign, the others are at least 0.
    """

    names: tuple[str, ...]
    sides: tuple[int, ...]
    weights: FloatArray
    rows: tuple[int, ...] | None = None
    cols: tuple[int, ...] | None = None
    threshold: float = 0.0
    diverging: bool = False


@dataclass(frozen=True)
class Thumbnails:
    """All heads of a layer, ``weights`` (num_heads, rows, cols), and the one that is shown large."""

    weights: FloatArray
    chosen: int


def attention_view(
    picture: WeightsPicture,
    *,
    key: str,
    figure: str,
    view: View,
    label: str,
    hint: str,
    picked: int | None = None,
    heads: Thumbnails | None = None,
    on_pick: Callable[[int | None], None] | None = None,
    on_head: Callable[[int], None] | None = None,
) -> None:
    """Draw the picture; ``figure`` names it to download buttons, ``label`` to screen readers.

    ``on_pick`` and ``on_head`` are called before the script runs again, with an index or None, whatever a
    browser may send.
    """
    data = pack(picture, view=view, label=label, hint=hint, picked=picked, heads=heads) | {"figure": figure}

    def pick() -> None:
        index = _index(st.session_state[key].get("pick"), len(picture.names))
        if on_pick is not None:
            on_pick(index)

    def choose_head() -> None:
        head = _index(st.session_state[key].get("head"), 0 if heads is None else len(heads.weights))
        if on_head is not None and head is not None:
            on_head(head)

    _mount(key=key, data=data, on_pick_change=pick, on_head_change=choose_head)


def pack(
    picture: WeightsPicture,
    *,
    view: View,
    label: str,
    hint: str,
    picked: int | None = None,
    heads: Thumbnails | None = None,
) -> dict[str, Any]:
    """The picture as the browser's half takes it."""
    everything = tuple(range(len(picture.names)))
    largest = float(np.abs(picture.weights).max(initial=0.0))
    steps = np.rint(picture.weights * (STEPS / largest if largest else 0.0)).astype("<i2")
    return {
        "view": view,
        "label": label,
        "hint": hint,
        "names": [format_token(name, LABEL_WIDTH) for name in picture.names],
        "sides": list(picture.sides),
        "rows": list(everything if picture.rows is None else picture.rows),
        "cols": list(everything if picture.cols is None else picture.cols),
        "weights": base64.b64encode(steps.tobytes()).decode(),
        "largest": largest,
        "threshold": picture.threshold,
        "diverging": picture.diverging,
        "colours": (DIVERGING if picture.diverging else SEQUENTIAL).split(),
        "picked": picked if picked is not None and picked < len(picture.names) else None,
        "heads": None if heads is None else _pack_heads(heads),
    }


def view_html(
    picture: WeightsPicture, *, view: View, label: str, hint: str, picked: int | None = None
) -> str:
    """The same picture as a page of its own that needs nothing from outside."""
    script = SCRIPT.replace("export default function", "const mount = function", 1) + START
    return PAGE.substitute(
        policy=security_policy([script], images="data: blob:"),
        title=escape(label),
        style=STYLE,
        body=HTML,
        data=dump_json(pack(picture, view=view, label=label, hint=hint, picked=picked)),
        script=script,
    )


def _pack_heads(heads: Thumbnails) -> dict[str, Any]:
    """Each head in 255ths of its own largest weight."""
    small = shrink(heads.weights, THUMBNAIL)
    largest = small.max(axis=(1, 2), keepdims=True, initial=0.0)
    shares = np.divide(small, largest, out=np.zeros_like(small), where=largest > 0)
    return {
        "count": len(small),
        "size": list(small.shape[1:]),
        "pixels": base64.b64encode(np.rint(255 * shares).astype(np.uint8).tobytes()).decode(),
        "chosen": heads.chosen,
        "colours": SEQUENTIAL.split(),
    }


def shrink(weights: FloatArray, side: int) -> FloatArray:
    """(heads, rows, cols) with at most ``side`` rows and columns, each the largest weight of its block."""
    for axis in (1, 2):
        length = weights.shape[axis]
        if length > side:
            starts = np.arange(side) * length // side
            weights = np.maximum.reduceat(weights, starts, axis=axis)
    return weights


def _index(value: object, length: int) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < length
    return value if known else None  # type: ignore[return-value]  # mypy does not follow ``known``
