"""The same points through all layers: one frame a layer, with a slider, play and pause."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.embeddings import CAMERA, HEIGHT, group_rows
from bert_explorer.plots.labels import format_hover, format_label
from bert_explorer.results import LayerFilm

FRAME_MS = 900
TRANSITION_MS = 700
MAX_SMOOTH = 500  # points that glide from layer to layer; more of them jump
NO_CLASS = "(no label)"


def plot_film(film: LayerFilm, items: Sequence[str], classes: Sequence[str] | None = None) -> go.Figure:
    """An animated scatter plot; ``items`` and ``classes`` have one entry a point."""
    groups = group_rows(classes, film.coordinates.shape[1])
    first = _traces(film, 0, groups, items, styled=True)
    figure = theme.new_figure(*first, height=HEIGHT + 80)
    figure.frames = [
        go.Frame(name=str(layer), data=_traces(film, index, groups, items, styled=False))
        for index, layer in enumerate(film.layers)
    ]
    reach = 1.08 * float(np.abs(film.coordinates).max() or 1.0)
    axis = {"range": [-reach, reach], "showticklabels": False}
    if film.coordinates.shape[2] == 3:
        scene = {f"{name}axis": axis | {"title_text": "", "gridcolor": "#909090"} for name in "xyz"}
        figure.update_layout(scene=scene | {"aspectmode": "cube", "camera_eye": CAMERA})
    else:
        figure.update_xaxes(axis)
        figure.update_yaxes(axis | {"scaleanchor": "x"})
    smooth = len(items) <= MAX_SMOOTH and film.coordinates.shape[2] == 2
    figure.update_layout(showlegend=classes is not None, **_controls(film, smooth=smooth))
    return figure


def _traces(
    film: LayerFilm, index: int, groups: dict[str, list[int]], items: Sequence[str], *, styled: bool
) -> list[Any]:
    """One trace a class; frames after the first repeat nothing but the places."""
    traces = []
    for number, (name, rows) in enumerate(groups.items()):
        points = film.coordinates[index, rows]
        places: dict[str, Any] = dict(zip("xyz", points.T, strict=False))
        kind = go.Scatter3d if points.shape[1] == 3 else _plane(len(items))
        style = _style(number, name, rows, items, flat=points.shape[1] == 2) if styled else {}
        traces.append(kind(**places, **style))
    return traces


def _plane(count: int) -> Any:
    return go.Scatter if count <= MAX_SMOOTH else go.Scattergl


def _style(number: int, name: str, rows: list[int], items: Sequence[str], *, flat: bool) -> dict[str, Any]:
    colour, symbol = theme.class_style(number)
    return {
        "name": format_label(name or NO_CLASS, 30),
        "mode": "markers",
        "customdata": [[row, format_hover(items[row])] for row in rows],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
        "marker": {"color": colour, "size": 9 if flat else 4, "symbol": symbol if flat else "circle"},
    }


def _controls(film: LayerFilm, *, smooth: bool) -> dict[str, Any]:
    """Play, pause and a slider of the layers below the picture."""
    move = {"duration": TRANSITION_MS if smooth else 0, "easing": "cubic-in-out"}
    frame = {"duration": FRAME_MS, "redraw": not smooth}
    play = {"frame": frame, "transition": move, "fromcurrent": True, "mode": "immediate"}
    stop = {"frame": {"duration": 0, "redraw": not smooth}, "mode": "immediate"}
    buttons = [
        {"label": "Play", "method": "animate", "args": [None, play]},
        {"label": "Pause", "method": "animate", "args": [[None], stop]},
    ]
    jump = {"frame": {"duration": 0, "redraw": not smooth}, "transition": move, "mode": "immediate"}
    steps = [
        {"label": str(layer), "method": "animate", "args": [[str(layer)], jump]} for layer in film.layers
    ]
    place = {"x": 0, "y": 0, "xanchor": "left", "yanchor": "top"}
    menu = {"type": "buttons", "direction": "left", "buttons": buttons, "showactive": False}
    slider = {"steps": steps, "x": 0.26, "y": 0, "len": 0.74, "pad": {"t": 10}}
    slider |= {"currentvalue": {"prefix": "layer "}}
    return {"updatemenus": [menu | place | {"pad": {"t": 38, "r": 8}}], "sliders": [slider]}


def plot_movement(film: LayerFilm) -> go.Figure:
    """How much the picture changes from each layer to the next."""
    steps = [f"{layer - 1} to {layer}" for layer in film.layers[1:]]
    return _plot_bars(steps, film.disparities[1:], "from layer to layer")


def plot_layer_disparities(layers: Sequence[int], disparities: Sequence[float]) -> go.Figure:
    """How far the pictures of two models are apart, layer by layer."""
    return _plot_bars([str(layer) for layer in layers], disparities, "layer (0: before the first)")


def _plot_bars(names: Sequence[str], disparities: Sequence[float], title: str) -> go.Figure:
    trace = go.Bar(
        x=names,
        y=disparities,
        marker_color=theme.MAIN_COLOUR,
        hovertemplate="layer %{x}<br>disparity %{y:.3f}<extra></extra>",
    )
    figure = theme.new_figure(trace, height=240)
    figure.update_xaxes(title_text=title, type="category")
    figure.update_yaxes(title_text="disparity", rangemode="tozero")
    return figure
