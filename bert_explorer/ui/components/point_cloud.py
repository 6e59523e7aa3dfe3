"""Points on a canvas: turn them (3D) or move them (2D), zoom, lasso some, click one, in any number.

    rows = point_cloud(make_cloud(projection, items, classes), key="...", figure="embeddings", label="Map")

gives the rows that the reader selected, none without a selection. Turning, zooming and pointing need no
answer from the server; letting go of a lasso, or a click, runs the script again.

A cloud of several moments is a film: a button plays it, a slider goes to a moment, and ``on_stop`` gets the
moment (from 0) at which it stands still, before the script runs again.
"""

import base64
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st

from bert_explorer.plots.point_cloud import PointCloud

FOLDER = Path(__file__).parent
SELECTION, STOPPED = "selection", "stopped"
HTML = """
<div class="cloud">
  <div class="tools">
    <div role="radiogroup" aria-label="What dragging does"></div>
    <button data-zoom="-1" aria-label="Zoom out">−</button>
    <button data-zoom="1" aria-label="Zoom in">+</button>
    <button class="reset">Reset view</button>
    <button class="clear">Clear selection</button>
  </div>
  <div class="legend" role="group" aria-label="Labels: press one to select its points"></div>
  <div class="frame" tabindex="0" role="application">
    <canvas class="points"></canvas><canvas class="over"></canvas><div class="tip" hidden></div>
  </div>
  <div class="film">
    <button class="play"></button><input class="slider" type="range" min="0" step="1" aria-label="Moment">
  </div>
</div>
"""
PARTS = (
    "transport",
    "attention_painters",
    "point_cloud_points",
    "point_cloud_files",
    "point_cloud_hand",
    "point_cloud_film",
    "point_cloud_view",
)  # of one module, in this order
_mount = st.components.v2.component(
    "bert_explorer_point_cloud",
    html=HTML,
    css=(FOLDER / "point_cloud.css").read_text(encoding="utf-8"),
    js="".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS),
)


def point_cloud(
    cloud: PointCloud,
    *,
    key: str,
    figure: str,
    label: str,
    moment: int = 0,
    on_stop: Callable[[int], None] | None = None,
) -> list[int]:
    """Draw the points; ``figure`` names them to download buttons, ``label`` to screen readers.

    A film begins at ``moment``.
    """

    def pass_on() -> None:
        value = st.session_state[key].get(STOPPED)
        if on_stop is not None and type(value) is int and 0 <= value < len(cloud.moments):
            on_stop(value)

    data = pack(cloud) | {"figure": figure, "label": label, "moment": moment}
    result = _mount(
        key=key,
        data=data,
        default={SELECTION: []},
        on_selection_change=lambda: None,
        on_stopped_change=pass_on,
    )
    return read_selection(result.get(SELECTION), len(cloud.items))


def pack(cloud: PointCloud) -> dict[str, Any]:
    """The points as the browser's half takes them. ``id`` changes with what is drawn."""
    places = cloud.places.astype("<f4").tobytes()
    groups = cloud.groups.astype("<u2").tobytes()
    return {
        "id": sha256(places + groups).hexdigest()[:16],
        "dimensions": cloud.places.shape[-1],
        "places": base64.b64encode(places).decode(),
        "groups": base64.b64encode(groups).decode(),
        "names": list(cloud.names),
        "styles": [list(style) for style in cloud.styles],
        "items": list(cloud.items),
        "labels": list(cloud.labels),
        "titles": list(cloud.titles),
        "moments": list(cloud.moments),
    }


def read_selection(value: object, num_points: int) -> list[int]:
    """Rows in order and once each, whatever a browser may send; what is no row is left out."""
    if not isinstance(value, list):
        return []
    return sorted({row for row in value if type(row) is int and 0 <= row < num_points})
