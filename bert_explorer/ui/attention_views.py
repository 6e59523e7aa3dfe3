"""Draws answers of the page Attention: bertviz's two views, one head as a heat map, and their tables.

Layers and heads count from 0 in arguments and from 1 on the page.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import streamlit as st

from bert_explorer.analysis.attention import select_head
from bert_explorer.plots.labels import format_token
from bert_explorer.results import Attention
from bert_explorer.ui.downloads import (
    show_figure,
    show_figure_downloads,
    show_page_download,
    show_table_download,
)
from bert_explorer.ui.texts.attention import HEAD_VIEW, HEAT_MAP, MODEL_VIEW

Files = Callable[[], None]
HEAT_MAP_NAME = "attention-head"


def show_view(view: str, attention: Attention, layer: int, head: int) -> Files:
    """Draw one of VIEWS with its table; returns what draws its download buttons."""
    if view == HEAD_VIEW:
        return _show_head_view(attention, layer)
    if view == MODEL_VIEW:
        return _show_model_view(attention)
    if view == HEAT_MAP:
        return _show_heat_map(attention, layer, head)
    raise ValueError(f"there is no view '{view}'")


def _show_head_view(attention: Attention, layer: int) -> Files:
    from bert_explorer.plots.bertviz import head_view_height, head_view_html

    figure_column, table_column = st.columns([2, 3], gap="medium")
    with figure_column:
        html = head_view_html(attention, layer=layer, theme=_theme())
        st.iframe(
            html, height=head_view_height(attention), alt=f"Attention of every head of layer {layer + 1}"
        )
    with table_column:
        st.markdown(f"**The strongest link between two words in each head of layer {layer + 1}**")
        table = _links_table(attention, [layer])
        del table["Layer"]
        st.dataframe(table, hide_index=True, height="content")
    return lambda: _show_page_files(head_view_html(attention, layer=layer), "attention-head-view", attention)


def _show_model_view(attention: Attention) -> Files:
    from bert_explorer.plots.bertviz import model_view_height, model_view_html

    html = model_view_html(attention, theme=_theme())
    st.iframe(html, height=model_view_height(attention), alt="Attention of every head of every layer")
    with st.expander("The same as a table: the strongest link between two words in each head"):
        st.dataframe(_links_table(attention, attention.layers), hide_index=True)
    return lambda: _show_page_files(model_view_html(attention), "attention-model-view", attention)


def _show_heat_map(attention: Attention, layer: int, head: int) -> Files:
    from bert_explorer.plots.attention import plot_head

    figure = plot_head(attention, layer, head)
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        show_figure(figure, HEAT_MAP_NAME, alt=f"Attention weights of layer {layer + 1}, head {head + 1}")
    with table_column:
        st.markdown("**Where each token looks most**")
        st.dataframe(_looks_table(attention, layer, head), hide_index=True, height="content")
    return lambda: _show_heat_map_files(attention, layer, head)


def _show_heat_map_files(attention: Attention, layer: int, head: int) -> None:
    from bert_explorer.plots.attention import plot_head

    show_figure_downloads(plot_head(attention, layer, head), HEAT_MAP_NAME)
    _show_weights_download(attention)


def _show_page_files(html: str, name: str, attention: Attention) -> None:
    show_page_download(html, name)
    _show_weights_download(attention)


def _show_weights_download(attention: Attention) -> None:
    header = ("layer", "head", "from position", "from token", "to position", "to token", "weight")
    show_table_download("attention", header, lambda: weight_rows(attention))


def weight_rows(attention: Attention) -> Iterator[tuple[object, ...]]:
    """One row a weight; layers, heads and positions count from 1 as on the page."""
    tokens = attention.tokens.tokens
    for index, weight in np.ndenumerate(attention.attentions):
        layer, head, query, key = index
        names = (tokens[query], key + 1, tokens[key], round(float(weight), 6))
        yield (attention.layers[layer] + 1, head + 1, query + 1, *names)


def _links_table(attention: Attention, layers: list[int] | tuple[int, ...]) -> dict[str, list[object]]:
    """The largest weight of each head between two different tokens that are not special."""
    table: dict[str, list[object]] = {"Layer": [], "Head": [], "From": [], "To": [], "Weight": []}
    names = [format_token(token) for token in attention.tokens.tokens]
    for layer in layers:
        for head, weights in enumerate(attention.attentions[attention.layers.index(layer)], start=1):
            query, key = strongest_link(weights, attention.tokens.is_special)
            row = (layer + 1, head, names[query], names[key], round(float(weights[query, key]), 3))
            for column, value in zip(table.values(), row, strict=True):
                column.append(value)
    return table


def strongest_link(weights: np.ndarray, is_special: np.ndarray) -> tuple[int, int]:
    """(query, key) of the largest weight between two different tokens, special ones left out if possible.

    With weights (seq_len, seq_len) of fewer than two ordinary tokens, any pair of tokens counts.
    """
    allowed = ~np.eye(len(weights), dtype=bool)
    ordinary = allowed & ~is_special[:, None] & ~is_special[None, :]
    masked = np.where(ordinary if ordinary.any() else allowed, weights, -1.0)
    query, key = np.unravel_index(int(np.argmax(masked)), masked.shape)
    return int(query), int(key)


def _looks_table(attention: Attention, layer: int, head: int) -> dict[str, list[object]]:
    weights = select_head(attention, layer, head)  # (query, key)
    names = [format_token(token) for token in attention.tokens.tokens]
    keys = weights.argmax(axis=1)
    return {
        "Token": list(names),
        "looks most at": [names[key] for key in keys],
        "at place": [int(key) + 1 for key in keys],
        "Weight": [round(float(row[key]), 3) for row, key in zip(weights, keys, strict=True)],
    }


def _theme() -> Literal["light", "dark"]:
    return "dark" if st.context.theme.type == "dark" else "light"
