"""What the page Attention shows of one answer: view, layer and head or means, words, links left out.

Layers and heads count from 0 in ``Shown`` and from 1 on the page and in its link.
"""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.analysis.attention_words import BLOCKS
from bert_explorer.results import ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.texts import attention as text

OF_ONE_HEAD = (text.ARCS, text.HEAT_MAP, text.TABLE)


@dataclass(frozen=True)
class Shown:
    """``heads`` is None for all of them. ``block`` is one of BLOCKS or text.ALL_BLOCKS."""

    view: str
    layers: tuple[int, ...]
    heads: tuple[int, ...] | None
    words: bool = False
    with_special: bool = True
    threshold: float = 0.0
    block: str = text.ALL_BLOCKS

    @property
    def layer(self) -> int:
        return self.layers[0]

    @property
    def head(self) -> int | None:
        """The one head that is shown, or None for a mean."""
        return self.heads[0] if self.heads is not None and len(self.layers) * len(self.heads) == 1 else None

    @property
    def label(self) -> str:
        if self.head is not None:
            return f"Layer {self.layer + 1}, head {self.head + 1}"
        layers = ", ".join(str(layer + 1) for layer in self.layers)
        heads = "all" if self.heads is None else ", ".join(str(head + 1) for head in self.heads)
        return f"Mean of layers {layers}, heads {heads}"


def choose_shown(
    model: ModelInfo,
    *,
    has_pair: bool,
    views: tuple[str, ...] = text.VIEWS,
    view_key: str = state.ATTENTION_VIEW,
) -> Shown:
    """Draw the controls; everything but view, layer and head is folded away."""
    view = choice("View", views, view_key, width="content")
    main = st.container(horizontal=True, gap="medium")
    with st.expander(text.MORE), st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        units = choice("On the axes", text.UNITS, state.ATTENTION_UNITS, width="content")
        hidden = st.toggle(
            "Hide special tokens", key=state.ATTENTION_SPECIAL, bind="query-params", help=text.HIDDEN_NOTE
        )
        threshold, block, mean = 0.0, text.ALL_BLOCKS, False
        if view in OF_ONE_HEAD:
            threshold = _ask_threshold()
            if has_pair:
                blocks = (text.ALL_BLOCKS, *BLOCKS)
                block = choice("From text > to text", blocks, state.ATTENTION_BLOCK, width="content")
            mean = st.toggle("Mean of several heads", key=state.ATTENTION_MEAN, bind="query-params")
    with main:
        layers, heads = _choose_means(model) if mean else _choose_one(model, view)
    return Shown(view, layers, heads, units == text.WORDS, not hidden, threshold, block)


def _ask_threshold() -> float:
    percent = st.slider(
        "Leave out weights below",
        0,
        50,
        0,
        format="%d %%",
        key=state.ATTENTION_THRESHOLD,
        bind="query-params",
        width=200,
    )
    return percent / 100


def _choose_one(model: ModelInfo, view: str) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    layer = head = 1
    if view != text.MODEL_VIEW:
        with st.container(width=200):
            layer = number_slider("Layer", 1, model.num_layers, text.DEFAULT_LAYER, state.ATTENTION_LAYER)
    if view in OF_ONE_HEAD:
        with st.container(width=200):
            head = number_slider("Head", 1, model.num_heads, text.DEFAULT_HEAD, state.ATTENTION_HEAD)
    return (layer - 1,), (head - 1,)


def _choose_means(model: ModelInfo) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    layers = _several("Layers (none: all)", model.num_layers, state.ATTENTION_LAYERS)
    heads = _several("Heads (none: all)", model.num_heads, state.ATTENTION_HEADS)
    return layers or tuple(range(model.num_layers)), heads or None


def _several(label: str, count: int, key: str) -> tuple[int, ...]:
    """Some of the numbers 1 to ``count``, from 0; another model may have fewer than are kept."""
    options = [str(number) for number in range(1, count + 1)]
    kept = st.session_state.get(key)
    if isinstance(kept, list) and not set(kept) <= set(options):
        st.session_state[key] = [item for item in kept if item in options]
    chosen = st.multiselect(label, options, key=key, bind="query-params", width=320)
    return tuple(sorted(int(item) - 1 for item in chosen))
