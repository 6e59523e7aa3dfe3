"""Draws explanations of one prediction: coloured text, bars, table, agreement; and their test."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import streamlit as st

from bert_explorer.analysis.attention_words import Units
from bert_explorer.analysis.attributions import TOLERANCE, ranked_units, units_of
from bert_explorer.analysis.classification import gives_number
from bert_explorer.analysis.faithfulness import areas
from bert_explorer.plots.labels import format_token
from bert_explorer.results import Attributions, FaithfulnessCurves, FloatArray, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.attention_summaries import show_agreement
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import explain as text

NAME = "explanation"
CURVES = "faithfulness"
CURVE_HEADER = ("method", "way", "share of words", "likelihood")


def show_attributions(found: Attributions, model: ModelInfo) -> Callable[[], None]:
    """Everything about one prediction; returns what draws the download buttons."""
    from bert_explorer.plots.attention_summaries import plot_scores

    units = units_of(found)
    kept = ranked_units(found.tokens, units, model.mask_token)
    scores = {method: found.scores[found.methods.index(method)] for method in text.METHODS}
    st.markdown(describe(found, model))
    if found.completeness_error > TOLERANCE and found.gap > TOLERANCE:
        st.warning("Integrated gradients did not get complete to 1 % here: read them with care.")
    method = _ask_method()
    token_strip(
        strip_tokens(units, scores, kept, method),
        label=text.STRIP_LABEL,
        key=state.EXPLAIN_STRIP,
        select="none",
    )
    rows = np.stack(list(scores.values()))
    titles = list(text.METHODS.values())
    figure = plot_scores([units.names[i] for i in kept], rows[:, kept], titles)
    show_figure(figure, NAME, alt="Scores of the words by four methods")
    st.caption("Special tokens and masks are left out of the figure; they are in the table.")
    show_agreement(rows[:, kept], list(text.SHORT_METHODS.values()))
    with st.expander("The same as a table"):
        st.dataframe(_table(units, scores), hide_index=True)

    def files() -> None:
        show_figure_downloads(figure, NAME)
        show_table_download(NAME, ("word", *scores), lambda: zip(units.names, *rows.tolist(), strict=True))

    return files


def describe(found: Attributions, model: ModelInfo) -> str:
    """What is predicted, how surely, and how complete integrated gradients are. Markdown."""
    name = escape_markdown(found.name)
    if gives_number(model):
        said = f"The model says **{found.likelihood:.3f}**."
    else:
        said = f"Prediction: **{name}**, probability {found.likelihood:.1%} ({found.evidence:+.2f} nats)."
    return (
        f"{said} Integrated gradients add up to {found.scores[1].sum():+.2f}, what the words bring against "
        f"an empty text; they miss {found.completeness_error:.1%} of it after {found.num_points} points."
    )


def _ask_method() -> str:
    chosen = choice("Colour by", tuple(text.METHODS.values()), state.EXPLAIN_METHOD, width="content")
    return next(method for method, title in text.METHODS.items() if title == chosen)


def strip_tokens(
    units: Units, scores: dict[str, FloatArray], kept: Sequence[int], method: str
) -> list[StripToken]:
    """The words in the colours of one method, with the scores of all when pointed at."""
    largest = max((abs(float(scores[method][i])) for i in kept), default=0.0) or 1.0
    return [
        StripToken(
            format_token(name),
            value=float(np.clip(scores[method][i] / largest, -1, 1)) if i in kept else None,
            number=f"{scores[method][i]:.2f}" if i in kept else "",
            lines=tuple(f"{text.METHODS[key]}: {row[i]:.3f}" for key, row in scores.items()),
            kind="" if i in kept else "special",
        )
        for i, name in enumerate(units.names)
    ]


def _table(units: Units, scores: dict[str, FloatArray]) -> dict[str, list[object]]:
    table: dict[str, list[object]] = {
        "Place": list(range(1, len(units) + 1)),
        "Word": [format_token(name) for name in units.names],
    }
    for method, row in scores.items():
        table[text.METHODS[method]] = [round(float(value), 4) for value in row]
    return table


def show_curves(curves: FaithfulnessCurves) -> Callable[[], None]:
    """Both figures and the areas; returns what draws the download buttons."""
    from bert_explorer.plots.explanations import plot_curves

    st.markdown(judge_curves(curves))
    figure = plot_curves(curves, text.METHODS)
    show_figure(figure, CURVES, alt="Likelihood while words are hidden, and shown, by method")
    st.markdown("**Areas under the curves**")
    st.dataframe(areas_table(curves), hide_index=True, height="content")

    def files() -> None:
        show_figure_downloads(figure, CURVES)
        show_table_download(CURVES, CURVE_HEADER, lambda: curve_rows(curves))

    return files


def judge_curves(curves: FaithfulnessCurves) -> str:
    """Which methods beat every random order, on either side. Markdown."""
    falls, rises = areas(curves.shares, curves.deletion), areas(curves.shares, curves.insertion)
    lowest = areas(curves.shares, curves.random_deletion).min()
    highest = areas(curves.shares, curves.random_insertion).max()
    both = [
        text.METHODS[method]
        for method, fall, rise in zip(curves.methods, falls, rises, strict=True)
        if fall < lowest and rise > highest
    ]
    if not both:
        return "On this text **no method** beats all random orders on both sides."
    return f"On this text these beat all random orders on both sides: **{', '.join(both)}**."


def areas_table(curves: FaithfulnessCurves) -> dict[str, list[object]]:
    """A row a method, and one for chance with its range."""
    table: dict[str, list[object]] = {"Order": [*(text.METHODS[m] for m in curves.methods), "random, mean"]}
    chance = {"hidden": curves.random_deletion, "shown": curves.random_insertion}
    ways = {"hidden": curves.deletion, "shown": curves.insertion}
    for name, rows in ways.items():
        drawn = areas(curves.shares, chance[name])
        values = [*areas(curves.shares, rows).tolist(), float(drawn.mean())]
        table[f"Words {name}"] = [round(value, 3) for value in values]
        table[f"Range, {name}"] = [*[""] * len(rows), f"{drawn.min():.3f} to {drawn.max():.3f}"]
    return table


def curve_rows(curves: FaithfulnessCurves) -> Iterator[tuple[object, ...]]:
    """Rows of CURVE_HEADER; random orders are numbered from 1."""
    for way, rows, chance in (
        ("hidden", curves.deletion, curves.random_deletion),
        ("shown", curves.insertion, curves.random_insertion),
    ):
        names = [*curves.methods, *(f"random {i + 1}" for i in range(len(chance)))]
        for name, row in zip(names, [*rows, *chance], strict=True):
            for share, value in zip(curves.shares.tolist(), row.tolist(), strict=True):
                yield name, way, round(share, 4), round(value, 6)
