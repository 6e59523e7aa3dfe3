"""Draws answers of the page Heads switched off: words, classes and pseudo-perplexity, with and without."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.results import HeadsComparison, ModelInfo
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download

HEADER = ("what", "name", "with all heads", "without")
MAX_CLASSES = 20


@dataclass(frozen=True)
class Beside:
    """One figure: what it is about, and for each name its probability with all heads and without some."""

    key: str
    title: str
    names: tuple[str, ...]
    whole: tuple[float, ...]
    without: tuple[float, ...]


def collect_figures(answer: HeadsComparison, model: ModelInfo) -> list[Beside]:
    """One for each mask, and one for the classes."""
    figures = []
    whole, without = answer.whole, answer.without
    if whole.words is not None and without.words is not None:
        pairs = list(zip(whole.words.masks, without.words.masks, strict=True))
        for number, (before, after) in enumerate(pairs, start=1):
            title = "Words at the mask" if len(pairs) == 1 else f"Words at mask {number}"
            names = tuple(format_token(word.token) for word in before.targets)
            values = [tuple(word.probability for word in mask.targets) for mask in (before, after)]
            figures.append(Beside(f"mask-{number}", title, names, *values))
    if whole.probabilities is not None and without.probabilities is not None:
        order = whole.probabilities.argsort()[::-1][:MAX_CLASSES]
        names = tuple(model.labels[i] for i in order)
        values = [tuple(item[order].tolist()) for item in (whole.probabilities, without.probabilities)]
        figures.append(Beside("classes", "Classes of the text", names, *values))
    return figures


def show_comparison(answer: HeadsComparison, model: ModelInfo) -> Callable[[], None]:
    """Draw everything that the model says; returns what draws the download buttons."""
    _show_perplexity(answer)
    figures = collect_figures(answer, model)
    for item in figures:
        _show_beside(item)
    if not figures:
        st.caption("Put [MASK] in the place of a word to see what the model would write there.")
    return lambda: _show_files(answer, figures)


def _show_perplexity(answer: HeadsComparison) -> None:
    before, after = answer.whole.perplexity, answer.without.perplexity
    if before is None or after is None:
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("Pseudo-perplexity, all heads", f"{before:,.2f}", width="content")
        count = len(answer.without.ablated)
        name = "one head" if count == 1 else f"{count} heads"
        change = f"{after / before - 1:+.1%}"
        st.metric(f"Without {name}", f"{after:,.2f}", change, delta_color="inverse", width="content")


def _show_beside(item: Beside) -> None:
    from bert_explorer.plots.ablation import plot_beside

    st.subheader(item.title, anchor=False)
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"{item.title}: probabilities of {len(item.names)} with all heads and without some"
        show_figure(plot_beside(item.names, item.whole, item.without), item.key, alt=alt)
    with table_column:
        rows = {
            "Name": list(item.names),
            "All heads": [100 * value for value in item.whole],
            "Without": [100 * value for value in item.without],
            "Change": [
                100 * (after - before) for before, after in zip(item.whole, item.without, strict=True)
            ],
        }
        percent = st.column_config.NumberColumn(format="%.2f %%")
        columns = {"All heads": percent, "Without": percent}
        columns["Change"] = st.column_config.NumberColumn(format="%+.2f", help="Percentage points")
        st.dataframe(rows, hide_index=True, column_config=columns, height="content")


def _show_files(answer: HeadsComparison, figures: list[Beside]) -> None:
    from bert_explorer.plots.ablation import plot_beside

    for item in figures:
        if len(figures) > 1:
            st.markdown(f"**{item.title}**")
        show_figure_downloads(plot_beside(item.names, item.whole, item.without), item.key)
    show_table_download("without-heads", HEADER, lambda: comparison_rows(answer, figures))


def comparison_rows(answer: HeadsComparison, figures: list[Beside]) -> Iterator[tuple[object, ...]]:
    if answer.whole.perplexity is not None:
        yield "pseudo-perplexity", "", answer.whole.perplexity, answer.without.perplexity
    for item in figures:
        for name, before, after in zip(item.names, item.whole, item.without, strict=True):
            yield item.title, name, before, after
