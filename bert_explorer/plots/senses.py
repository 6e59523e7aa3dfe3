"""How well senses of a word are told apart, layer by layer, and where one occurrence stands."""

import plotly.graph_objects as go

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_label
from bert_explorer.results import WordSenses

HEIGHT = 340


def plot_senses(answer: WordSenses) -> go.Figure:
    """Accuracy with its interval, its baseline, and the silhouette, against the layer."""
    layers, count = list(answer.film.layers), len(answer.sentences)
    hits = answer.hits.sum(axis=1).tolist()
    bounds = [wilson_interval(hit, count) for hit in hits]
    shares = [hit / count for hit in hits]
    accuracy = go.Scatter(
        x=layers,
        y=shares,
        name="accuracy",
        mode="lines+markers",
        line_color=theme.MAIN_COLOUR,
        error_y={
            "array": [high - share for (_, high), share in zip(bounds, shares, strict=True)],
            "arrayminus": [share - low for (low, _), share in zip(bounds, shares, strict=True)],
            "thickness": 1,
        },
        hovertemplate="layer %{x}: %{y:.1%}<extra>accuracy</extra>",
    )
    baseline = go.Scatter(
        x=[layers[0], layers[-1]],
        y=[answer.majority] * 2,
        name="always the most frequent sense",
        mode="lines",
        line={"color": "#808080", "dash": "dash"},
        hovertemplate="%{y:.1%}<extra>baseline</extra>",
    )
    silhouette = go.Scatter(
        x=layers,
        y=answer.silhouettes,
        name="silhouette",
        mode="lines+markers",
        line={"color": theme.ACCENT_COLOUR},
        marker_symbol="square",
        hovertemplate="layer %{x}: %{y:.3f}<extra>silhouette</extra>",
    )
    figure = theme.new_figure(accuracy, silhouette, baseline, height=HEIGHT)
    figure.update_xaxes(title_text="layer (0: before the first)", dtick=1)
    figure.update_yaxes(range=[min(-0.05, *answer.silhouettes) - 0.02, 1.03])
    return figure


def plot_path(answer: WordSenses, row: int) -> go.Figure:
    """Cosine of one occurrence with the mean of each sense, against the layer."""
    layers = list(answer.film.layers)
    traces = []
    for index, name in enumerate(answer.names):
        colour, symbol = theme.class_style(index)
        own = " (its sense)" if name == answer.senses[row] else ""
        traces.append(
            go.Scatter(
                x=layers,
                y=answer.similarities[:, row, index],
                name=format_label(name, 30) + own,
                mode="lines+markers",
                line={"color": colour, "width": 3 if own else 1.5},
                marker_symbol=symbol,
                hovertemplate="layer %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
            )
        )
    figure = theme.new_figure(*traces, height=HEIGHT)
    figure.update_xaxes(title_text="layer (0: before the first)", dtick=1)
    figure.update_yaxes(title_text="cosine with the sense's mean")
    return figure
