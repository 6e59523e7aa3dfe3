"""The guided walk of the page Inside: controls that are always at hand, and the stop that they lead to."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bert_explorer.errors import CapabilityError
from bert_explorer.models.part_requests import check_part
from bert_explorer.plots.matrices import MAX_DIMENSIONS, MAX_TOKENS, Picture
from bert_explorer.results import ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.beside_inside import show_stop_beside
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.inputs import number_slider
from bert_explorer.ui.inside_question import StopQuestion
from bert_explorer.ui.inside_stop import show_below, show_picture, show_remarks, show_sentence, stop_of
from bert_explorer.ui.texts import inside as text

NAMES = tuple(text.STOPS)
MAX_STRIP = 80  # tokens that stand in a row to be clicked; longer texts have the slider


@st.fragment
def show_walk(model: ModelInfo, sentence: str, pair: str | None) -> None:
    """Everything below the text: a change of stop, layer, head or token draws this part alone."""
    try:
        check_part("embeddings", 0, model)
    except CapabilityError as refusal:
        st.info(escape_markdown(str(refusal)))
        return
    name = _choose_stop()
    controls, body = st.container(), st.container()
    with controls:
        sliders, strip = st.columns(3, gap="medium"), st.container()
    layer, head = _choose_layer_and_head(model, sliders)
    question = StopQuestion(
        sentence,
        pair,
        name,
        layer,
        head,
        token=read_control(state.INSIDE_TOKEN, text.DEFAULT_TOKEN) - 1,
        from_token=read_control(state.INSIDE_FROM_TOKEN, 1) - 1,
        from_dimension=read_control(state.INSIDE_FROM_DIMENSION, 1) - 1,
    )
    with body:
        show_sentence(stop_of(name, model, layer))
        with guard():
            picture = _ask(model, question)
            if picture is not None:
                stop = stop_of(name, model, layer, picture)
                show_picture(stop, name, picture, on_pick=_pick, on_move=_move)
                _choose_window(picture)
                show_remarks(stop, picture)
                _choose_token(picture, sliders[2], strip)
                show_stop_beside(model, question, picture, on_pick=_pick, on_move=_move)
                show_below(model, question, stop, picture)


def read_control(key: str, default: int) -> int:
    """A number of the link or of a widget that is drawn further down."""
    value = st.session_state.get(key, st.query_params.get(key, default))
    try:
        return max(1, int(value))
    except (TypeError, ValueError):
        return default


def _ask(model: ModelInfo, question: StopQuestion) -> Picture | None:
    try:
        return answer("inside", model.ref, question)
    except CapabilityError as refusal:
        st.info(escape_markdown(str(refusal)))
        return None


def _choose_stop() -> str:
    titles = [f"{number}. {stop.title}" for number, stop in enumerate(text.STOPS.values(), start=1)]
    back, stops, forward = st.columns([1, 3, 1], vertical_alignment="bottom")
    with stops:
        chosen = st.selectbox("Stop of the walk", titles, key=state.INSIDE_STOP, bind="query-params")
    index = titles.index(chosen) if chosen in titles else 0
    back.button(
        "Back", on_click=_go_to, args=(titles, index - 1), disabled=index == 0, shortcut="b", width="stretch"
    )
    forward.button(
        "Next step",
        on_click=_go_to,
        args=(titles, index + 1),
        disabled=index == len(titles) - 1,
        type="primary",
        shortcut="n",
        width="stretch",
    )
    return NAMES[index]


def _go_to(titles: list[str], index: int) -> None:
    st.session_state[state.INSIDE_STOP] = titles[index]


def _choose_layer_and_head(model: ModelInfo, columns: Sequence[DeltaGenerator]) -> tuple[int, int]:
    with columns[0]:
        layer = number_slider("Layer", 1, model.num_layers, text.DEFAULT_LAYER, state.INSIDE_LAYER)
    with columns[1]:
        head = number_slider("Head", 1, model.num_heads, text.DEFAULT_HEAD, state.INSIDE_HEAD)
    return layer - 1, head - 1


def _choose_token(picture: Picture, column: DeltaGenerator, row: DeltaGenerator) -> None:
    count = len(picture.tokens)
    token = min(read_control(state.INSIDE_TOKEN, text.DEFAULT_TOKEN), count) - 1
    with column:
        number_slider("Token", 1, count, text.DEFAULT_TOKEN, state.INSIDE_TOKEN, on_change=_bring_into_view)
    if count <= MAX_STRIP:
        with row:
            token_strip(
                [StripToken(name) for name in picture.tokens],
                label="The token to follow",
                key=state.INSIDE_STRIP,
                selected={token},
                select="one",
                on_click=_follow,
            )


def _follow(token: int) -> None:
    st.session_state[state.INSIDE_TOKEN] = token + 1
    _bring_into_view()


def _bring_into_view() -> None:
    """Move the window of tokens so that the followed one is in it."""
    token = int(st.session_state[state.INSIDE_TOKEN])
    st.session_state[state.INSIDE_FROM_TOKEN] = max(1, token - MAX_TOKENS // 2)


def _pick(axis: str, index: int) -> None:
    if axis == "token":
        _follow(index)
    elif axis == "head":
        st.session_state[state.INSIDE_HEAD] = index + 1


def _move(axis: str, first: int) -> None:
    key = state.INSIDE_FROM_DIMENSION if axis == "dimension" else state.INSIDE_FROM_TOKEN
    st.session_state[key] = max(1, first + 1)


def _choose_window(picture: Picture) -> None:
    """Sliders for what is on screen, where the whole is larger than that."""
    tokens, dimensions = _whole(picture, ("token", "position")), _whole(picture, ("dimension",))
    with st.container(horizontal=True, gap="medium"):
        if tokens > MAX_TOKENS:
            with st.container(width=300):
                label = "Show places from" if _whole(picture, ("position",)) else "Show tokens from"
                number_slider(label, 1, tokens, 1, state.INSIDE_FROM_TOKEN)
        if dimensions > MAX_DIMENSIONS:
            with st.container(width=300):
                number_slider("Show dimensions from", 1, dimensions, 1, state.INSIDE_FROM_DIMENSION)


def _whole(picture: Picture, axes: tuple[str, ...]) -> int:
    """The size of the largest axis of one of these kinds."""
    sizes = [
        matrix.shape[side] for matrix in picture.matrices for side in (0, 1) if matrix.axes[side] in axes
    ]
    return max(sizes, default=0)
