"""How sure a model is beside how often it is right."""

import plotly.graph_objects as go

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots import theme
from bert_explorer.results import Calibration

HEIGHT = 440  # pixels


def plot_calibration(calibration: Calibration) -> go.Figure:
    """A point a bin with its 95 % interval; on the line, a model is as often right as it says."""
    bins = calibration.bins
    bounds = [wilson_interval(item.num_right, item.count) for item in bins]
    line = go.Scatter(
        mode="lines", x=[0, 1], y=[0, 1], line={"color": "#808080", "dash": "dot"}, hoverinfo="skip"
    )
    points = go.Scatter(
        mode="markers+lines",
        x=[item.mean_probability for item in bins],
        y=[item.share_right for item in bins],
        line={"color": theme.MAIN_COLOUR},
        marker={"size": 10},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - item.share_right for item, (_, high) in zip(bins, bounds, strict=True)],
            "arrayminus": [item.share_right - low for item, (low, _) in zip(bins, bounds, strict=True)],
        },
        customdata=[[item.num_right, item.count] for item in bins],
        hovertemplate="says %{x:.0%}, right %{y:.0%}<br>%{customdata[0]} of %{customdata[1]}<extra></extra>",
    )
    figure = theme.new_figure(line, points, height=HEIGHT)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="probability of the first guess", tickformat=".0%", range=[0, 1.02])
    figure.update_yaxes(title_text="share that is right", tickformat=".0%", range=[0, 1.05])
    return figure
