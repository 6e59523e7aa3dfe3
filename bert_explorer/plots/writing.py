"""Two templates over the vocabulary, and the probabilities of drawn words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token

if TYPE_CHECKING:
    from bert_explorer.analysis.templates import TemplateComparison
    from bert_explorer.analysis.writing import WritingStep

SCATTER_HEIGHT = 560  # pixels
STEPS_HEIGHT = 300
LABEL_WIDTH = 14
MAX_NAMED = 4  # of each side: more names would cover each other
SIDES = ((theme.MAIN_COLOUR, "bottom right"), (theme.ACCENT_COLOUR, "top left"))
LOWEST = 1e-8  # probabilities below stand at the edge


def plot_templates(comparison: "TemplateComparison", count: int) -> go.Figure:
    """Every token at its two probabilities, the ``count`` most different of each side in colour.

    The first few of each side are named; the pointer names the others.

    Drawn by WebGL: tens of thousands of points.
    """
    first, second = (np.exp(values).clip(LOWEST) for values in (comparison.log_first, comparison.log_second))
    sides = comparison.most_different(count)
    line = go.Scatter(
        mode="lines", x=[LOWEST, 1], y=[LOWEST, 1], line={"color": theme.GRID_COLOUR}, hoverinfo="skip"
    )
    named = [
        _points(comparison, first, second, np.array(side, dtype=np.int64), *style)
        for side, style in zip(sides, SIDES, strict=True)
        if side
    ]
    others = np.setdiff1d(np.arange(len(first)), [i for side in sides for i in side])
    figure = theme.new_figure(
        line,
        _points(comparison, first, second, others, "#808080"),
        *named,
        height=SCATTER_HEIGHT,
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="probability in the first sentence", type="log", dtick=2, tickformat="~p")
    figure.update_yaxes(title_text="probability in the second sentence", type="log", dtick=2, tickformat="~p")
    return figure


def _points(
    comparison: "TemplateComparison",
    first: np.ndarray,
    second: np.ndarray,
    rows: np.ndarray,
    colour: str,
    position: str | None = None,
) -> go.Scattergl:
    labels = [escape_markup(format_token(comparison.tokens[i], LABEL_WIDTH)) for i in rows.tolist()]
    printed = labels[:MAX_NAMED] + [""] * max(0, len(labels) - MAX_NAMED) if position else None
    return go.Scattergl(
        mode="markers+text" if position else "markers",
        x=[float(f"{value:.3g}") for value in first[rows]],
        y=[float(f"{value:.3g}") for value in second[rows]],
        text=printed,
        textposition=position,
        hovertext=labels,
        marker={"color": colour, "size": 8 if position else 4, "opacity": 1 if position else 0.35},
        hovertemplate="<b>%{hovertext}</b><br>first %{x:.3~p}<br>second %{y:.3~p}<extra></extra>",
    )


def plot_steps(steps: Sequence["WritingStep"]) -> go.Figure:
    """The probability that the model gave to each drawn word, step by step, on a logarithmic axis."""
    points = go.Scatter(
        mode="lines+markers",
        x=list(range(1, len(steps) + 1)),
        y=[step.probability for step in steps],
        line={"color": theme.MAIN_COLOUR, "width": 1},
        marker={"size": 6},
        customdata=[[escape_markup(format_token(step.token)), step.place + 1] for step in steps],
        hovertemplate="step %{x}, place %{customdata[1]}<br><b>%{customdata[0]}</b> %{y:.3~p}<extra></extra>",
    )
    figure = theme.new_figure(points, height=STEPS_HEIGHT)
    figure.update_xaxes(title_text="step")
    figure.update_yaxes(title_text="probability of the drawn word", type="log", dtick=1, tickformat=".3~p")
    return figure
