"""What a model's probabilities are worth: ROC, precision and recall, calibration."""

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.training.curves import Calibration, PrecisionRecallCurve, RocCurve

HEIGHT = 340
UNIT = {"range": [-0.02, 1.02], "tickformat": ".0%", "zeroline": False}
MAX_MARKER = 26  # pixels, for the bin with the most rows
MIN_MARKER = 6


def plot_roc(curve: RocCurve) -> go.Figure:
    """The curve, and the diagonal of a coin."""
    trace = go.Scatter(
        x=curve.false_positive_rates,
        y=curve.true_positive_rates,
        mode="lines",
        line={"color": theme.MAIN_COLOUR, "width": 2},
        showlegend=False,
        hovertemplate="%{y:.1%} of the class found<br>%{x:.1%} of the others taken for it<extra></extra>",
    )
    figure = theme.new_figure(_diagonal(), trace, height=HEIGHT)
    figure.update_xaxes(UNIT, title_text="false positive rate")
    figure.update_yaxes(UNIT, title_text="true positive rate")
    return figure


def plot_precision_recall(curve: PrecisionRecallCurve) -> go.Figure:
    """Steps, as the average precision counts them."""
    trace = go.Scatter(
        x=curve.recalls,
        y=curve.precisions,
        mode="lines",
        line={"color": theme.MAIN_COLOUR, "width": 2, "shape": "vh"},
        showlegend=False,
        hovertemplate="recall %{x:.1%}<br>precision %{y:.1%}<extra></extra>",
    )
    figure = theme.new_figure(trace, height=HEIGHT)
    figure.update_xaxes(UNIT, title_text="recall")
    figure.update_yaxes(UNIT, title_text="precision")
    return figure


def plot_calibration(calibration: Calibration) -> go.Figure:
    """Share of right answers by certainty; the area of a point shows its number of rows."""
    largest = max(calibration.counts.tolist(), default=1)
    sizes = [
        max(MIN_MARKER, MAX_MARKER * (number / largest) ** 0.5) for number in calibration.counts.tolist()
    ]
    trace = go.Scatter(
        x=calibration.confidences,
        y=calibration.accuracies,
        mode="lines+markers",
        marker={"size": sizes, "color": theme.MAIN_COLOUR},
        cliponaxis=False,  # the point of the surest rows lies in the corner
        line={"color": theme.MAIN_COLOUR, "width": 1},
        showlegend=False,
        customdata=calibration.counts,
        hovertemplate="certainty %{x:.1%}<br>right %{y:.1%}<br>%{customdata} rows<extra></extra>",
    )
    figure = theme.new_figure(_diagonal(), trace, height=HEIGHT)
    figure.update_xaxes(UNIT, title_text="mean certainty")
    figure.update_yaxes(UNIT, title_text="share that is right")
    return figure


def _diagonal() -> go.Scatter:
    line = {"color": theme.GRID_COLOUR, "dash": "dash", "width": 2}
    return go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, showlegend=False, hoverinfo="skip")
