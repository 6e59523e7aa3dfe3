"""Inputs and figures of the page Similarity."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from bert_explorer.analysis.similarity import collection_mean, compute_similarities, most_alike
from bert_explorer.errors import InputError
from bert_explorer.plots.cells import cell_of_click
from bert_explorer.plots.similarity import plot_similarities
from bert_explorer.results import Embeddings
from bert_explorer.ui import state
from bert_explorer.ui.collections import parse_lines
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.inputs import lines_box
from bert_explorer.ui.selections import show_attention_link, show_rows
from bert_explorer.ui.texts import similarity as text

FIGURE = "similarity"
MAX_ROWS = 100
NUM_PAIRS = 100


@dataclass(frozen=True)
class Sentences:
    """Rows of the matrix and, if they differ, its columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...] | None

    @property
    def all(self) -> tuple[str, ...]:
        return self.rows + (self.columns or ())


@dataclass(frozen=True)
class SimilarityMatrix:
    """Cosines (num_rows, num_columns) of these sentences."""

    sentences: Sentences
    cosines: NDArray[np.float64]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.sentences.rows if self.sentences.columns is None else self.sentences.columns

    @property
    def key(self) -> str:
        """Changes with the numbers, so that a click never outlives the cell that it meant."""
        return sha256(self.cosines.tobytes()).hexdigest()[:8]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The most similar ones, (row, column), best first."""
        return most_alike(self.cosines, NUM_PAIRS, same=self.sentences.columns is None)


def ask_sentences() -> Sentences:
    """Two boxes, the second of which may stay empty. Raises InputError for too many or too few lines."""
    with st.form("similarity-form", border=False):
        left, right = st.columns([3, 2])
        with left:
            rows = lines_box("Sentences, one a line", text.SIMILARITY_TEXTS, state.SIMILAR_TEXTS, lines=8)
        with right:
            others = lines_box("Against these (optional)", "", state.SIMILAR_OTHERS, lines=8)
        st.form_submit_button("Compare", type="primary")
    sentences = Sentences(parse_lines(rows).texts, parse_lines(others).texts or None)
    if max(len(sentences.rows), len(sentences.columns or ())) > MAX_ROWS:
        raise InputError(
            f"There are {len(sentences.rows):,} sentences; a matrix of at most {MAX_ROWS} can be read. "
            "Use Search for a whole collection."
        )
    if not sentences.rows or len(sentences.all) < 2:
        raise InputError("There are fewer than two sentences. Give one a line.")
    return sentences


def make_matrix(sentences: Sentences, embeddings: Embeddings, *, centre: bool) -> SimilarityMatrix:
    """Cosines of the sentences' vectors, the mean of all of them subtracted where asked."""
    vectors = embeddings.vectors - collection_mean(embeddings.vectors, centre=centre)
    rows = vectors[: len(sentences.rows)]
    columns = rows if sentences.columns is None else vectors[len(sentences.rows) :]
    return SimilarityMatrix(sentences, compute_similarities(rows, columns))


def show_matrix(matrix: SimilarityMatrix, model: str) -> list[tuple[int, int]]:
    """The heat map and the most similar pairs, with a link to each; returns those ticked, or all listed."""
    rows, columns = matrix.sentences.rows, matrix.columns
    figure = plot_similarities(matrix.cosines, rows, columns)
    event = show_figure(
        figure,
        FIGURE,
        alt=f"Cosines of {len(rows)} sentences with {len(columns)}",
        chart_key=f"similarity-{matrix.key}",
        on_select="rerun",
        selection_mode="points",
    )
    _show_cell(matrix, cell_of_click(event.selection.points), model)
    pairs = matrix.pairs
    st.markdown("**The most similar pairs.** Tick one to open it in Attention, or several to download them.")
    table: dict[str, list[object]] = {
        "Cosine": [float(matrix.cosines[pair]) for pair in pairs],
        "First": [rows[row] for row, _ in pairs],
        "Second": [columns[column] for _, column in pairs],
    }
    ticked = show_rows(table, list(range(len(pairs))), key=f"pairs-{matrix.key}")
    if len(ticked) == 1:
        row, column = pairs[ticked[0]]
        show_attention_link(rows[row], model, pair=columns[column])
    return [pairs[line] for line in ticked] or pairs


def _show_cell(matrix: SimilarityMatrix, cell: tuple[int, int] | None, model: str) -> None:
    """The pair of a clicked cell; on the diagonal of a list with itself, the one sentence."""
    if cell is None:
        st.markdown("Click a cell to see its two sentences.")
        return
    row, column = cell
    first, second = matrix.sentences.rows[row], matrix.columns[column]
    with st.container(border=True):
        st.markdown(f"**Cosine {matrix.cosines[cell]:.3f}** of sentences {row + 1} and {column + 1}:")
        st.text(first)
        st.text(second)
        same = matrix.sentences.columns is None and row == column
        show_attention_link(first, model, pair=None if same else second)


def show_matrix_files(matrix: SimilarityMatrix, pairs: list[tuple[int, int]]) -> None:
    rows, columns = matrix.sentences.rows, matrix.columns
    show_figure_downloads(plot_similarities(matrix.cosines, rows, columns), FIGURE)
    with st.container(horizontal=True):
        show_matrix_download(FIGURE, rows, columns, matrix.cosines)
        header = ("cosine", "row", "column", "first", "second")
        show_table_download("pairs", header, lambda: pair_rows(matrix, pairs), label="Pairs (CSV)")
    st.caption(f"The file of pairs holds {len(pairs)}: what is ticked, or all in the table.")


def show_matrix_download(
    name: str, rows: Sequence[str], columns: Sequence[str], values: NDArray[np.float64]
) -> None:
    """All cells (num_rows, num_columns) under their sentences."""
    show_table_download(
        name,
        ("", *columns),
        lambda: [(row, *(f"{value:.6f}" for value in line)) for row, line in zip(rows, values, strict=True)],
        label="Matrix (CSV)",
    )


def pair_rows(matrix: SimilarityMatrix, pairs: list[tuple[int, int]]) -> list[tuple[object, ...]]:
    """Rows and columns count from 1."""
    return [
        (f"{matrix.cosines[i, j]:.6f}", i + 1, j + 1, matrix.sentences.rows[i], matrix.columns[j])
        for i, j in pairs
    ]
