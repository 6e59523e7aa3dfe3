"""The words that a model expects at one mask, as bars."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_token, shorten, show_characters
from bert_explorer.results import MaskPrediction, TokenProbability, WordScore

LABEL_WIDTH = 18  # columns; leaves room for bars on a phone
BAR_HEIGHT = 30  # pixels
HOVER = "<b>%{customdata[0]}</b><br>probability %{text}<br>rank %{customdata[1]:,}<extra></extra>"


@dataclass(frozen=True)
class _Bar:
    label: str
    probability: float
    rank: int
    is_own: bool


def plot_predictions(prediction: MaskPrediction, words: Sequence[WordScore] = ()) -> go.Figure:
    """Bars of the best words, likeliest on top; the reader's own ``words`` follow in another colour."""
    words = [*words, *map(_as_word, prediction.targets)]
    own = {item.pieces[0] for item in words if len(item.pieces) == 1}
    best = [
        _Bar(format_token(item.token), item.probability, item.rank, item.token in own)
        for item in prediction.predictions
    ]
    shown = {item.token for item in prediction.predictions}
    others = [item for item in words if not (item.pieces[0] in shown and len(item.pieces) == 1)]
    return _plot_bars([*best, *_own_bars(others)])


def _as_word(target: TokenProbability) -> WordScore:
    log_probability = math.log(max(target.probability, sys.float_info.min))
    return WordScore(format_token(target.token), (target.token,), (log_probability,), target.rank)


def plot_words(words: Sequence[WordScore]) -> go.Figure:
    """Bars of the reader's own words alone, likeliest on top."""
    return _plot_bars(_own_bars(words))


def _own_bars(words: Sequence[WordScore]) -> list[_Bar]:
    ranked = sorted(words, key=lambda item: -item.log_probability)
    return [_Bar(show_characters(item.word), item.probability, item.rank, True) for item in ranked]


def _plot_bars(items: Sequence[_Bar]) -> go.Figure:
    figure = theme.new_figure(_bars(items), height=60 + BAR_HEIGHT * len(items))
    widest = max(item.probability for item in items)
    figure.update_xaxes(title_text="probability", tickformat=".3~p", range=[0, widest * 1.25], nticks=5)
    figure.update_yaxes(
        tickvals=list(range(len(items))),
        ticktext=[escape_markup(shorten(item.label, LABEL_WIDTH)) for item in items],
        range=[len(items) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,  # it would run through the first label
    )
    return figure


def _bars(items: Sequence[_Bar]) -> go.Bar:
    return go.Bar(
        orientation="h",
        x=[item.probability for item in items],
        y=list(range(len(items))),
        marker_color=[theme.ACCENT_COLOUR if item.is_own else theme.MAIN_COLOUR for item in items],
        text=[format_probability(item.probability) for item in items],
        textposition="outside",
        cliponaxis=False,
        customdata=[[escape_markup(item.label), item.rank] for item in items],
        hovertemplate=HOVER,
    )


def format_probability(probability: float) -> str:
    """Percent with three significant digits: 62.1 %, 0.0342 %; "< 0.0001 %" below that."""
    percent = 100 * probability
    if percent < 1e-4:
        return "&lt; 0.0001 %"
    digits = 1 if percent >= 10 else 2 if percent >= 1 else 3 if percent >= 0.1 else 4
    return f"{percent:.{digits}f} %"
