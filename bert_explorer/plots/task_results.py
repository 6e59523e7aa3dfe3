"""How a model of a task does at one look: numbers against numbers, scores by label, answers by F1."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from bert_explorer.plots import theme
from bert_explorer.plots.labels import format_hover, format_label

HEIGHT = 380
BAR_HEIGHT = 32
LABEL_WIDTH = 18  # columns
ANSWER_BINS = ("not at all", "up to half", "more than half", "every word")  # by the F1 of the words


def plot_numbers(true: Sequence[float], given: Sequence[float], texts: Sequence[str] = ()) -> go.Figure:
    """A point a held-out text, and the diagonal where both are equal. ``texts`` show under the pointer."""
    low, high = min([*true, *given], default=0.0), max([*true, *given], default=1.0)
    line = {"color": theme.GRID_COLOUR, "dash": "dash", "width": 2}
    diagonal = go.Scatter(
        x=[low, high], y=[low, high], mode="lines", line=line, showlegend=False, hoverinfo="skip"
    )
    named = [[format_hover(text)] for text in texts]
    points = go.Scatter(
        x=list(true),
        y=list(given),
        mode="markers",
        marker={"color": theme.MAIN_COLOUR, "size": 8, "opacity": 0.6},
        showlegend=False,
        customdata=named or None,
        hovertemplate="true %{x:.3g}, given %{y:.3g}" + ("<br>%{customdata[0]}" if named else ""),
    )
    figure = theme.new_figure(diagonal, points, height=HEIGHT)
    figure.update_xaxes(title_text="true number")
    figure.update_yaxes(title_text="number that the model gives")
    return figure


def plot_label_scores(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """F1 of each label as a bar, with precision and recall under the pointer."""
    places = list(range(len(rows)))
    trace = go.Bar(
        orientation="h",
        x=[row["f1"] for row in rows],
        y=places,
        marker_color=theme.MAIN_COLOUR,
        text=[f"{row['f1']:.2f}" for row in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[
            [format_label(row["label"]), row["precision"], row["recall"], row["support"]] for row in rows
        ],
        hovertemplate="%{customdata[0]}: F1 %{x:.3f}<br>precision %{customdata[1]:.1%}, recall "
        "%{customdata[2]:.1%}, %{customdata[3]} held out<extra></extra>",
    )
    figure = theme.new_figure(trace, height=max(200, 90 + BAR_HEIGHT * len(rows)))
    figure.update_xaxes(title_text="F1", range=[0, 1.12], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(
        tickvals=places,
        ticktext=[format_label(row["label"], LABEL_WIDTH) for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return figure


def plot_answers(scores: Sequence[float]) -> go.Figure:
    """Questions by how much of the answer was found: the F1 of its words, each 0 to 1."""
    counts = count_answers(scores)
    trace = go.Bar(
        x=list(ANSWER_BINS),
        y=counts,
        marker_color=theme.MAIN_COLOUR,
        text=counts,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y} questions<extra></extra>",
    )
    figure = theme.new_figure(trace, height=HEIGHT)
    figure.update_xaxes(title_text="words of the answer that were found (F1)")
    figure.update_yaxes(title_text="questions", range=[0, 1.15 * max(1, *counts)])
    return figure


def count_answers(scores: Sequence[float]) -> list[int]:
    """How many lie in each of ANSWER_BINS.

    >>> count_answers([0.0, 0.5, 0.6, 1.0])
    [1, 1, 1, 1]
    """
    bins = [0 if score <= 0 else 1 if score <= 0.5 else 2 if score < 1 else 3 for score in scores]
    return [bins.count(index) for index in range(len(ANSWER_BINS))]
