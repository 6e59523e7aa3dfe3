"""Inputs of the page Heads switched off: a text, and which heads are off. The link counts them from 1."""

import re
from collections.abc import Iterable

import streamlit as st

from bert_explorer.errors import InputError
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.components.head_grid import head_grid
from bert_explorer.ui.head_questions import AblationQuestion
from bert_explorer.ui.inputs import show_examples, text_box
from bert_explorer.ui.texts import ablation as text

Heads = tuple[tuple[int, int], ...]
ONE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


def ask_ablation(model: ModelInfo) -> AblationQuestion:
    """Draw the inputs. Raises InputError for heads that the model does not have."""
    guesses = Capability.MASKED_LM in model.capabilities
    if guesses:
        show_examples(
            "ablation",
            {
                item.name: {state.ABLATION_TEXT: item.text, state.ABLATION_OFF: item.off}
                for item in text.EXAMPLES
            },
        )
    with st.form("ablation-form", border=False):
        label = "Text, with or without [MASK]" if guesses else "Text"
        sentence = text_box(
            label, text.EXAMPLES[0].text if guesses else text.CLASS_TEXT, state.ABLATION_TEXT, lines=1
        )
        st.form_submit_button("Ask with and without", type="primary")
    typed = st.text_input(
        "Heads that are off",
        default_off(model),
        key=state.ABLATION_OFF,
        bind="query-params",
        help=text.HEADS_HELP,
        width=440,
    )
    off = parse_heads(typed, model)
    st.caption("Click a head to switch it off or on, or a layer for all of its heads.")
    head_grid(
        model.num_layers,
        model.num_heads,
        off=off,
        label="Heads of the model, pressed ones are on",
        key=state.ABLATION_GRID,
        on_click=lambda clicked: _toggle(off, clicked, model),
    )
    return AblationQuestion(sentence, off)


def _toggle(off: Heads, clicked: Heads, model: ModelInfo) -> None:
    """Switch the clicked heads on where all of them are off, else off; before the text box is drawn."""
    kept = set(off) - set(clicked) if set(clicked) <= set(off) else set(off) | set(clicked)
    st.session_state[state.ABLATION_OFF] = format_heads(kept, model)


def default_off(model: ModelInfo) -> str:
    """The heads that the page opens with, where the model has them."""
    try:
        parse_heads(text.DEFAULT_OFF, model)
    except InputError:
        return "1-1"
    return text.DEFAULT_OFF


def parse_heads(typed: str, model: ModelInfo) -> Heads:
    """(layer, head) from 0 of "3-8, 4": head 8 of layer 3 and all of layer 4. Raises InputError."""
    heads: set[tuple[int, int]] = set()
    for item in filter(None, re.split(r"[,;\s]+", typed)):
        found = ONE.fullmatch(item)
        layer = int(found[1]) if found else 0
        head = int(found[2]) if found and found[2] else None
        if not 1 <= layer <= model.num_layers or (head is not None and not 1 <= head <= model.num_heads):
            raise InputError(
                f"'{item[:20]}' is no head of this model: write layer-head, with layers from 1 to "
                f"{model.num_layers} and heads from 1 to {model.num_heads}, such as 1-2."
            )
        heads |= {(layer - 1, number) for number in range(model.num_heads) if head in (None, number + 1)}
    return tuple(sorted(heads))


def format_heads(heads: Iterable[tuple[int, int]], model: ModelInfo) -> str:
    """The inverse of ``parse_heads``, whole layers in short."""
    off = set(heads)
    parts = []
    for layer in range(model.num_layers):
        row = [head for head in range(model.num_heads) if (layer, head) in off]
        whole = len(row) == model.num_heads
        parts += [str(layer + 1)] if whole else [f"{layer + 1}-{head + 1}" for head in row]
    return ", ".join(parts)
