"""Figures of the page Layers as a film."""

from hashlib import sha256

import streamlit as st

from bert_explorer.plots.layer_film import plot_film, plot_movement
from bert_explorer.plots.point_cloud import make_film_cloud
from bert_explorer.results import LayerFilm
from bert_explorer.ui import state
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.components.point_cloud import point_cloud
from bert_explorer.ui.downloads import (
    figure_html,
    figure_key,
    show_figure,
    show_figure_downloads,
    show_picture_downloads,
    show_table_download,
)
from bert_explorer.ui.selections import show_selected

FIGURE = "layer-film"


def show_film(film: LayerFilm, texts: TextCollection, model: str) -> list[int]:
    """The film, how much moves, and the table; returns the selected texts, or all."""
    rows = show_stage(film, texts, name=FIGURE)
    show_figure(plot_movement(film), "movement", alt="How much the picture changes from layer to layer")
    table = {
        "Layer": list(film.layers),
        "Variance kept": [f"{share:.0%}" for share in film.shares],
        "Disparity to the layer before": [round(value, 3) for value in film.disparities],
    }
    with st.expander("The same as a table"):
        st.dataframe(table, hide_index=True, height="content")
    return show_selected(texts.texts, texts.labels, rows, model, key=f"film-table-{film_key(film)}")


def show_stage(film: LayerFilm, texts: TextCollection, *, name: str) -> list[int]:
    """The film alone; returns the texts selected in it."""
    with st.container(key=figure_key(name)):
        return point_cloud(
            make_film_cloud(film, texts.texts, texts.labels),
            key=f"{name}-{film_key(film)}",
            figure=name,
            label=f"{len(texts.texts)} texts moving through {len(film.layers)} layers",
            moment=_first_moment(film),
            on_stop=lambda moment: _stand(film, moment),
        )


def film_key(film: LayerFilm) -> str:
    """Changes with the numbers, so that a selection never outlives its points."""
    return sha256(film.coordinates.tobytes()).hexdigest()[:8]


def _first_moment(film: LayerFilm) -> int:
    """The layer that the link names, or the first one."""
    names = [str(layer) for layer in film.layers]
    asked = st.query_params.get(state.FILM_MOMENT)
    return names.index(asked) if asked in names else 0


def _stand(film: LayerFilm, moment: int) -> None:
    """The link names the layer at which the film stands."""
    st.query_params[state.FILM_MOMENT] = str(film.layers[moment])


def show_film_files(film: LayerFilm, texts: TextCollection, rows: list[int]) -> None:
    show_stage_files(film, texts, rows, name=FIGURE)
    st.markdown("How much the picture changes")
    show_figure_downloads(plot_movement(film), "movement")


def show_stage_files(film: LayerFilm, texts: TextCollection, rows: list[int], *, name: str) -> None:
    show_picture_downloads(name, lambda: figure_html(plot_film(film, texts.texts, texts.labels)))
    header = ("layer", "row", "text", "label", "x", "y", "z")
    show_table_download(name, header, lambda: film_rows(film, texts, rows))
    st.caption(
        "The HTML file plays the film without internet; PNG and SVG hold the layer that you see. The table "
        f"holds {len(rows):,} texts in every layer: what is selected, or all."
    )


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
