"""Inputs and figures of the page Word senses."""

from hashlib import sha256

import streamlit as st

from bert_explorer.analysis.sense_sets import parse_senses
from bert_explorer.intervals import wilson_interval
from bert_explorer.plots.embeddings import plot_projection, selected_rows
from bert_explorer.plots.senses import plot_path, plot_senses
from bert_explorer.results import ModelInfo, Projection, WordSenses
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.downloads import Figure, show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.embedding_questions import SensesQuestion
from bert_explorer.ui.inputs import choice, number_slider, text_box
from bert_explorer.ui.selections import show_selected
from bert_explorer.ui.texts import word_senses as text

FIGURE, OCCURRENCES, PATH = "word-senses", "occurrences", "sense-path"
HEADER = ("layer", "sentence", "sense", "text", "guess", "right")


def ask_senses() -> SensesQuestion:
    """A bundled set, or a word and sentences of the reader's."""
    chosen = choice("Word", text.CHOICES, state.SENSES_SET)
    if chosen != text.OWN:
        return SensesQuestion.of_set(chosen, get_settings())
    with st.form("senses-form", border=False):
        word = st.text_input("The word", text.OWN_WORD, key=state.SENSES_WORD, bind="query-params", width=240)
        lines = text_box(
            "One sentence a line, after its sense and a tab (or pasted from two columns of a spreadsheet)",
            text.OWN_LINES,
            state.SENSES_TEXTS,
            lines=6,
        )
        st.form_submit_button("Compare", type="primary")
    return SensesQuestion(word.strip(), *parse_senses(lines))


def show_curve(answer: WordSenses) -> None:
    """Accuracy and silhouette by layer, with their table."""
    alt = f"Accuracy of guessing the sense of {answer.word}, by layer"
    show_figure(plot_senses(answer), FIGURE, alt=alt)
    best = int(answer.accuracies.argmax())
    st.markdown(
        f"**Best in layer {answer.film.layers[best]}: {answer.accuracies[best]:.0%}** of "
        f"{len(answer.sentences)} sentences, where always guessing the most frequent sense reaches "
        f"{answer.majority:.0%}."
    )
    with st.expander("The same as a table"):
        st.dataframe(_curve_table(answer), hide_index=True, height="content")


def _curve_table(answer: WordSenses) -> dict[str, list[object]]:
    hits, count = answer.hits.sum(axis=1).tolist(), len(answer.sentences)
    bounds = [wilson_interval(hit, count) for hit in hits]
    return {
        "Layer": list(answer.film.layers),
        "Accuracy": [f"{hit / count:.1%}" for hit in hits],
        "95 % interval": [f"{low:.0%} to {high:.0%}" for low, high in bounds],
        "Silhouette": [round(value, 3) for value in answer.silhouettes],
        "Variance in the map": [f"{share:.0%}" for share in answer.film.shares],
    }


def show_layer(answer: WordSenses, model: ModelInfo) -> tuple[int, list[int]]:
    """The map of one layer with its table; returns the layer and the selected sentences, or all."""
    with st.container(width=320):
        layer = number_slider(
            "Layer (0: before the first)", 0, model.num_layers, model.num_layers, state.EMBED_LAYER
        )
    key = sha256(answer.film.coordinates[layer].tobytes()).hexdigest()[:8]
    figure = _plot_layer(answer, layer)
    alt = f"{len(answer.sentences)} occurrences of {answer.word} in layer {layer}"
    event = show_figure(
        figure,
        OCCURRENCES,
        alt=alt,
        chart_key=f"occurrences-{key}",
        on_select="rerun",
        selection_mode=("lasso", "box", "points"),
    )
    guesses = [answer.names[guess] for guess in answer.similarities[layer].argmax(axis=1)]
    rows = show_selected(
        answer.sentences,
        answer.senses,
        selected_rows(event.selection.points),
        model.ref,
        key=f"senses-table-{key}",
        more={"Guess": guesses},
    )
    return layer, rows


def _plot_layer(answer: WordSenses, layer: int) -> Figure:
    projection = Projection(answer.film.coordinates[layer], "film", 0)
    return plot_projection(projection, answer.sentences, answer.senses)


def show_path(answer: WordSenses) -> int:
    """One occurrence against the mean of every sense, layer by layer; returns its sentence."""
    with st.container(width=320):
        row = number_slider("Follow sentence", 1, len(answer.sentences), 1, state.SENSES_ROW) - 1
    st.text(answer.sentences[row])
    show_figure(plot_path(answer, row), PATH, alt=f"Sentence {row + 1} against each sense, by layer")
    with st.expander("The path as a table"):
        header, lines = path_header(answer), path_rows(answer, row)
        st.dataframe(
            {name: [line[i] for line in lines] for i, name in enumerate(header)},
            hide_index=True,
            height="content",
        )
    return row


def show_sense_files(answer: WordSenses, layer: int, rows: list[int], followed: int) -> None:
    """The files of the three figures, the map as one of ``layer``."""
    st.markdown("Every layer")
    show_figure_downloads(plot_senses(answer), FIGURE)
    show_table_download(FIGURE, HEADER, lambda: sense_rows(answer, rows))
    st.caption(f"The table holds {len(rows)} sentences in every layer: what is selected, or all.")
    st.markdown(f"The occurrences in layer {layer}")
    show_figure_downloads(_plot_layer(answer, layer), OCCURRENCES)
    st.markdown(f"Sentence {followed + 1} through the layers")
    show_figure_downloads(plot_path(answer, followed), PATH)
    show_table_download(PATH, path_header(answer), lambda: path_rows(answer, followed))


def path_header(answer: WordSenses) -> tuple[str, ...]:
    return ("layer", *(f"cosine with {name}" for name in answer.names))


def path_rows(answer: WordSenses, row: int) -> list[tuple[object, ...]]:
    """One row a layer: the cosine of this sentence's word with the mean of each sense, itself left out."""
    return [
        (layer, *(round(float(value), 4) for value in values))
        for layer, values in zip(answer.film.layers, answer.similarities[:, row], strict=True)
    ]


def sense_rows(answer: WordSenses, rows: list[int]) -> list[tuple[object, ...]]:
    """One row a layer and sentence; sentences count from 1."""
    guesses = answer.similarities.argmax(axis=2)
    return [
        (
            layer,
            row + 1,
            answer.senses[row],
            answer.sentences[row],
            answer.names[guesses[index, row]],
            answer.names[guesses[index, row]] == answer.senses[row],
        )
        for index, layer in enumerate(answer.film.layers)
        for row in rows
    ]
