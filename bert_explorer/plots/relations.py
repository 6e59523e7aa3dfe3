"""The best head of each dependency relation, with its interval and the best fixed offset."""

from collections.abc import Sequence

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_label
from bert_explorer.results import RelationHead

LABEL_WIDTH = 16  # columns
BAR_HEIGHT = 26  # pixels


def plot_relations(best: Sequence[RelationHead]) -> go.Figure:
    """One bar a relation, in their order from the top; heads are printed as layer-head, from 1."""
    rows = list(range(len(best)))
    bars = go.Bar(
        orientation="h",
        name="best head",
        x=[item.accuracy for item in best],
        y=rows,
        marker_color=theme.MAIN_COLOUR,
        error_x={
            "type": "data",
            "array": [item.interval[1] - item.accuracy for item in best],
            "arrayminus": [item.accuracy - item.interval[0] for item in best],
            "thickness": 1.2,
            "width": 3,
            "color": "#808080",
        },
        hovertext=[_describe(item) for item in best],
        hoverinfo="text",
    )
    baselines = go.Scatter(
        name="best fixed offset",
        x=[item.baseline for item in best],
        y=rows,
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": theme.ACCENT_COLOUR}},
        hovertext=[_describe(item) for item in best],
        hoverinfo="text",
    )
    figure = theme.new_figure(bars, baselines, height=90 + BAR_HEIGHT * len(best))
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(title_text="share of cases that are right", tickformat=".0%", range=[0, 1.02])
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[format_label(item.relation, LABEL_WIDTH) for item in best],
        range=[len(best) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return figure


def _describe(item: RelationHead) -> str:
    low, high = item.interval
    lines = (
        f"{item.relation}: layer {item.layer + 1}, head {item.head + 1}",
        f"right in {item.accuracy:.1%} of {item.count:,} cases (95 %: {low:.1%} to {high:.1%})",
        f"always {item.offset:+d} words: {item.baseline:.1%}",
    )
    return "<br>".join(map(escape_markup, lines))
