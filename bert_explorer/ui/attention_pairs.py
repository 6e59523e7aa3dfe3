"""The tab "Two at once": two texts or two models beside each other, and the difference where there is one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from bert_explorer.analysis.attention_difference import align_tokens
from bert_explorer.analysis.attention_words import token_units
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.attention_inputs import Shown, choose_shown
from bert_explorer.ui.attention_questions import AttentionQuestion
from bert_explorer.ui.attention_views import (
    CANVAS_VIEWS,
    HeadWeights,
    draw_picture,
    looks_table,
    make_picture,
    select_weights,
)
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.inputs import choice, text_box
from bert_explorer.ui.model_bar import describe_for_browser, offered_models
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.texts import attention as text

Files = Callable[[], None]
VIEWS = (text.HEAT_MAP, text.ARCS)


@dataclass(frozen=True)
class Side:
    """One of the two: what is asked of which model, and its name on the page."""

    model: ModelInfo
    question: AttentionQuestion
    name: str


@st.fragment
def show_pair(model: ModelInfo, question: AttentionQuestion) -> None:
    """Controls, both pictures, their difference, and files."""
    files, code = None, None
    with guard():
        sides = _ask(model, question)
        if sides is not None:
            shown = _choose(sides)
            code = sides[1].question.code(sides[1].model.ref, layer=shown.layer, head=shown.head or 0)
            files = _show(sides, shown)
    show_explanation(text.PAIRS, code=code, downloads=files)


def _ask(model: ModelInfo, question: AttentionQuestion) -> tuple[Side, Side] | None:
    """Both sides; None where there is nothing to compare with, or it is not known yet who asks."""
    what = choice("Compare", text.COMPARED, state.COMPARE_WHAT, width="content")
    if what == text.TWO_TEXTS:
        other = text_box("The other sentence", text.OTHER_TEXT, state.COMPARE_TEXT)
        second = replace(question, text=other)
        return Side(model, question, question.text), Side(model, second, other)
    if current_owner() is None:  # a box that has shown a reference once would never show its name
        return None
    names = offered_models()
    ref = _ask_model(model, names)
    info = None if ref is None else describe_for_browser(ref)
    if info is None:
        return None
    if Capability.ATTENTIONS not in info.capabilities:
        raise CapabilityError(f"'{info.name}' has no attention to show. Choose another model.")
    return Side(model, question, model.name), Side(info, question, names.get(info.ref, info.name))


def _ask_model(model: ModelInfo, names: dict[str, str]) -> str | None:
    """The reference of the other model, any that the model bar would take."""
    others = [ref for ref in names if ref != model.ref]
    kept = st.session_state.get(state.COMPARE_MODEL)
    if kept and kept not in others:
        others.append(kept)
    chosen = st.selectbox(
        "The other model",
        others,
        format_func=lambda ref: names.get(ref, ref),
        key=state.COMPARE_MODEL,
        bind="query-params",
        accept_new_options=True,
        index=0 if others else None,
        width=420,
    )
    if not chosen:
        st.info(text.NO_OTHER_MODEL)
    return str(chosen).strip() if chosen else None


def _choose(sides: tuple[Side, Side]) -> Shown:
    """Layers and heads that both models have."""
    first, second = (side.model for side in sides)
    common = replace(
        first,
        num_layers=min(first.num_layers, second.num_layers),
        num_heads=min(first.num_heads, second.num_heads),
    )
    has_pair = sides[0].question.pair is not None
    return choose_shown(common, has_pair=has_pair, views=VIEWS, view_key=state.COMPARE_VIEW)


def _show(sides: tuple[Side, Side], shown: Shown) -> Files | None:
    answers = [answer("attention", side.model.ref, side.question, keep=False) for side in sides]
    if answers[0] is None or answers[1] is None:
        return None
    found = [select_weights(shown, item) for item in answers if item is not None]
    try:
        names, reason = align_tokens(found[0].tokens, found[1].tokens), ""
    except InputError as error:
        names, reason = None, str(error)
    drawn = []
    if names is not None:
        drawn.append(_show_difference(found, names, shown))
    else:
        st.info(escape_markdown(reason))
    columns = st.columns(2, gap="medium")
    for number, (column, side, weights) in enumerate(zip(columns, sides, found, strict=True), start=1):
        with column:
            drawn.append(_show_side(number, side, weights, shown))

    def files() -> None:
        for show in drawn:
            show()

    return files


def _show_side(number: int, side: Side, found: HeadWeights, shown: Shown) -> Files:
    st.markdown(f"**{number}.** {escape_markdown(side.name)}")
    picture = make_picture(token_units(found.tokens), found.weights, shown)
    files = draw_picture(
        picture,
        CANVAS_VIEWS[shown.view],
        name=f"attention-{number}",
        label=f"{number}. {shown.label}",
        hint=text.SHORT_HINT,
    )
    return lambda: _show_files(f"{number}. {side.name}", files)


def _show_difference(found: list[HeadWeights], names: tuple[str, ...], shown: Shown) -> Files:
    first, second = found
    units = replace(token_units(first.tokens), names=names)
    picture = make_picture(units, second.weights - first.weights, shown, diverging=True)
    st.markdown("**Second minus first**")
    files = draw_picture(
        picture,
        CANVAS_VIEWS[shown.view],
        name="attention-difference",
        label=f"Difference, {shown.label}",
        hint=text.DIFFERENCE_HINT,
    )
    with st.expander("The same as a table: where each token's attention changes most"):
        table = looks_table(picture)
        table["changes most towards"] = table.pop("looks most at")
        st.dataframe(table, hide_index=True)
    return lambda: _show_files("Second minus first", files)


def _show_files(title: str, files: Files) -> None:
    st.markdown(escape_markdown(title))
    files()
