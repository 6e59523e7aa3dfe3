"""Colours and layout that all figures share.

One sequential scale for attention (viridis, the same from 0 to 1 everywhere), one diverging scale
for differences, and for classes the set of Okabe & Ito (2008), which colour-blind readers can tell
apart; black is left out of it, since it vanishes on dark pages, and shapes tell further classes apart.
"""

from typing import Any

# plotly looks whether pandas has been imported and uses what it finds. Where another thread is just
# importing it (reading a model does), that is half a module and an AttributeError: wait for the whole.
import pandas as pd  # noqa: F401
import plotly.graph_objects as go

SEQUENTIAL = "Viridis"
DIVERGING = "RdBu_r"
CLASS_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
CLASS_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")
MAIN_COLOUR = CLASS_COLOURS[0]
ACCENT_COLOUR = CLASS_COLOURS[1]
GRID_COLOUR = "rgba(128, 128, 128, 0.25)"
TRANSPARENT = "rgba(0, 0, 0, 0)"
FONT_SIZE = 14
MARGIN = {"l": 8, "r": 8, "t": 16, "b": 8}  # in pixels; axes widen it for their labels
PAPER = {False: ("#FFFFFF", "#1A1A1A"), True: ("#0E1117", "#FAFAFA")}  # dark: (background, text)


def new_figure(*traces: Any, height: int) -> go.Figure:
    """A figure of these traces in the common style, ``height`` in pixels, as wide as its page."""
    return style_figure(go.Figure(list(traces)), height=height)


def style_figure(figure: go.Figure, *, height: int) -> go.Figure:
    """The same figure, now in the common style. Text colours are left to the page around it."""
    figure.update_layout(
        height=height,
        margin=MARGIN,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        font_size=FONT_SIZE,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title_text": ""},
        hoverlabel={"align": "left", "font_size": FONT_SIZE},
    )
    figure.update_xaxes(automargin=True, gridcolor=GRID_COLOUR, zerolinecolor=GRID_COLOUR)
    figure.update_yaxes(automargin=True, gridcolor=GRID_COLOUR, zerolinecolor=GRID_COLOUR)
    return figure


def make_standalone(figure: go.Figure, *, dark: bool = False) -> go.Figure:
    """A copy with background and text colours of its own, for a PNG, SVG or HTML file."""
    background, text = PAPER[dark]
    copy = go.Figure(figure)
    copy.update_layout(
        template="plotly_dark" if dark else "plotly_white",
        paper_bgcolor=background,
        font_color=text,
    )
    return copy


def class_style(index: int) -> tuple[str, str]:
    """Colour and marker symbol of class ``index``: 49 pairs before they repeat."""
    colour = CLASS_COLOURS[index % len(CLASS_COLOURS)]
    symbol = CLASS_SYMBOLS[index // len(CLASS_COLOURS) % len(CLASS_SYMBOLS)]
    return colour, symbol
