"""Scores of whole sentences: surprisal by token, sentences in order, accuracy on minimal pairs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_hover, format_token, shorten, show_characters
from bert_explorer.results import TextScore

if TYPE_CHECKING:
    from bert_explorer.analysis.minimal_pairs import Accuracy
    from bert_explorer.analysis.rescoring import Ranked

LABEL_WIDTH = 12
NAME_WIDTH = 34
ROW_HEIGHT = 32  # pixels
SURPRISAL_HEIGHT = 340
MAX_NAMED = 60  # tokens whose names stand under the axis


def plot_surprisal(score: TextScore) -> go.Figure:
    """A bar for each token, in the order of the text."""
    names = [format_token(token) for token in score.tokens]
    bars = go.Bar(
        x=list(range(len(names))),
        y=score.surprisal_bits.tolist(),
        marker_color=theme.MAIN_COLOUR,
        customdata=[
            [escape_markup(name), escape_markup(format_token(guess)), rank]
            for name, guess, rank in zip(names, score.guesses, score.ranks.tolist(), strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{y:.2f} bits, rank %{customdata[2]:,}"
        "<br>first guess: %{customdata[1]}<extra></extra>",
    )
    figure = theme.new_figure(bars, height=SURPRISAL_HEIGHT)
    figure.update_yaxes(title_text="surprisal (bits)", rangemode="tozero")
    if len(names) <= MAX_NAMED:
        labels = [escape_markup(shorten(name, LABEL_WIDTH)) for name in names]
        figure.update_xaxes(tickvals=list(range(len(names))), ticktext=labels, tickangle=-45)
    return figure


def plot_ranking(ranked: Sequence["Ranked"]) -> go.Figure:
    """A point for each sentence at its total, best on top."""
    names = [show_characters(item.hypothesis.text) for item in ranked]
    points = go.Scatter(
        mode="markers",
        x=[item.total for item in ranked],
        y=list(range(len(ranked))),
        marker={"color": theme.MAIN_COLOUR, "size": 11},
        customdata=[[format_hover(item.hypothesis.text)] for item in ranked],
        hovertemplate="%{customdata[0]}<br>total %{x:.2f}<extra></extra>",
    )
    figure = theme.new_figure(points, height=90 + ROW_HEIGHT * len(ranked))
    figure.update_xaxes(title_text="total score", nticks=6)
    return _name_rows(figure, names)


def plot_accuracies(accuracies: Sequence["Accuracy"]) -> go.Figure:
    """A point with its 95 % interval for each phenomenon; the line is guessing."""
    shares = [item.share for item in accuracies]
    points = go.Scatter(
        mode="markers",
        x=shares,
        y=list(range(len(accuracies))),
        marker={"color": theme.MAIN_COLOUR, "size": 10},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [item.high - item.share for item in accuracies],
            "arrayminus": [item.share - item.low for item in accuracies],
        },
        customdata=[[item.num_right, item.num_pairs, item.low, item.high] for item in accuracies],
        hovertemplate="%{customdata[0]} of %{customdata[1]} right: %{x:.1%}"
        "<br>95 % interval %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
    )
    figure = theme.new_figure(points, height=90 + ROW_HEIGHT * len(accuracies))
    figure.add_vline(x=0.5, line_dash="dot", line_color=theme.ACCENT_COLOUR)
    figure.update_xaxes(title_text="share of pairs that are right", tickformat=".0%", range=[0, 1.02])
    return _name_rows(figure, [show_characters(item.phenomenon) for item in accuracies])


def _name_rows(figure: go.Figure, names: Sequence[str]) -> go.Figure:
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[escape_markup(shorten(name, NAME_WIDTH)) for name in names],
        range=[len(names) - 0.5, -0.5],
        zeroline=False,
    )
    return figure
