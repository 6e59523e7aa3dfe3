"""Figures of the page Layers as a film."""

import streamlit as st

from bert_explorer.plots.layer_film import plot_film, plot_movement
from bert_explorer.results import LayerFilm
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.selections import show_attention_link, show_rows
from bert_explorer.ui.texts import layer_film

FIGURE = "layer-film"


def show_film(film: LayerFilm, texts: TextCollection, model: str) -> list[int]:
    """The film, how much moves, and the table; returns the selected texts, or all."""
    figure = plot_film(film, texts.texts, texts.labels)
    show_figure(figure, FIGURE, alt=f"{len(texts.texts)} texts moving through {len(film.layers)} layers")
    show_figure(plot_movement(film), "movement", alt="How much the picture changes from layer to layer")
    table = {
        "Layer": list(film.layers),
        "Variance kept": [f"{share:.0%}" for share in film.shares],
        "Disparity to the layer before": [round(value, 3) for value in film.disparities],
    }
    with st.expander("The same as a table"):
        st.dataframe(table, hide_index=True, height="content")
    rows = list(range(len(texts.texts)))
    columns: dict[str, list[object]] = {"Row": [row + 1 for row in rows]}
    if texts.labels is not None:
        columns["Label"] = list(texts.labels)
    columns["Text"] = list(texts.texts)
    st.markdown(layer_film.SELECTING)
    ticked = show_rows(columns, rows, key=f"film-table-{len(rows)}")
    if len(ticked) == 1:
        show_attention_link(texts.texts[ticked[0]], model)
    return ticked or rows


def show_film_files(film: LayerFilm, texts: TextCollection, rows: list[int]) -> None:
    show_figure_downloads(plot_film(film, texts.texts, texts.labels), FIGURE)
    header = ("layer", "row", "text", "label", "x", "y", "z")
    show_table_download(FIGURE, header, lambda: film_rows(film, texts, rows))
    st.caption("The HTML file plays the film without internet; PNG and SVG hold the frame that you see.")


def film_rows(film: LayerFilm, texts: TextCollection, rows: list[int]) -> list[tuple[object, ...]]:
    """One row a layer and text; texts count from 1, ``z`` is empty in two dimensions."""
    labels = texts.labels or ("",) * len(texts.texts)
    found: list[tuple[object, ...]] = []
    for index, layer in enumerate(film.layers):
        for row in rows:
            place = [f"{value:.6g}" for value in film.coordinates[index, row]]
            place += [""] * (3 - len(place))
            found.append((layer, row + 1, texts.texts[row], labels[row], *place))
    return found
