"""The pretraining tasks on a reader's text, and the training of the bundled model."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bert_explorer.analysis.restoration import KEPT, MASK, RANDOM
from bert_explorer.analysis.sentence_pairs import KINDS
from bert_explorer.plots import theme
from bert_explorer.plots.labels import escape_markup, format_hover, format_label, format_token
from bert_explorer.plots.masked_words import format_probability
from bert_explorer.results import PairVerdicts, Restoration

LABEL_WIDTH = 18  # columns
BAR_HEIGHT = 30  # pixels
TREATMENTS = {MASK: "hidden", RANDOM: "exchanged", KEPT: "left as it was"}
HALF = 0.5
SPREAD = 0.3  # of the dots of a kind, so that equal ones do not hide each other


def plot_restoration(restoration: Restoration) -> go.Figure:
    """The probability of each chosen token, in the order of the text, coloured by what was done to it."""
    chosen = list(zip(restoration.corrupted.treatments, restoration.truths, strict=True))
    figure = theme.new_figure(height=90 + BAR_HEIGHT * len(chosen))
    for number, (treatment, name) in enumerate(TREATMENTS.items()):
        places = [i for i, (kind, _) in enumerate(chosen) if kind == treatment]
        truths = [chosen[i][1] for i in places]
        figure.add_bar(
            orientation="h",
            x=[truth.probability for truth in truths],
            y=places,
            name=name,
            showlegend=bool(places),
            marker_color=theme.class_style(number)[0],
            text=[format_probability(truth.probability) for truth in truths],
            textposition="outside",
            cliponaxis=False,
            customdata=[[escape_markup(format_token(truth.token)), truth.rank] for truth in truths],
            hovertemplate="<b>%{customdata[0]}</b><br>probability %{text}<br>rank %{customdata[1]:,}",
        )
    figure.update_xaxes(
        title_text="probability of the true token", tickformat=".0%", range=[0, 1.2], nticks=6
    )
    figure.update_yaxes(
        tickvals=list(range(len(chosen))),
        ticktext=[escape_markup(format_token(truth.token, LABEL_WIDTH)) for _, truth in chosen],
        range=[len(chosen) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return figure


def plot_pairs(judged: PairVerdicts, names: Mapping[str, str]) -> go.Figure:
    """One dot a pair by the probability that its second sentence follows; ``names`` prints the kinds."""
    figure = theme.new_figure(height=300)
    for row, kind in enumerate(KINDS):
        pairs = [pair for pair in judged.pairs if pair.kind == kind]
        colour, symbol = theme.class_style(row)
        step = 2 * SPREAD / max(1, len(pairs) - 1)
        figure.add_scatter(
            x=[pair.is_next_probability for pair in pairs],
            y=[row - SPREAD + i * step if len(pairs) > 1 else row for i in range(len(pairs))],
            mode="markers",
            name=names[kind],
            marker={"color": colour, "symbol": symbol, "size": 11, "opacity": 0.8},
            customdata=[[format_hover(pair.first), format_hover(pair.second)] for pair in pairs],
            hovertemplate="%{customdata[0]}<br>→ %{customdata[1]}<br><b>%{x:.1%}</b>",
        )
    figure.add_vline(x=HALF, line_dash="dot", line_color=theme.GRID_COLOUR.replace("0.25", "0.8"))
    figure.update_layout(showlegend=False)
    figure.update_xaxes(
        title_text="probability that the second follows", tickformat=".0%", range=[-0.03, 1.03]
    )
    figure.update_yaxes(
        tickvals=list(range(len(KINDS))),
        ticktext=[format_label(names[kind]) for kind in KINDS],
        range=[len(KINDS) - HALF, -HALF],
        showgrid=False,
        zeroline=False,
    )
    return figure


def plot_curve(curve: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Loss above, held-out accuracies below, against the tokens read; ``curve`` as in curve.json."""
    panels = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08, row_heights=[0.45, 0.55])
    lines = (
        ("loss", "training loss", 1),
        ("next_sentence_accuracy", "next sentence right", 2),
        ("top5", "word among the first five", 2),
        ("top1", "word right", 2),
    )
    for number, (key, name, row) in enumerate(lines):
        points = [line for line in curve if key in line]
        panels.add_trace(
            go.Scatter(
                x=[line["tokens"] / 1e6 for line in points],
                y=[line[key] for line in points],
                name=name,
                mode="lines",
                line={"color": theme.class_style(number)[0], "width": 2},
                customdata=[[line["step"]] for line in points],
                hovertemplate="step %{customdata[0]:,}, %{x:.2f} M tokens<br>%{y:.3f}",
            ),
            row=row,
            col=1,
        )
    figure = theme.style_figure(panels, height=460)
    figure.update_yaxes(title_text="loss", row=1, col=1)
    figure.update_yaxes(title_text="share right", range=[0, 1], tickformat=".0%", row=2, col=1)
    figure.update_xaxes(title_text="million tokens read", row=2, col=1)
    return figure
