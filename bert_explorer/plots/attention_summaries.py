"""Scores of tokens by several methods, one row of bars a method, to compare a token downwards."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token
from bert_explorer.results import FloatArray

LABEL_WIDTH = 14  # columns
MAX_TOKENS = 40  # more bars are too thin to be told apart
ROW_HEIGHT = 130  # pixels


def plot_scores(names: Sequence[str], scores: FloatArray, titles: Sequence[str]) -> go.Figure:
    """Bars of ``scores`` (methods, tokens); of many tokens those with a large share of any method's sum.

    ``titles`` name the methods. Each row has a scale of its own.
    """
    shown = choose_tokens(scores, MAX_TOKENS)
    panels = make_subplots(rows=len(titles), cols=1, shared_xaxes=True, vertical_spacing=0.09)
    labels = [format_token(names[i], LABEL_WIDTH) for i in shown]
    for row, title in enumerate(titles, start=1):
        values = scores[row - 1, shown]
        bars = go.Bar(
            x=list(range(len(shown))),
            y=values,
            marker_color=[theme.ACCENT_COLOUR if value < 0 else theme.MAIN_COLOUR for value in values],
            customdata=[[escape_markup(label), i + 1] for label, i in zip(labels, shown, strict=True)],
            hovertemplate="%{customdata[0]} (%{customdata[1]})<br>%{y:.4f}<extra></extra>",
            showlegend=False,
        )
        panels.add_trace(bars, row=row, col=1)
        panels.update_yaxes(title_text=title, title_font_size=12, nticks=4, row=row, col=1)
    figure = theme.style_figure(panels, height=90 + ROW_HEIGHT * len(titles))
    ticks = {"tickvals": list(range(len(shown))), "ticktext": list(map(escape_markup, labels))}
    figure.update_xaxes(ticks, tickangle=-50, showgrid=False)
    return figure


def choose_tokens(scores: FloatArray, count: int) -> list[int]:
    """Indices of the tokens with the largest share of some method, in their order in the text."""
    sizes = np.abs(scores)
    sums = sizes.sum(axis=1, keepdims=True)
    shares = np.divide(sizes, sums, out=np.zeros_like(sizes), where=sums > 0).max(axis=0)
    return sorted(np.argsort(-shares, kind="stable")[:count].tolist())
