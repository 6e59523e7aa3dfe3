"""The words that a model expects at one mask, as bars."""

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token
from bert_explorer.results import MaskPrediction, TokenProbability

LABEL_WIDTH = 18  # columns; leaves room for bars on a phone
BAR_HEIGHT = 30  # pixels
HOVER = "<b>%{customdata[0]}</b><br>probability %{text}<br>rank %{customdata[1]:,}<extra></extra>"


def plot_predictions(prediction: MaskPrediction) -> go.Figure:
    """Bars of the best words, likeliest on top; targets outside the best follow in another colour."""
    best = {item.token_id for item in prediction.predictions}
    others = {item.token_id: item for item in prediction.targets if item.token_id not in best}
    targets = {item.token_id for item in prediction.targets}
    items = [*prediction.predictions, *sorted(others.values(), key=lambda item: item.rank)]
    figure = theme.new_figure(_bars(items, targets), height=60 + BAR_HEIGHT * len(items))
    widest = max(item.probability for item in items)
    figure.update_xaxes(title_text="probability", tickformat=".3~p", range=[0, widest * 1.25], nticks=5)
    figure.update_yaxes(
        tickvals=list(range(len(items))),
        ticktext=[escape_markup(format_token(item.token, LABEL_WIDTH)) for item in items],
        range=[len(items) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,  # it would run through the first label
    )
    return figure


def _bars(items: list[TokenProbability], targets: set[int]) -> go.Bar:
    colours = [theme.ACCENT_COLOUR if item.token_id in targets else theme.MAIN_COLOUR for item in items]
    return go.Bar(
        orientation="h",
        x=[item.probability for item in items],
        y=list(range(len(items))),
        marker_color=colours,
        text=[format_probability(item.probability) for item in items],
        textposition="outside",
        cliponaxis=False,
        customdata=[[escape_markup(format_token(item.token)), item.rank] for item in items],
        hovertemplate=HOVER,
    )


def format_probability(probability: float) -> str:
    """Percent with three significant digits: 62.1 %, 0.0342 %; "< 0.0001 %" below that."""
    percent = 100 * probability
    if percent < 1e-4:
        return "&lt; 0.0001 %"
    digits = 1 if percent >= 10 else 2 if percent >= 1 else 3 if percent >= 0.1 else 4
    return f"{percent:.{digits}f} %"
