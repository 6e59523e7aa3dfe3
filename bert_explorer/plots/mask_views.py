"""Closer looks at masks: fillings of all of them together, and the guess of every layer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token, shorten
from bert_explorer.results import LayerGuess

if TYPE_CHECKING:
    from bert_explorer.analysis.joint_words import JointAnswer, JointWords

LABEL_WIDTH = 26
ROW_HEIGHT = 30  # pixels
RANK_HEIGHT = 360


def format_filling(filling: "JointWords") -> str:
    """The words with a dot between them, not yet escaped."""
    return " · ".join(format_token(word) for word in filling.words)


def plot_fillings(answer: "JointAnswer") -> go.Figure:
    """A point for each filling at its joint score, best on top; the independent one last, in orange."""
    items = [*answer.found, answer.independent]
    names = [format_filling(item) for item in items]
    names[-1] = f"each alone: {names[-1]}"
    colours = [theme.MAIN_COLOUR] * len(answer.found) + [theme.ACCENT_COLOUR]
    points = go.Scatter(
        mode="markers",
        x=[item.log_probability for item in items],
        y=list(range(len(items))),
        marker={"color": colours, "size": 11},
        customdata=[[escape_markup(name)] for name in names],
        hovertemplate="<b>%{customdata[0]}</b><br>joint score %{x:.2f}<extra></extra>",
    )
    figure = theme.new_figure(points, height=80 + ROW_HEIGHT * len(items))
    figure.update_xaxes(title_text="joint pseudo-log-likelihood", nticks=6)
    figure.update_yaxes(
        tickvals=list(range(len(items))),
        ticktext=[escape_markup(shorten(name, LABEL_WIDTH)) for name in names],
        range=[len(items) - 0.5, -0.5],
        zeroline=False,
    )
    return figure


def plot_layer_ranks(layers: Sequence[LayerGuess]) -> go.Figure:
    """Rank of the final answer by layer, the first place on top; each point names the layer's own guess."""
    line = go.Scatter(
        mode="lines+markers+text",
        x=[item.layer for item in layers],
        y=[item.final.rank for item in layers],
        line={"color": theme.MAIN_COLOUR},
        marker={"size": 9},
        text=[escape_markup(format_token(item.best[0].token, 12)) for item in layers],
        textposition="bottom center",
        cliponaxis=False,
        customdata=[
            [escape_markup(format_token(item.best[0].token)), item.final.probability] for item in layers
        ],
        hovertemplate="layer %{x}<br>rank %{y:,}, probability %{customdata[1]:.2%}"
        "<br>its own guess: %{customdata[0]}<extra></extra>",
    )
    figure = theme.new_figure(line, height=RANK_HEIGHT)
    final = escape_markup(format_token(layers[-1].final.token, LABEL_WIDTH))
    figure.update_xaxes(title_text="layer", dtick=1, range=[-0.5, len(layers) - 0.5])
    figure.update_yaxes(title_text=f"rank of “{final}”", type="log", autorange="reversed", dtick=1)
    return figure
