"""Draws the closer looks of the page Masked words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.results import LayerGuess
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown

if TYPE_CHECKING:
    from bert_explorer.analysis.joint_words import JointAnswer

FILLINGS, LAYERS = "fillings", "layers"


def show_fillings(answer: "JointAnswer") -> None:
    """The fillings as points and as a table, beside the independent guesses."""
    from bert_explorer.plots.mask_views import format_filling, plot_fillings

    if not answer.found:
        st.info("No filling was found that could be written out: the likeliest tokens are pieces of words.")
        return
    best, alone = escape_markdown(format_filling(answer.found[0])), answer.independent
    if answer.found[0].words == alone.words:
        st.markdown(f"The best filling found is **{best}**: the same as each mask's own best word.")
    else:
        gain = answer.found[0].log_probability - alone.log_probability
        st.markdown(
            f"The best filling found is **{best}**. Each mask's own best words, "
            f"**{escape_markdown(format_filling(alone))}**, score {gain:.2f} lower together."
        )
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"Joint scores of {len(answer.found)} fillings and of the independent guesses"
        show_figure(plot_fillings(answer), FILLINGS, alt=alt)
    with table_column:
        items = [*answer.found, alone]
        rows = {
            "Filling": [format_filling(item) for item in items],
            "Joint score": [item.log_probability for item in items],
            "How": ["together"] * len(answer.found) + ["each alone"],
        }
        columns = {"Joint score": st.column_config.NumberColumn(format="%.3f")}
        st.dataframe(rows, hide_index=True, column_config=columns, height="content")


def show_fillings_files(answer: "JointAnswer") -> None:
    from bert_explorer.plots.mask_views import plot_fillings

    show_figure_downloads(plot_fillings(answer), FILLINGS)
    header = ("found", "words", "joint log-likelihood", "log-probability of each")
    kinds = ["together"] * len(answer.found) + ["each alone"]
    items = zip(kinds, [*answer.found, answer.independent], strict=True)
    rows = [(kind, " ".join(item.words), item.log_probability, *item.each) for kind, item in items]
    show_table_download(FILLINGS, header, lambda: rows)


def show_layers(layers: Sequence[LayerGuess]) -> None:
    """The rank of the final answer through the layers, and each layer's first guesses."""
    from bert_explorer.plots.mask_views import plot_layer_ranks

    final = escape_markdown(format_token(layers[-1].final.token))
    first = next(item.layer for item in layers if item.final.rank == 1)
    st.markdown(f"The final answer **{final}** takes the first place in layer {first} of {len(layers) - 1}.")
    figure_column, table_column = st.columns([1, 1], gap="medium")
    with figure_column:
        alt = f"Rank of the final answer in each of {len(layers)} layers"
        show_figure(plot_layer_ranks(layers), LAYERS, alt=alt)
    with table_column:
        rows = {
            "Layer": [item.layer for item in layers],
            "First guesses": [", ".join(format_token(word.token) for word in item.best) for item in layers],
            "Rank": [item.final.rank for item in layers],
            "Probability": [100 * item.final.probability for item in layers],
        }
        columns = {
            "Layer": st.column_config.NumberColumn(width=60),
            "Rank": st.column_config.NumberColumn(format="localized", width=70),
            "Probability": st.column_config.NumberColumn(format="%.2f %%", width=90),
        }
        st.dataframe(rows, hide_index=True, column_config=columns, height="content")


def show_layers_files(layers: Sequence[LayerGuess]) -> None:
    from bert_explorer.plots.mask_views import plot_layer_ranks

    show_figure_downloads(plot_layer_ranks(layers), LAYERS)
    header = ("layer", "guess", "probability", "rank")
    rows = [
        (item.layer, word.token, word.probability, word.rank)
        for item in layers
        for word in (*item.best, item.final)
    ]
    show_table_download(LAYERS, header, lambda: rows)
