"""One attention head as a heat map: rows attend, columns are attended to."""

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token
from bert_explorer.results import Attention, FloatArray

LABEL_WIDTH = 14  # columns
MAX_LABELS = 64  # on an axis; longer sequences print every second, third, ... token
CELL_HEIGHT = 22  # pixels
MIN_HEIGHT, MAX_HEIGHT = 320, 900


def plot_head(attention: Attention, layer: int, head: int) -> go.Figure:
    """Heat map of one head on the fixed scale 0 to 1; layer and head count from 0.

    Raises ValueError for a layer that ``attention`` does not hold.
    """
    weights = attention.attentions[attention.layers.index(layer), head]  # (query, key)
    tokens = [format_token(token, LABEL_WIDTH) for token in attention.tokens.tokens]
    return plot_weights(weights, tokens)


def plot_weights(weights: FloatArray, tokens: list[str]) -> go.Figure:
    """Heat map of (query, key) weights; the same token may stand at several positions."""
    names = [f"{escape_markup(token)} ({position})" for position, token in enumerate(tokens, start=1)]
    trace = go.Heatmap(
        z=weights,
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale=theme.SEQUENTIAL,
        colorbar={"thickness": 12, "len": 1, "tickformat": ".1f", "xpad": 4},
        hovertemplate="from %{y}<br>to %{x}<br>attention %{z:.3f}<extra></extra>",
    )
    height = min(max(MIN_HEIGHT, 140 + CELL_HEIGHT * len(tokens)), MAX_HEIGHT)
    figure = theme.new_figure(trace, height=height)
    step = -(-len(tokens) // MAX_LABELS)
    ticks = {
        "type": "category",
        "tickvals": list(range(0, len(tokens), step)),
        "ticktext": [escape_markup(token) for token in tokens[::step]],
        "showgrid": False,
        "tickfont_size": 12,
    }
    figure.update_xaxes(ticks, title_text="to", side="top", tickangle=-60)
    figure.update_yaxes(ticks, title_text="from", autorange="reversed")
    return figure
