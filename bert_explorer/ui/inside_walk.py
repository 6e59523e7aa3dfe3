"""The guided walk of the page Inside: controls that are always at hand, and the stop that they lead to."""

import re
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bert_explorer.errors import CapabilityError
from bert_explorer.models.part_requests import check_part
from bert_explorer.plots.labels import format_token
from bert_explorer.plots.matrices import MAX_DIMENSIONS, MAX_TOKENS, Picture, picture_csv, picture_html
from bert_explorer.results import ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.components.matrix_view import matrix_view
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.inputs import number_slider
from bert_explorer.ui.inside_question import StopQuestion
from bert_explorer.ui.texts import inside as text

NAMES = tuple(text.STOPS)
MAX_STRIP = 80  # tokens that stand in a row to be clicked; longer texts have the slider
COLOURS = {  # role -> light, dark; each with a contrast of at least 4.5 to 1
    "x": ("#4d5663", "#b9c1cb"),
    "e": ("#6b4fb3", "#b6a2f2"),
    "p": ("#00696f", "#4fc4cc"),
    "s": ("#7a5200", "#f2b93b"),
    "w": ("#4d5663", "#b9c1cb"),
    "q": ("#0067a3", "#4aa3df"),
    "k": ("#ad4a00", "#f0803c"),
    "v": ("#00704f", "#2fc39a"),
    "a": ("#9c3d76", "#e39ac4"),
    "z": ("#5a4fcf", "#a79bff"),
    "o": ("#8a3b12", "#e7a17a"),
    "u": ("#00696f", "#4fc4cc"),
    "t": ("#0067a3", "#4aa3df"),
}
_SYMBOL = re.compile(r"«(\w)\|(.*?)»")


def colour_formula(formula: str, *, dark: bool) -> str:
    """``«q|q_i»`` becomes the symbol in the colour of its role."""
    return _SYMBOL.sub(lambda found: rf"\textcolor{{{COLOURS[found[1]][dark]}}}{{{found[2]}}}", formula)


def stop_formula(name: str, family: str) -> str:
    """The stop's formula in a family, its symbols not coloured yet."""
    return text.FORMULAS.get(family, {}).get(name, text.STOPS[name].formula)


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
        _show_sentence(name)
        with guard():
            picture = _ask(model, question)
            if picture is not None:
                _show_stop(model, name, picture)
                _choose_token(picture, sliders[2], strip)
                _show_below(model, question, picture)


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


def _show_sentence(name: str) -> None:
    stop = text.STOPS[name]
    st.subheader(stop.title, anchor=False)
    st.markdown(stop.sentence)


def _show_stop(model: ModelInfo, name: str, picture: Picture) -> None:
    dark = st.context.theme.type == "dark"
    formula = stop_formula(name, model.family)
    if not picture.activation.startswith("gelu"):
        formula = formula.replace(r"\operatorname{GELU}", rf"\operatorname{{{picture.activation}}}")
    st.latex(colour_formula(formula, dark=dark))
    matrix_view(
        picture,
        colours={role: pair[dark] for role, pair in COLOURS.items()},
        theme="dark" if dark else "light",
        name=f"inside-{name}",
        key=state.INSIDE_MATRICES,
        on_pick=_pick,
        on_move=_move,
    )
    _choose_window(picture)
    stop = text.STOPS[name]
    st.markdown(f"{escape_markdown(picture.note)} {_checked(picture.difference)}")
    st.markdown(f"**Try this.** {stop.attempt}")
    st.caption(f"In the papers: {stop.source}.")


def _checked(difference: float) -> str:
    """A stored picture keeps four decimals, and so only knows that the difference is smaller."""
    shown = f"{difference:.7f}" if difference > 0 else "less than 0.0001"
    return text.CHECKED.format(difference=shown)


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


def _show_below(model: ModelInfo, question: StopQuestion, picture: Picture) -> None:
    if st.toggle("Show the same numbers as tables", key=state.INSIDE_TABLES, bind="query-params"):
        _show_tables(picture)
    show_explanation(
        text.EXPLANATION, code=question.code(model.ref), downloads=lambda: _show_files(question, picture)
    )


def _show_tables(picture: Picture) -> None:
    """Drawn on demand alone: five grids take longer than everything else on the page."""
    for matrix in picture.matrices:
        st.caption(escape_markdown(f"{matrix.symbol}: {matrix.title}"))
        table = {"": list(matrix.rows)} | {
            f"{i + 1}. {format_token(name)}": [float(value) for value in matrix.values[:, i]]
            for i, name in enumerate(matrix.columns)
        }
        st.dataframe(table, hide_index=True, height="content")


def _show_files(question: StopQuestion, picture: Picture) -> None:
    stop = text.STOPS[question.stop]
    name = f"inside-{question.stop}"
    st.caption("The buttons under the picture save it as PNG and SVG.")
    with st.container(horizontal=True):
        st.download_button(
            "Figure (HTML)",
            lambda: picture_html(picture, stop.title, stop.sentence),
            file_name=f"{name}.html",
            mime="text/html",
            on_click="ignore",
            key=f"html-{name}",
        )
        st.download_button(
            "Table (CSV)",
            lambda: picture_csv(picture),
            file_name=f"{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"csv-{name}",
        )
