"""What a training changed, layer by layer; heads are drawn by the grid of heads."""

from collections.abc import Sequence

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup
from bert_explorer.results import FloatArray

HEIGHT = 320


def plot_layer_changes(values: FloatArray, names: Sequence[str], measure: str) -> go.Figure:
    """One bar a layer; ``measure`` names the axis."""
    bars = go.Bar(
        x=[escape_markup(name) for name in names],
        y=values,
        marker_color=theme.MAIN_COLOUR,
        hovertemplate="layer %{x}: %{y:.4f}<extra></extra>",
    )
    figure = theme.new_figure(bars, height=HEIGHT)
    figure.update_xaxes(title_text="layer", type="category")
    figure.update_yaxes(title_text=escape_markup(measure), rangemode="tozero")
    return figure
