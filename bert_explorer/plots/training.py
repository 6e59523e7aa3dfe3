"""A fine-tuning run as it goes, and how its model does in the end."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bert_explorer.plots import theme
from bert_explorer.plots.cells import cell_targets
from bert_explorer.plots.labels import format_label, measure_width
from bert_explorer.results import GRADIENT_PREFIX, FloatArray, IntArray

LABEL_WIDTH = 16  # columns
HEIGHT = 420  # pixels
BAR_HEIGHT = 30
SMALLEST_NORM = 1e-12  # has a logarithm
MIN_MATRIX_HEIGHT, MAX_MATRIX_HEIGHT = 320, 1_100
TARGET_SIZE = 26  # pixels, of what can be clicked in a confusion matrix
MAX_ROOMY_CLASSES = 8  # above this, on a phone, names and numbers of the usual size run into each other
SMALL_FONT_SIZE = 11
SMALL_COLUMN = 5.5  # pixels, of a letter of that size
BAR_ABOVE = {
    "orientation": "h",
    "x": 0.5,
    "y": 1,
    "yanchor": "bottom",
    "ypad": 6,
    "len": 0.9,
    "tickvals": [0, 0.5, 1],
    "ticklabeloverflow": "allow",
}
MAX_CLASSES_WITH_ZEROS = 6  # above this, empty cells say "none", and what is not zero stands out
MAX_COUNTED_CLASSES = 25  # above this, numbers in the cells of a confusion matrix are too small to read
PANELS = {  # metric: (row, what to print, colour)
    "loss": (1, "training loss", theme.CLASS_COLOURS[0]),
    "eval_loss": (1, "held-out loss", theme.CLASS_COLOURS[1]),
}

SCORE_NAMES = {  # where it is not the metric's name in plain letters
    "f1": "F1 of words",
    "micro_f1": "F1 of all labels",
    "entity_f1": "F1 of names",
    "spearman": "Spearman",
    "top1": "words right",
}


class MetricPoint(Protocol):
    """One number that a run wrote down: the metric ``name`` had ``value`` after ``step`` steps."""

    @property
    def step(self) -> int: ...
    @property
    def epoch(self) -> float: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> float: ...


def plot_training(metrics: Sequence[MetricPoint], *, score: str = "accuracy") -> go.Figure:
    """Loss above, held-out ``score`` below, against the step; the epoch is under the pointer.

    Draws these metrics and leaves others out. Without any point the axes stay empty.
    """
    shown = SCORE_NAMES.get(score, score.replace("_", " "))
    lines = PANELS | {f"eval_{score}": (2, f"held-out {shown}", theme.CLASS_COLOURS[2])}
    panels = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1, row_heights=[0.6, 0.4])
    for name, (row, title, colour) in lines.items():
        points = sorted((point for point in metrics if point.name == name), key=lambda point: point.step)
        panels.add_trace(_curve(points, title, colour), row=row, col=1)
    figure = theme.style_figure(panels, height=HEIGHT)
    figure.update_yaxes(title_text="loss", rangemode="tozero", row=1, col=1)
    values = [point.value for point in metrics if point.name == f"eval_{score}"]
    highest = 1.03 if score != "top1" else max(0.3, *values, 0.0) + 0.03  # of 30,000 words, half is much
    is_share = score in ("accuracy", "top1")
    lowest = min([0.0, *(value - 0.03 for value in values if value < 0)])  # a correlation may be
    scale = {"range": [lowest, highest], "tickformat": ".0%" if is_share else None}
    figure.update_yaxes(title_text=shown, **scale, row=2, col=1)
    figure.update_xaxes(title_text="step", rangemode="tozero", row=2, col=1)
    return figure


def _curve(points: Sequence[MetricPoint], title: str, colour: str) -> go.Scatter:
    is_sparse = len(points) <= 30
    return go.Scatter(
        x=[point.step for point in points],
        y=[point.value for point in points],
        name=title,
        showlegend=bool(points),
        mode="lines+markers" if is_sparse else "lines",
        line={"color": colour, "width": 2},
        customdata=[[point.epoch] for point in points],
        hovertemplate="step %{x}, epoch %{customdata[0]:.2f}<br>%{y:.4f}",
    )


def plot_gradients(metrics: Sequence[MetricPoint]) -> go.Figure:
    """Norm of each layer's gradient (rows, the head on top) against the step, on a logarithmic scale."""
    points = [point for point in metrics if point.name.startswith(GRADIENT_PREFIX)]
    steps = sorted({point.step for point in points})
    parts = sorted({point.name.removeprefix(GRADIENT_PREFIX) for point in points}, key=_from_below)
    value = {(point.name.removeprefix(GRADIENT_PREFIX), point.step): point.value for point in points}
    norms = np.array([[value.get((part, step), np.nan) for step in steps] for part in parts]).reshape(
        len(parts), len(steps)
    )
    trace = go.Heatmap(
        x=[str(step) for step in steps],  # looks are not equally far apart
        y=[name_of_part(part) for part in parts],
        z=np.log10(np.maximum(norms, SMALLEST_NORM)),
        colorscale=theme.SEQUENTIAL,
        colorbar={"thickness": 12, "len": 1, "xpad": 4, "title": "log10", "tickformat": ".1f"},
        customdata=norms,
        hovertemplate="%{y}, step %{x}: %{customdata:.3g}<extra></extra>",
    )
    figure = theme.new_figure(trace, height=110 + 26 * len(parts))
    figure.update_xaxes(title_text="step", showgrid=False, type="category")
    figure.update_yaxes(showgrid=False)
    return figure


def _from_below(part: str) -> tuple[int, int]:
    """Embeddings, then the layers by number, then the head."""
    return ({"embeddings": 0, "head": 2}.get(part, 1), int(part) if part.isdigit() else 0)


def name_of_part(part: str) -> str:
    """Layers count from 1 where people read them."""
    return f"layer {int(part) + 1}" if part.isdigit() else part


def plot_confusion(
    matrix: Sequence[Sequence[int]], labels: Sequence[str], *, counted: str = "rows"
) -> go.Figure:
    """Counts by true class (rows) and predicted class (columns), coloured by their share of the row.

    ``counted`` says in a word what is counted.
    """
    counts = np.asarray(matrix, dtype=np.int64)
    if counts.shape != (len(labels), len(labels)):
        raise ValueError(f"a confusion matrix of {len(labels)} labels cannot have shape {counts.shape}")
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)  # a class without held-out rows stays at 0
    names = [format_label(label, LABEL_WIDTH) for label in labels]
    trace = go.Heatmap(
        z=shares,
        zmin=0,
        zmax=1,
        colorscale=theme.SEQUENTIAL,
        hoverinfo="skip",  # the targets above it answer
        colorbar={"thickness": 12, "len": 1, "tickformat": ".0%", "xpad": 4},
        text=_shown_counts(counts),
        texttemplate="%{text}",
    )
    height = min(max(MIN_MATRIX_HEIGHT, 150 + BAR_HEIGHT * len(labels)), MAX_MATRIX_HEIGHT)
    figure = theme.new_figure(trace, _cell_targets(counts, shares, labels, counted), height=height)
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False, "zeroline": False}
    ends = [-0.5, len(names) - 0.5]  # the targets would ask for room around the cells
    figure.update_xaxes(ticks, title_text="predicted", range=ends)
    figure.update_yaxes(ticks, title_text="true", range=ends[::-1])
    if len(labels) > MAX_ROOMY_CLASSES:
        _pack(figure, names)
    return figure


def _pack(figure: go.Figure, names: Sequence[str]) -> None:
    """Small upright names and small numbers, the colour bar above: many columns find room on a phone too.

    plotly would write the axis' title across upright names.
    """
    room = 14 + SMALL_COLUMN * max(measure_width(name) for name in names)
    figure.update_traces(colorbar=BAR_ABOVE, textfont_size=SMALL_FONT_SIZE, selector={"type": "heatmap"})
    figure.update_xaxes(title_text="", tickangle=-90, tickfont_size=SMALL_FONT_SIZE)
    figure.update_yaxes(tickfont_size=SMALL_FONT_SIZE)
    figure.add_annotation(
        text="predicted", x=0.5, y=0, xref="paper", yref="paper", yanchor="top", yshift=-room, showarrow=False
    )
    figure.update_layout(margin_b=room + 30)


def _shown_counts(counts: IntArray) -> list[list[str]] | None:
    """Nothing where there are too many classes to read, and no zeros where there are many."""
    if len(counts) > MAX_COUNTED_CLASSES:
        return None
    return [
        [str(count) if count or len(counts) <= MAX_CLASSES_WITH_ZEROS else "" for count in row]
        for row in counts.tolist()
    ]


def _cell_targets(
    counts: IntArray, shares: FloatArray, labels: Sequence[str], counted: str
) -> go.Scatter | go.Scattergl:
    names = [format_label(label) for label in labels]
    told = [
        [names[i], names[j], int(counts[i, j]), float(shares[i, j])]
        for i in range(len(labels))
        for j in range(len(labels))
    ]
    hover = (
        "true %{customdata[0]}<br>predicted %{customdata[1]}<br>"
        f"%{{customdata[2]}} {counted}, %{{customdata[3]:.1%}} of this class<extra></extra>"
    )
    return cell_targets(len(labels), len(labels), customdata=told, hover=hover, size=TARGET_SIZE)


def plot_class_counts(counts: Mapping[str, int]) -> go.Figure:
    """Rows of each class as bars, the largest class on top."""
    items = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    trace = go.Bar(
        orientation="h",
        x=[count for _, count in items],
        y=list(range(len(items))),
        marker_color=theme.MAIN_COLOUR,
        text=[f"{count:,}" for _, count in items],
        textposition="outside",
        cliponaxis=False,
        customdata=[[format_label(label)] for label, _ in items],
        hovertemplate="%{customdata[0]}: %{text} rows<extra></extra>",
    )
    figure = theme.new_figure(trace, height=80 + BAR_HEIGHT * len(items))
    largest = max(counts.values(), default=1)
    figure.update_xaxes(title_text="rows", range=[0, largest * 1.2])
    figure.update_yaxes(
        tickvals=list(range(len(items))),
        ticktext=[format_label(label, LABEL_WIDTH) for label, _ in items],
        range=[len(items) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,  # it would run through the first label
    )
    return figure
