"""One stop of the walk on the page: its words, its formula, its picture, and what stands below."""

import re

import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.plots.matrices import Picture, picture_csv, picture_html
from bert_explorer.results import ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.components.matrix_view import Heard, matrix_view
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inside_question import StopQuestion
from bert_explorer.ui.texts import inside as text
from bert_explorer.ui.texts.inside import Stop
from bert_explorer.ui.texts.inside_families import FAMILY_STOPS, FINAL_NORM, PROJECTED

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


def stop_of(name: str, model: ModelInfo, layer: int, picture: Picture | None = None) -> Stop:
    """The stop's words and formula, as they are true for this family, layer (from 0) and picture."""
    if name == "sum" and picture is not None and any(matrix.symbol == "h′" for matrix in picture.matrices):
        return PROJECTED
    if name == "next" and model.family == "modernbert" and layer == model.num_layers - 1:
        return FINAL_NORM
    return FAMILY_STOPS.get(model.family, {}).get(name, text.STOPS[name])


def show_sentence(stop: Stop) -> None:
    st.subheader(stop.title, anchor=False)
    st.markdown(stop.sentence)


def show_picture(
    stop: Stop,
    name: str,
    picture: Picture,
    *,
    key: str = state.INSIDE_MATRICES,
    on_pick: Heard,
    on_move: Heard,
) -> None:
    """The formula, and the matrices in the colours of its symbols."""
    dark = st.context.theme.type == "dark"
    formula = stop.formula
    if not picture.activation.startswith("gelu"):
        formula = formula.replace(r"\operatorname{GELU}", rf"\operatorname{{{picture.activation}}}")
    st.latex(colour_formula(formula, dark=dark))
    matrix_view(
        picture,
        colours={role: pair[dark] for role, pair in COLOURS.items()},
        theme="dark" if dark else "light",
        name=f"inside-{name}",
        key=key,
        on_pick=on_pick,
        on_move=on_move,
    )


def show_remarks(stop: Stop, picture: Picture) -> None:
    """What the numbers say here, how far they are from the model's, what to try, and the source."""
    st.markdown(f"{escape_markdown(picture.note)} {_checked(picture)}")
    st.markdown(f"**Try this.** {stop.attempt}")
    st.caption(f"In the papers: {stop.source}.")


def _checked(picture: Picture) -> str:
    """The difference from the model's numbers, as it stands and relative to them."""
    absolute = ""
    if picture.absolute is not None:
        absolute = text.CHECKED_ABSOLUTE.format(absolute=_shown(picture.absolute))
    return text.CHECKED.format(absolute=absolute, relative=_shown(picture.difference))


def _shown(difference: float) -> str:
    """A stored picture keeps four decimals, and so only knows that the difference is smaller."""
    return f"{difference:.7f}" if difference > 0 else "less than 0.0001"


def show_below(model: ModelInfo, question: StopQuestion, stop: Stop, picture: Picture) -> None:
    """Tables where asked for, the explanation, the code and the files."""
    if st.toggle("Show the same numbers as tables", key=state.INSIDE_TABLES, bind="query-params"):
        _show_tables(picture)
    show_explanation(
        text.EXPLANATION,
        code=question.code(model.ref),
        downloads=lambda: show_picture_files(question.stop, stop, picture),
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


def show_picture_files(name: str, stop: Stop, picture: Picture) -> None:
    """HTML and CSV; the picture has its own buttons for PNG and SVG."""
    name = f"inside-{name}"
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
