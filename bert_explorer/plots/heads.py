"""All heads of a model at once: a grid of layers and heads, and a map on which like heads are near.

Layers and heads count from 0 in arguments and from 1 in the figures. Each head carries its numbers from 0 as
``customdata``, so that a click can be looked up (see ``clicked_head``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup
from bert_explorer.results import FloatArray

CELL_HEIGHT = 44  # pixels
MIN_HEIGHT, MAX_HEIGHT = 300, 900
MAP_HEIGHT = 520
MAX_PRINTED = 30  # heads whose names stand beside their points; of more, the selected one alone
SELECTED_COLOUR = theme.ACCENT_COLOUR

_BAR = {"orientation": "h", "thickness": 12, "len": 1, "y": 1.02, "yanchor": "bottom", "ypad": 0}

Head = tuple[int, int]


def plot_head_grid(
    values: FloatArray,
    name: str,
    *,
    tick_format: str = ".2f",
    selected: Head | None = None,
    notes: Sequence[Sequence[str]] | None = None,
    diverging: bool = False,
) -> go.Figure:
    """Grid of (num_layers, num_heads) values, NaN left blank; ``name`` stands above the scale.

    ``notes[layer][head]`` is one more line under the pointer. The ``selected`` head has a frame. A
    ``diverging`` scale is for differences: its middle is 0.
    """
    num_layers, num_heads = values.shape
    cells = go.Heatmap(
        z=values,
        colorscale=theme.DIVERGING if diverging else theme.SEQUENTIAL,
        zmid=0 if diverging else None,
        colorbar=_BAR | {"tickformat": tick_format},
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
    height = min(max(MIN_HEIGHT, 80 + CELL_HEIGHT * num_layers), MAX_HEIGHT)
    figure = theme.new_figure(cells, _targets(values, name, tick_format, notes), height=height)
    figure.update_layout(hoverdistance=-1, clickmode="event+select", dragmode=False, showlegend=False)
    ticks = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(ticks, title_text="head", title_standoff=12, **_numbers(num_heads))
    figure.update_yaxes(ticks, title_text="layer", autorange="reversed", **_numbers(num_layers))
    if selected is not None:
        _frame(figure, *selected)
    return figure


def plot_head_map(places: FloatArray, num_heads: int, *, selected: Head | None = None) -> go.Figure:
    """Heads as points at ``places`` (num_layers * num_heads, 2), coloured by layer."""
    heads = [divmod(i, num_heads) for i in range(len(places))]
    is_selected = [head == selected for head in heads]
    num_layers = len(places) // num_heads
    trace = go.Scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers+text",
        text=[
            _name(*head) if len(places) <= MAX_PRINTED or chosen else ""
            for head, chosen in zip(heads, is_selected, strict=True)
        ],
        textposition="top center",
        customdata=heads,
        hovertext=[f"layer {layer + 1}, head {head + 1}" for layer, head in heads],
        hoverinfo="text",
        marker={
            "color": [layer + 1 for layer, _ in heads],
            "colorscale": theme.SEQUENTIAL,
            "cmin": 1,
            "cmax": max(num_layers, 2),
            "size": [16 if chosen else 10 for chosen in is_selected],
            "line": {
                "width": [3 if chosen else 0.5 for chosen in is_selected],
                "color": [SELECTED_COLOUR if chosen else "#808080" for chosen in is_selected],
            },
            "colorbar": _BAR | {"title_text": "layer", "tickformat": "d", "title_side": "right"},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    figure = theme.new_figure(trace, height=MAP_HEIGHT)
    figure.update_layout(clickmode="event+select", dragmode=False, showlegend=False)
    axis = {"showticklabels": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(axis)
    figure.update_yaxes(axis, scaleanchor="x")
    return figure


def clicked_head(points: Sequence[Mapping[str, Any]]) -> Head | None:
    """The head of the points that a page reports as selected, None for none."""
    for point in points:
        data = np.asarray(point.get("customdata", ())).ravel().tolist()
        if len(data) >= 2:
            return int(data[0]), int(data[1])
    return None


def _targets(
    values: FloatArray, name: str, tick_format: str, notes: Sequence[Sequence[str]] | None
) -> go.Scatter:
    """Invisible points that take clicks and tell what is under the pointer: a heat map takes none."""
    heads = list(np.ndindex(values.shape))
    texts = []
    for layer, head in heads:
        value = values[layer, head]
        shown = "not known" if np.isnan(value) else format(float(value), tick_format)
        lines = [f"layer {layer + 1}, head {head + 1}", f"{escape_markup(name)}: {shown}"]
        if notes is not None and notes[layer][head]:
            lines.append(escape_markup(notes[layer][head]))
        texts.append("<br>".join(lines))
    return go.Scatter(
        x=[head for _, head in heads],
        y=[layer for layer, _ in heads],
        mode="markers",
        marker={"size": 22, "opacity": 0, "symbol": "square"},
        customdata=heads,
        hovertext=texts,
        hoverinfo="text",
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _numbers(count: int) -> dict[str, Any]:
    return {"tickvals": list(range(count)), "ticktext": [str(number + 1) for number in range(count)]}


def _frame(figure: go.Figure, layer: int, head: int) -> None:
    corners = {"x0": head - 0.5, "x1": head + 0.5, "y0": layer - 0.5, "y1": layer + 0.5}
    figure.add_shape(type="rect", line={"color": SELECTED_COLOUR, "width": 3}, **corners)


def _name(layer: int, head: int) -> str:
    return f"{layer + 1}-{head + 1}"
