"""The pages of the group Embeddings with a second model: maps, films, word senses, similarity, probes."""

import numpy as np
import streamlit as st

from bert_explorer.results import Capability, LayerFilm, ModelInfo, ProbeReport
from bert_explorer.ui.answers import answer, is_remembered, long_answer, remember
from bert_explorer.ui.beside import second_model, show_compared
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.downloads import table_columns
from bert_explorer.ui.embedding_inputs import Asked
from bert_explorer.ui.embedding_questions import FilmQuestion, SensesQuestion, TextsQuestion
from bert_explorer.ui.guard import guard
from bert_explorer.ui.probe_views import HEADER as PROBE_HEADER
from bert_explorer.ui.probe_views import PAGE as PROBES
from bert_explorer.ui.probe_views import ProbeQuestion, find_report, probe_rows
from bert_explorer.ui.similarity_views import (
    NUM_PAIRS,
    SimilarityMatrix,
    make_matrix,
    pair_rows,
    show_matrix_download,
)
from bert_explorer.ui.texts import beside as text

READING = "Reading beside"
FILM = "layer-film-beside"
SENSES_HEADER = ("layer", "accuracy", "silhouette")
PAIRS_HEADER = ("cosine", "row", "column", "first", "second")
CHANGES_HEADER = ("second minus first", "cosine before", "cosine beside", "row", "column", "first", "second")
DISPARITIES_HEADER = ("layer", "disparity")
DIFFERENCES_HEADER = ("layer", "first", "second", "second minus first")


def show_map_beside(model: ModelInfo, asked: Asked) -> None:
    """The other model's map of the same texts. Each map has axes of its own."""
    from bert_explorer.analysis.maps import HEADER, draw_map, map_rows
    from bert_explorer.plots.embeddings import plot_projection
    from bert_explorer.ui.embedding_views import printed_items, show_quality

    question = asked.question
    if question is None:
        return
    with guard():
        other = second_model(model, Capability.EMBEDDINGS)
        if other is None:
            return
        found = long_answer("embeddings beside", other.ref, question, READING)
        if found is None:
            return
        key = (other.ref, question, asked.labels, asked.drawing)
        points = remember("projection beside", key, lambda: draw_map(found, asked.labels, asked.drawing))
        figure = plot_projection(points.projection, printed_items(points), points.labels)
        rows = list(map_rows(points, list(range(len(points.embeddings.items)))))
        show_compared(figure, "embeddings-beside", HEADER, rows)
        show_quality(points, key="quality-beside")


def show_senses_beside(model: ModelInfo, question: SensesQuestion) -> None:
    """The other model's curve, and the best layer of it."""
    from bert_explorer.plots.senses import plot_senses

    with guard():
        other = second_model(model, Capability.EMBEDDINGS)
        senses = None if other is None else answer("word senses beside", other.ref, question)
        if senses is None:
            return
        best = int(senses.accuracies.argmax())
        rows = [
            (layer, round(float(accuracy), 4), round(float(silhouette), 4))
            for layer, accuracy, silhouette in zip(
                senses.film.layers, senses.accuracies, senses.silhouettes, strict=True
            )
        ]
        show_compared(plot_senses(senses), "word-senses-beside", SENSES_HEADER, rows)
        st.markdown(f"**Best in layer {senses.film.layers[best]}: {senses.accuracies[best]:.0%}**.")


def show_similarity_beside(
    model: ModelInfo, question: TextsQuestion, matrix: SimilarityMatrix, *, centre: bool
) -> None:
    """The other model's cosines of the same sentences, and where they differ."""
    from bert_explorer.plots.similarity import plot_differences, plot_similarities

    with guard():
        other = second_model(model, Capability.EMBEDDINGS)
        found = None if other is None else long_answer("similarity beside", other.ref, question, READING)
        if found is None:
            return
        second = make_matrix(matrix.sentences, found, centre=centre)
        names = (matrix.sentences.rows, matrix.columns)
        figure = plot_similarities(second.cosines, *names)
        with show_compared(figure, "similarity-beside", PAIRS_HEADER, pair_rows(second, second.pairs)):
            show_matrix_download("similarity-beside-matrix", *names, second.cosines)
        st.markdown(text.DIFFERENCE)
        changes = second.cosines - matrix.cosines
        figure, rows = plot_differences(changes, *names), change_rows(matrix, second)
        name = "similarity-difference"
        with show_compared(figure, name, CHANGES_HEADER, rows, alt=text.SIMILARITY_ALT):
            show_matrix_download(f"{name}-matrix", *names, changes)
        st.caption(text.CHANGED_MOST)


def change_rows(first: SimilarityMatrix, second: SimilarityMatrix) -> list[tuple[object, ...]]:
    """The pairs whose cosine differs most; rows and columns count from 1."""
    from bert_explorer.analysis.similarity import most_alike

    change = second.cosines - first.cosines
    same = first.sentences.columns is None
    found = []
    for i, j in most_alike(np.abs(change), NUM_PAIRS, same=same):
        values = (change[i, j], first.cosines[i, j], second.cosines[i, j])
        place = (i + 1, j + 1, first.sentences.rows[i], first.columns[j])
        found.append((*(round(float(value), 4) for value in values), *place))
    return found


def show_film_beside(
    model: ModelInfo, question: FilmQuestion, film: LayerFilm, texts: TextCollection
) -> None:
    """The other model's film, turned onto this one layer by layer, and how far the two are apart."""
    from bert_explorer.analysis.layer_film import turn_onto
    from bert_explorer.plots.layer_film import plot_layer_disparities
    from bert_explorer.ui.film_views import show_stage, show_stage_files

    with guard():
        other = second_model(model, Capability.EMBEDDINGS)
        second = None if other is None else long_answer("layer film beside", other.ref, question, READING)
        if second is None:
            return
        disparities: tuple[float, ...] = ()
        if second.layers == film.layers:
            second, disparities = turn_onto(film, second)
        rows = show_stage(second, texts, name=FILM)
        with st.expander(text.FILES):
            show_stage_files(second, texts, rows or list(range(len(texts.texts))), name=FILM)
        if not disparities:
            st.caption(text.OTHER_LAYERS.format(first=len(film.layers) - 1, second=len(second.layers) - 1))
            return
        st.caption(text.TURNED)
        figure = plot_layer_disparities(film.layers, disparities)
        by_layer = [(layer, round(value, 4)) for layer, value in zip(film.layers, disparities, strict=True)]
        show_compared(figure, "film-disparities", DISPARITIES_HEADER, by_layer, alt=text.DISPARITY_ALT)


def show_probes_beside(model: ModelInfo, question: ProbeQuestion, report: ProbeReport) -> None:
    """The other model's curves, and both models' figures layer by layer."""
    from bert_explorer.plots.probes import plot_probes

    with guard():
        other = second_model(model, Capability.EMBEDDINGS)
        started = is_remembered(PROBES, (model.ref, question))  # by the reader, and so for both
        if other is None:
            return
        found = find_report(
            other.ref, question, page="probes beside", label="Probing beside", is_wanted=started
        )
        if found is None:
            return
        show_compared(plot_probes(found), "probes-beside", PROBE_HEADER, probe_rows(found))
        if len(found.hits) != len(report.hits) or found.num_test != report.num_test:
            st.caption(text.OTHER_ROWS)
            return
        rows = difference_rows(report, found)
        st.dataframe(table_columns(DIFFERENCES_HEADER, rows), hide_index=True, height="content")


def difference_rows(first: ProbeReport, second: ProbeReport) -> list[tuple[object, ...]]:
    """Accuracies of both models, one row a layer."""
    count = first.num_test
    return [
        (layer, f"{one / count:.1%}", f"{other / count:.1%}", f"{100 * (other - one) / count:+.1f} points")
        for layer, (one, other) in enumerate(zip(first.hits, second.hits, strict=True))
    ]
