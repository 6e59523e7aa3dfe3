"""Draws one answer of the page Attention in the chosen view, with its table; gives its download buttons.

Layers and heads count from 0 in arguments and from 1 on the page.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st

from bert_explorer.analysis.attention import mean_weights
from bert_explorer.analysis.attention_words import Units, arrange, select_block, token_units
from bert_explorer.plots.labels import format_token
from bert_explorer.results import Attention, CompactAttention, FloatArray, Tokens
from bert_explorer.ui import state
from bert_explorer.ui.attention_inputs import Shown
from bert_explorer.ui.components.attention_view import (
    Thumbnails,
    View,
    WeightsPicture,
    attention_view,
    view_html,
)
from bert_explorer.ui.downloads import (
    figure_key,
    show_picture_downloads,
    show_table_download,
    show_view_download,
)
from bert_explorer.ui.texts import attention as text

Files = Callable[[], None]
NAME = "attention"
CANVAS_VIEWS: dict[str, View] = {text.ARCS: "arcs", text.HEAT_MAP: "map"}
BERTVIZ_TOKENS = 96  # of longer texts the head view holds one layer, and not all to choose from
MAX_LINKS = 1_000  # rows of the table
MAX_DIGITS = 6  # of a token in the link


@dataclass(frozen=True)
class HeadWeights:
    """The weights on the screen, what stands on their axes, and all heads of the layer (None for a mean)."""

    tokens: Tokens
    weights: FloatArray  # (query, key)
    heads: FloatArray | None  # (num_heads, query, key)


def show_view(shown: Shown, attention: CompactAttention) -> Files:
    """Draw it; returns what draws the download buttons."""
    if not shown.with_special:
        st.caption(text.HIDDEN_NOTE)
    if shown.view == text.HEAD_VIEW:
        return _show_head_view(shown, attention)
    if shown.view == text.MODEL_VIEW:
        return _show_model_view(shown, attention)
    found = select_weights(shown, attention)
    if shown.view == text.TABLE:
        return _show_table(shown, found)
    return _show_canvas(shown, found)


def select_weights(shown: Shown, attention: CompactAttention) -> HeadWeights:
    """What ``shown`` asks for: one head with its neighbours, or a mean."""
    if shown.head is not None:
        layer = arrange(attention.expand([shown.layer]), words=shown.words, with_special=shown.with_special)
        return HeadWeights(layer.tokens, layer.attentions[0, shown.head], layer.attentions[0])
    mean = mean_weights(attention, shown.layers, shown.heads)
    arranged = arrange(
        Attention(attention.tokens, (shown.layer,), mean[None, None]),
        words=shown.words,
        with_special=shown.with_special,
    )
    return HeadWeights(arranged.tokens, arranged.attentions[0, 0], None)


def make_picture(
    units: Units, weights: FloatArray, shown: Shown, *, diverging: bool = False
) -> WeightsPicture:
    """The part of (query, key) weights that lies in the chosen block, and how it is to be drawn."""
    rows, cols = select_block(units, shown.block)
    part = weights[np.ix_(rows, cols)]
    return WeightsPicture(
        units.names, units.sides, part, tuple(rows), tuple(cols), shown.threshold, diverging
    )


def _show_canvas(shown: Shown, found: HeadWeights) -> Files:
    units = token_units(found.tokens)
    picture = make_picture(units, found.weights, shown)
    heads = None
    if found.heads is not None and shown.head is not None:
        part = found.heads  # copied only where something is left out
        if shown.block != text.ALL_BLOCKS:
            part = part[:, picture.rows][:, :, picture.cols]
        heads = Thumbnails(part, shown.head)
    files = draw_picture(
        picture,
        CANVAS_VIEWS[shown.view],
        name=NAME,
        label=shown.label,
        hint=text.HINTS[shown.view],
        picked=picked_token(len(units)),
        heads=heads,
        on_pick=_keep_pick,
        on_head=_open_head,
    )
    with st.expander("The same as a table: where each token looks most"):
        st.dataframe(looks_table(picture), hide_index=True)
    return files


def draw_picture(
    picture: WeightsPicture,
    view: View,
    *,
    name: str,
    label: str,
    hint: str,
    picked: int | None = None,
    **options: Any,
) -> Files:
    """The picture on a canvas; ``options`` go to ``attention_view``. Returns what draws its files."""
    with st.container(key=figure_key(name)):
        attention_view(
            picture,
            key=f"{name}-view",
            figure=name,
            view=view,
            label=label,
            hint=hint,
            picked=picked,
            **options,
        )

    def files() -> None:
        show_picture_downloads(
            name, lambda: view_html(picture, view=view, label=label, hint=hint, picked=picked)
        )
        _show_links_download(picture, name)

    return files


def _show_table(shown: Shown, found: HeadWeights) -> Files:
    picture = make_picture(token_units(found.tokens), found.weights, shown)
    rows = sorted(link_rows(picture), key=lambda row: -float(str(row[-1])))
    said = f"{min(len(rows), MAX_LINKS):,} of {len(rows):,} links, strongest first"
    st.markdown(f"**{shown.label}**: {said}")
    columns = ("From place", "From", "To place", "To", "Weight")
    table = {name: [row[i] for row in rows[:MAX_LINKS]] for i, name in enumerate(columns)}
    st.dataframe(table, hide_index=True)

    def page() -> str:
        from bert_explorer.plots.table_page import table_page

        return table_page(f"{shown.label}: {said}", columns, rows[:MAX_LINKS])

    def files() -> None:
        show_view_download(NAME, page)
        _show_links_download(picture, NAME)

    return files


def _show_head_view(shown: Shown, attention: CompactAttention) -> Files:
    from bert_explorer.plots.bertviz import head_view_height, head_view_html

    few = len(attention.tokens) <= BERTVIZ_TOKENS
    whole = _arranged(shown, attention, None if few else [shown.layer])
    html = head_view_html(whole, layer=shown.layer, theme=_theme())
    figure_column, table_column = st.columns([2, 3], gap="medium")
    with figure_column, st.container(key=figure_key(NAME)):
        alt = f"Attention of every head of layer {shown.layer + 1}"
        st.iframe(html, height=head_view_height(whole), alt=alt)
    with table_column:
        st.markdown(f"**The strongest link between two words in each head of layer {shown.layer + 1}**")
        table = _links_table(whole, [shown.layer])
        del table["Layer"]
        st.dataframe(table, hide_index=True, height="content")
    return lambda: _show_bertviz_files(head_view_html(whole, layer=shown.layer), whole)


def _show_model_view(shown: Shown, attention: CompactAttention) -> Files:
    from bert_explorer.plots.bertviz import model_view_height, model_view_html

    whole = _arranged(shown, attention, None)
    html = model_view_html(whole, theme=_theme())
    with st.container(key=figure_key(NAME)):
        st.iframe(html, height=model_view_height(whole), alt="Attention of every head of every layer")
    with st.expander("The same as a table: the strongest link between two words in each head"):
        st.dataframe(_links_table(whole, whole.layers), hide_index=True)
    return lambda: _show_bertviz_files(model_view_html(whole), whole)


def _arranged(shown: Shown, attention: CompactAttention, layers: Sequence[int] | None) -> Attention:
    return arrange(attention.expand(layers), words=shown.words, with_special=shown.with_special)


def _show_bertviz_files(html: str, attention: Attention) -> None:
    show_picture_downloads(NAME, lambda: html)
    header = ("layer", "head", "from position", "from token", "to position", "to token", "weight")
    show_table_download(NAME, header, lambda: weight_rows(attention))


def _show_links_download(picture: WeightsPicture, name: str) -> None:
    header = ("from position", "from token", "to position", "to token", "weight")
    show_table_download(name, header, lambda: link_rows(picture))


def weight_rows(attention: Attention) -> Iterator[tuple[object, ...]]:
    """One row a weight; layers, heads and positions count from 1 as on the page."""
    tokens = attention.tokens.tokens
    for index, weight in np.ndenumerate(attention.attentions):
        layer, head, query, key = index
        names = (tokens[query], key + 1, tokens[key], round(float(weight), 6))
        yield (attention.layers[layer] + 1, head + 1, query + 1, *names)


def link_rows(picture: WeightsPicture) -> Iterator[tuple[object, ...]]:
    """One row a weight that is not left out; places count from 1."""
    rows = picture.rows or range(len(picture.names))
    cols = picture.cols or range(len(picture.names))
    for (r, c), weight in np.ndenumerate(picture.weights):
        if abs(weight) >= picture.threshold:
            query, key = rows[r], cols[c]
            yield (query + 1, picture.names[query], key + 1, picture.names[key], round(float(weight), 6))


def looks_table(picture: WeightsPicture) -> dict[str, list[object]]:
    """For each token that looks, the one with the weight farthest from 0."""
    rows = picture.rows or tuple(range(len(picture.names)))
    cols = picture.cols or tuple(range(len(picture.names)))
    names = [format_token(name) for name in picture.names]
    best = np.abs(picture.weights).argmax(axis=1)
    return {
        "Place": [row + 1 for row in rows],
        "Token": [names[row] for row in rows],
        "looks most at": [names[cols[c]] for c in best],
        "at place": [cols[c] + 1 for c in best],
        "Weight": [round(float(line[c]), 3) for line, c in zip(picture.weights, best, strict=True)],
    }


def _links_table(attention: Attention, layers: Sequence[int]) -> dict[str, list[object]]:
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


def picked_token(count: int) -> int | None:
    """The picked token of the link, from 0; None where there is none among ``count``."""
    value = st.query_params.get(state.ATTENTION_PICK, "")
    short = value.isdecimal() and len(value) <= MAX_DIGITS  # int() refuses thousands of digits
    return int(value) - 1 if short and 1 <= int(value) <= count else None


def _keep_pick(token: int | None) -> None:
    if token is None:
        st.query_params.pop(state.ATTENTION_PICK, None)
    else:
        st.query_params[state.ATTENTION_PICK] = str(token + 1)


def _open_head(head: int) -> None:
    st.session_state[state.ATTENTION_HEAD] = head + 1


def _theme() -> Literal["light", "dark"]:
    return "dark" if st.context.theme.type == "dark" else "light"
