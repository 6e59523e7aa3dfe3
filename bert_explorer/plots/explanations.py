"""Figures of the page Explain: curves of deletion and insertion, words of classes, shortcuts."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_label
from bert_explorer.results import FaithfulnessCurves, FloatArray, Shortcut, WordPush

LABEL_WIDTH = 18  # columns
CURVE_HEIGHT = 380  # pixels
ROW_HEIGHT = 30
SHARES_HEIGHT = 40
BAND = "rgba(128, 128, 128, 0.25)"
CHANCE = "rgba(128, 128, 128, 0.9)"
DASHES = ("solid", "dash", "dot", "dashdot")


def plot_curves(curves: FaithfulnessCurves, titles: Mapping[str, str]) -> go.Figure:
    """Deletion on the left, insertion on the right; ``titles`` name the methods."""
    panels = make_subplots(
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.06,
        subplot_titles=("words hidden", "words shown"),
    )
    ways = ((curves.deletion, curves.random_deletion), (curves.insertion, curves.random_insertion))
    for col, (rows, chance) in enumerate(ways, start=1):
        for trace in _chance(curves.shares, chance, legend=col == 1):
            panels.add_trace(trace, row=1, col=col)
        for i, (method, row) in enumerate(zip(curves.methods, rows, strict=True)):
            line = go.Scatter(
                x=curves.shares,
                y=row,
                name=titles[method],
                legendgroup=method,
                showlegend=col == 1,
                mode="lines+markers",
                line={"color": theme.class_style(i)[0], "width": 2, "dash": DASHES[i % len(DASHES)]},
                hovertemplate="%{x:.0%} of the words<br>%{y:.3f}<extra></extra>",
            )
            panels.add_trace(line, row=1, col=col)
    figure = theme.style_figure(panels, height=CURVE_HEIGHT)
    figure.update_layout(margin_t=70, legend_y=1.14)
    figure.update_xaxes(tickformat=".0%", title_text="share of the words")
    figure.update_yaxes(title_text="likelihood", col=1)
    return figure


def _chance(shares: FloatArray, curves: FloatArray, *, legend: bool) -> list[go.Scatter]:
    """The band from the lowest to the highest random curve, and their mean."""
    band = go.Scatter(
        x=[*shares, *shares[::-1]],
        y=np.concatenate([curves.max(axis=0), curves.min(axis=0)[::-1]]),
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    mean = go.Scatter(
        x=shares,
        y=curves.mean(axis=0),
        name=f"random order ({len(curves)} times)",
        legendgroup="random",
        showlegend=legend,
        mode="lines",
        line={"color": CHANCE, "width": 2},
        hovertemplate="%{x:.0%} of the words, random<br>%{y:.3f}<extra></extra>",
    )
    return [band, mean]


def plot_class_words(words: Sequence[WordPush]) -> go.Figure:
    """A bar a word, the first on top; its count is in the label."""
    rows = list(range(len(words)))
    bars = go.Bar(
        x=[word.mean for word in words],
        y=rows,
        orientation="h",
        marker_color=[theme.ACCENT_COLOUR if word.mean < 0 else theme.MAIN_COLOUR for word in words],
        customdata=[[format_label(word.word), word.count, word.num_texts] for word in words],
        hovertemplate="%{customdata[0]}<br>%{x:.3f} nats, %{customdata[1]} times in %{customdata[2]} texts"
        "<extra></extra>",
    )
    figure = theme.new_figure(bars, height=90 + ROW_HEIGHT * len(words))
    labels = [f"{format_label(word.word, LABEL_WIDTH)} ({word.count})" for word in words]
    _name_rows(figure, labels)
    figure.update_xaxes(title_text="mean score (nats)")
    return figure


def plot_shortcuts(shortcuts: Sequence[Shortcut], control: tuple[int, int]) -> go.Figure:
    """Of each word of one class the shares won and lost, with intervals; a line for words drawn by chance."""
    rows = list(range(len(shortcuts)))
    ways = (
        (
            "won: put in front",
            [(item.num_won, item.num_others) for item in shortcuts],
            theme.MAIN_COLOUR,
            -0.15,
        ),
        (
            "lost: taken out",
            [(item.num_lost, item.num_with) for item in shortcuts],
            theme.ACCENT_COLOUR,
            0.15,
        ),
    )
    traces = [
        _shares(name, counts, colour, [row + shift for row in rows]) for name, counts, colour, shift in ways
    ]
    figure = theme.new_figure(*traces, height=110 + SHARES_HEIGHT * len(shortcuts))
    _name_rows(figure, [format_label(item.word, LABEL_WIDTH) for item in shortcuts])
    figure.update_xaxes(title_text="share of texts that change", tickformat=".0%", range=[-0.02, 1.02])
    if control[1]:
        figure.add_vline(x=control[0] / control[1], line={"color": CHANCE, "dash": "dot", "width": 2})
    return figure


def _shares(name: str, counts: Sequence[tuple[int, int]], colour: str, rows: Sequence[float]) -> go.Scatter:
    shares = [hits / count if count else 0.0 for hits, count in counts]
    bounds = [wilson_interval(*pair) for pair in counts]
    return go.Scatter(
        x=shares,
        y=rows,
        name=name,
        mode="markers",
        marker={"color": colour, "size": 10, "symbol": "circle" if name.startswith("won") else "square"},
        error_x={
            "array": [high - share for share, (_, high) in zip(shares, bounds, strict=True)],
            "arrayminus": [share - low for share, (low, _) in zip(shares, bounds, strict=True)],
            "color": colour,
        },
        customdata=counts,
        hovertemplate="%{customdata[0]} of %{customdata[1]} texts<extra></extra>",
    )


def _name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=list(labels),
        range=[len(labels) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
