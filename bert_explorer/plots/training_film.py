"""Figures beside the film of a training: its examples, classes, layers and heads, moment by moment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from bert_explorer.analysis.training_film import FilmPlaces, GroupCurve, count_flips, true_values
from bert_explorer.plots import theme
from bert_explorer.plots.embeddings import group_rows
from bert_explorer.plots.labels import escape_markup, format_hover, format_label
from bert_explorer.results import FloatArray, TrainingFilm

FRAME_MS, TRANSITION_MS = 500, 450
ROW_HEIGHT = 18  # pixels of an example
CURVE_HEIGHT = 360


def plot_places(film: TrainingFilm, places: FilmPlaces, names: Sequence[str], moment: int) -> go.Figure:
    """The projection as a figure that plays by itself: what the downloaded HTML file holds."""
    groups = group_rows([item.label for item in film.items], len(names))
    figure = theme.new_figure(*_points(places, moment, groups, names, styled=True), height=560)
    figure.frames = [
        go.Frame(name=str(step), data=_points(places, index, groups, names, styled=False))
        for index, step in enumerate(film.steps.tolist())
    ]
    reach = 1.08 * float(np.abs(places.coordinates).max() or 1.0)
    figure.update_xaxes(range=[-reach, reach], showticklabels=False)
    figure.update_yaxes(range=[-reach, reach], showticklabels=False, scaleanchor="x")
    figure.update_layout(**_controls(film, moment))
    return figure


def _points(
    places: FilmPlaces, moment: int, groups: dict[str, list[int]], names: Sequence[str], *, styled: bool
) -> list[go.Scatter]:
    traces = []
    for number, (label, rows) in enumerate(groups.items()):
        x, y = places.coordinates[moment, rows].T
        colour, symbol = theme.class_style(number)
        style: dict[str, Any] = {
            "name": format_label(label or "no label", 30),
            "mode": "markers",
            "marker": {"color": colour, "symbol": symbol, "size": 10},
            "customdata": [[format_hover(names[row])] for row in rows],
            "hovertemplate": "%{customdata[0]}<extra></extra>",
        }
        traces.append(go.Scatter(x=x, y=y, **(style if styled else {})))
    return traces


def _controls(film: TrainingFilm, moment: int) -> dict[str, Any]:
    move = {"duration": TRANSITION_MS, "easing": "linear"}
    frame = {"duration": FRAME_MS, "redraw": False}
    play = {"frame": frame, "transition": move, "fromcurrent": True, "mode": "immediate"}
    jump = {"frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}, "mode": "immediate"}
    buttons = [{"label": "Play", "method": "animate", "args": [None, play]}]
    steps = [
        {"label": str(step), "method": "animate", "args": [[str(step)], jump]} for step in film.steps.tolist()
    ]
    menu = {"type": "buttons", "buttons": buttons, "showactive": False, "x": 0, "y": 0, "pad": {"t": 38}}
    slider = {"steps": steps, "active": moment, "x": 0.15, "y": 0, "len": 0.85, "pad": {"t": 10}}
    return {"updatemenus": [menu], "sliders": [slider | {"currentvalue": {"prefix": "step "}}]}


def plot_examples(film: TrainingFilm, names: Sequence[str], order: Sequence[int], moment: int) -> go.Figure:
    """A row an example, a column a moment: the probability of what is true (of numbers, the error)."""
    values = true_values(film)[:, order].T  # (items, moments)
    is_number = film.task == "regression"
    hover = [
        [_hover(names[item], film, item, index, value) for index, value in enumerate(row)]
        for item, row in zip(order, values, strict=True)
    ]
    cells = go.Heatmap(
        z=values,
        x=_columns(film),
        y=list(range(len(order))),
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=None if is_number else 1,
        hovertext=hover,
        hoverinfo="text",
        colorbar={"orientation": "h", "thickness": 12, "len": 1, "y": 1.02, "yanchor": "bottom", "ypad": 0}
        | ({} if is_number else {"tickformat": ".0%"}),
    )
    figure = theme.new_figure(cells, height=110 + ROW_HEIGHT * len(order))
    ticks = [format_label(film.items[item].label or "none", 18) for item in order]
    figure.update_yaxes(
        tickvals=list(range(len(order))), ticktext=ticks, autorange="reversed", showgrid=False
    )
    return _mark(_label_steps(figure), moment)


def _hover(name: str, film: TrainingFilm, item: int, moment: int, value: float) -> str:
    verdict = "" if film.task == "regression" else ", right" if film.rights[moment, item] else ", wrong"
    shown = f"error {value:.3g}" if film.task == "regression" else f"{value:.1%} for what is true"
    return f"step {film.steps[moment]}: {shown}{verdict}<br>{format_hover(name)}"


def plot_groups(film: TrainingFilm, curves: Sequence[GroupCurve], moment: int) -> go.Figure:
    """Accuracy of each true label as a line, its mean probability as a dotted one; of numbers the error."""
    is_number = film.task == "regression"
    traces = []
    for number, curve in enumerate(curves):
        colour, symbol = theme.class_style(number)
        name = f"{format_label(curve.label, 30)} ({curve.count})"
        if not is_number:
            traces.append(_line(film, curve.accuracies, f"{name}, right", colour, symbol, "solid"))
        what = "mean error" if is_number else "mean probability"
        traces.append(_line(film, curve.certainties, f"{name}, {what}", colour, symbol, "dot"))
    figure = theme.new_figure(*traces, height=CURVE_HEIGHT + 12 * len(traces))
    if not is_number:
        figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return _mark(_label_steps(figure), moment)


def _line(
    film: TrainingFilm, values: FloatArray, name: str, colour: str, symbol: str, dash: str
) -> go.Scatter:
    return go.Scatter(
        x=_columns(film),
        y=values,
        name=name,
        mode="lines+markers",
        line={"color": colour, "dash": dash},
        marker_symbol=symbol,
        hovertemplate="step %{x}: %{y:.3g}<extra>%{fullData.name}</extra>",
    )


def plot_moves(film: TrainingFilm, values: FloatArray, rows: Sequence[str], moment: int) -> go.Figure:
    """``values`` (num_moments, len(rows)) since the start as a heat map, the lowest layer at the top."""
    cells = go.Heatmap(
        z=values.T,
        x=_columns(film),
        y=[escape_markup(row) for row in rows],
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        hovertemplate="%{y}, step %{x}: %{z:.3f}<extra></extra>",
        colorbar={"orientation": "h", "thickness": 12, "len": 1, "y": 1.02, "yanchor": "bottom", "ypad": 0},
    )
    figure = theme.new_figure(cells, height=140 + 34 * len(rows))
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return _mark(_label_steps(figure), moment)


def _columns(film: TrainingFilm) -> list[str]:
    """Moments lie at equal distances, whatever steps are between them."""
    return [str(step) for step in film.steps.tolist()]


def _label_steps(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(title_text="step of the training", type="category")
    return figure


def _mark(figure: go.Figure, moment: int) -> go.Figure:
    """A line at the moment that the film shows."""
    figure.add_shape(
        type="line", x0=moment, x1=moment, y0=0, y1=1, yref="paper", line={"color": theme.ACCENT_COLOUR}
    )
    return figure


def order_by_flips(film: TrainingFilm) -> list[int]:
    """By true label, and within it those that flip most first."""
    flips = count_flips(film.rights)
    return sorted(range(len(film.items)), key=lambda item: (film.items[item].label, -flips[item], item))
