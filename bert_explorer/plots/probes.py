"""Accuracy of a probe by layer, beside its control task and the baselines that see no vector."""

from collections.abc import Sequence

import plotly.graph_objects as go

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots import theme
from bert_explorer.results import ProbePair, ProbeReport

HEIGHT = 420
APART = 0.06  # of a layer, from the middle: equal curves would hide each other
SURFACE = {"texts": "bag of words", "words": "most frequent label of the word"}


def plot_probes(report: ProbeReport) -> go.Figure:
    """Probe and control task with 95 % intervals; majority and surface as lines without a layer."""
    layers = list(range(len(report.hits)))
    traces = [
        _curve(layers, report.hits, report.num_test, "probe", theme.MAIN_COLOUR, "circle"),
        _curve(layers, report.control_hits, report.num_test, "control task", theme.ACCENT_COLOUR, "square"),
        _level(layers, report.surface_hits / report.num_test, SURFACE[report.kind], "dash"),
        _level(layers, report.majority_hits / report.num_test, "most frequent label", "dot"),
    ]
    figure = theme.new_figure(*traces, height=HEIGHT)
    figure.update_xaxes(title_text="layer (0: before the first)", dtick=1)
    figure.update_yaxes(title_text="accuracy", range=[0, 1.03], tickformat=".0%")
    return figure


def plot_probe_pair(found: ProbePair) -> go.Figure:
    """The base and the tuned model with 95 % intervals, and the most frequent label."""
    layers, count = list(range(len(found.base_hits))), found.num_test
    before, after = ([layer + side for layer in layers] for side in (-APART, APART))
    traces = [
        _curve(before, found.base_hits, count, "before the training", theme.ACCENT_COLOUR, "square"),
        _curve(after, found.tuned_hits, count, "after the training", theme.MAIN_COLOUR, "circle"),
        _level(layers, found.majority_hits / count, "most frequent label", "dot"),
    ]
    figure = theme.new_figure(*traces, height=HEIGHT)
    figure.update_xaxes(title_text="layer (0: before the first)", dtick=1)
    figure.update_yaxes(title_text="accuracy", range=[0, 1.03], tickformat=".0%")
    return figure


def _curve(
    places: Sequence[float], hits: tuple[int, ...], count: int, name: str, colour: str, symbol: str
) -> go.Scatter:
    """``places`` are at the layers or near them."""
    shares = [hit / count for hit in hits]
    bounds = [wilson_interval(hit, count) for hit in hits]
    return go.Scatter(
        x=places,
        y=shares,
        customdata=[round(place) for place in places],
        name=name,
        mode="lines+markers",
        line={"color": colour},
        marker_symbol=symbol,
        error_y={
            "array": [high - share for (_, high), share in zip(bounds, shares, strict=True)],
            "arrayminus": [share - low for (low, _), share in zip(bounds, shares, strict=True)],
            "thickness": 1,
        },
        hovertemplate="layer %{customdata}: %{y:.1%}<extra>%{fullData.name}</extra>",
    )


def _level(layers: list[int], share: float, name: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=[layers[0], layers[-1]],
        y=[share, share],
        name=name,
        mode="lines",
        line={"color": "#808080", "dash": dash},
        hovertemplate="%{y:.1%}<extra>%{fullData.name}</extra>",
    )
