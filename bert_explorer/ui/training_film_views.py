"""Draws the film of a training, and what lies behind it: examples, classes, layers and heads."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from bert_explorer.analysis import training_film as analysis
from bert_explorer.errors import RunError, RunStateError
from bert_explorer.results import FloatArray, TrainingFilm
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.answers import remember
from bert_explorer.ui.components.training_film import training_film
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download, table_columns
from bert_explorer.ui.film_stage import make_stage
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.texts import training_film as text

Files = Callable[[], None]
FIGURE = "training-film"


def load_film(run: Run, *, is_own: bool) -> TrainingFilm:
    """The film of a run that has ended, without the texts of somebody else's. Raises RunError."""
    from bert_explorer.training.film.file import read_film

    if run.state.is_active:
        raise RunStateError(f"The run is {run.state}. Its film can be watched as soon as it has ended.")
    path = run_folder(run.id, get_settings()).film
    written = path.stat().st_mtime_ns if path.is_file() else 0
    film: TrainingFilm = remember("training film", (run.id, written), lambda: read_film(path))
    if not film.items:
        raise RunError("No held-out example was watched in this training. Keep more rows for measuring.")
    return (
        film
        if is_own
        else replace(film, items=tuple(replace(item, text="", pair=None, word="") for item in film.items))
    )


def show_film(film: TrainingFilm, *, is_own: bool) -> Files:
    """The film and one closer look at a time; returns what draws the files."""
    names = analysis.name_items(film, with_texts=is_own)
    moment = analysis.select_moment(st.query_params.get(state.FILM_MOMENT), film)
    lowest, highest = film.layers[0], film.layers[-1]
    layer = number_slider("Vectors behind layer", lowest, highest, highest, state.FILM_LAYER, width=320)
    stage = make_stage(film, layer, names)
    what = f"{len(film.items)} held-out examples at {len(film)} moments"
    training_film(
        stage, moment=moment, label=what, name=FIGURE, key=state.FILM_STAGE, on_stop=lambda m: _stand(film, m)
    )
    only = analysis.one_answer(film)
    if only is not None:
        st.info(
            f"At the end every example is given one label: {escape_markdown(only)}. The model does not tell "
            "the classes apart."
        )
    view = choice("A closer look", text.VIEWS, state.FILM_VIEW)
    files = {
        text.EXAMPLES: _show_examples,
        text.CLASSES: _show_groups,
        text.LAYERS: _show_layers,
        text.HEADS: _show_heads,
    }[view](film, names, moment)

    def show_files() -> None:
        from bert_explorer.plots.training_film import plot_places

        places = analysis.project_moments(film, layer)
        st.markdown("**The film**")
        show_figure_downloads_of_film(plot_places(film, places, names, moment))
        header = ("step", "epoch", "line", "true", "answer", "right", "of what is true", "x", "y", "text")
        show_table_download(FIGURE, header, lambda: film_rows(film, layer, names))
        st.markdown(f"**{view}**")
        files()

    return show_files


def show_figure_downloads_of_film(figure: object) -> None:
    """The page that plays by itself; PNG and SVG are below the film, as it stands."""
    from bert_explorer.ui.downloads import figure_html

    st.download_button(
        "Figure (HTML)",
        lambda: figure_html(figure),
        file_name=f"{FIGURE}.html",
        mime="text/html",
        on_click="ignore",
        key=f"html-{FIGURE}",
    )


def _stand(film: TrainingFilm, moment: int) -> None:
    """The link names the moment by its step."""
    st.query_params[state.FILM_MOMENT] = str(film.steps[moment])


def _show_examples(film: TrainingFilm, names: Sequence[str], moment: int) -> Files:
    from bert_explorer.plots.training_film import order_by_flips, plot_examples

    order = order_by_flips(film)
    figure = plot_examples(film, names, order, moment)
    show_figure(figure, "film-examples", alt="How sure the model is of what is true, example by example")
    rows = example_rows(film, names, order)
    st.dataframe(table_columns(text.EXAMPLE_HEADER, rows), hide_index=True, height=320)
    return _files_of(figure, "film-examples", text.EXAMPLE_HEADER, rows)


def _show_groups(film: TrainingFilm, _names: Sequence[str], moment: int) -> Files:
    from bert_explorer.plots.training_film import plot_groups

    curves = analysis.group_curves(film)
    figure = plot_groups(film, curves, moment)
    show_figure(figure, "film-classes", alt="Accuracy and mean probability of each class")
    rows = [
        (curve.label, curve.count, step, *_rounded(curve.accuracies[i], curve.certainties[i]))
        for curve in curves
        for i, step in enumerate(film.steps.tolist())
    ]
    now = [row for row in rows if row[2] == film.steps[moment]]
    st.dataframe(table_columns(text.CLASS_HEADER, now), hide_index=True, height="content")
    return _files_of(figure, "film-classes", text.CLASS_HEADER, rows)


def _show_layers(film: TrainingFilm, _names: Sequence[str], moment: int) -> Files:
    from bert_explorer.plots.training_film import plot_moves

    measure = choice("What moved", text.MEASURES, state.FILM_MEASURE)
    if measure == text.WEIGHTS:
        values, names = film.weight_changes, [text.PARTS.get(part, f"layer {part}") for part in film.parts]
    else:
        values, names = analysis.vector_moves(film), [f"layer {layer}" for layer in film.layers]
    inside = [row for row, name in enumerate(names) if name != text.PARTS[text.HEAD_PART]]
    figure = plot_moves(film, values[:, inside], [names[row] for row in inside], moment)
    show_figure(figure, "film-layers", alt="How far each layer is from where it began")
    _say_most(values[moment, inside], [names[row] for row in inside])
    rows = [
        (name, step, *_rounded(values[i, row]))
        for row, name in enumerate(names)
        for i, step in enumerate(film.steps.tolist())
    ]
    now = [row for row in rows if row[1] == film.steps[moment]]
    st.dataframe(table_columns(text.LAYER_HEADER, now), hide_index=True, height="content")
    return _files_of(figure, "film-layers", text.LAYER_HEADER, rows)


def _show_heads(film: TrainingFilm, _names: Sequence[str], moment: int) -> Files:
    from bert_explorer.plots.heads import plot_head_grid

    values = film.head_changes[moment]
    figure = plot_head_grid(values, "moved since the start")
    show_figure(figure, "film-heads", alt="How far the output of each head is from where it began")
    num_heads = values.shape[1]
    _say_most(values.ravel(), [f"head {i // num_heads + 1}-{i % num_heads + 1}" for i in range(values.size)])
    rows = [
        (layer + 1, head + 1, step, *_rounded(film.head_changes[i, layer, head]))
        for i, step in enumerate(film.steps.tolist())
        for layer in range(values.shape[0])
        for head in range(num_heads)
    ]
    with st.expander("The same as a table"):
        now = [row for row in rows if row[2] == film.steps[moment]]
        st.dataframe(table_columns(text.HEAD_HEADER, now), hide_index=True, height=320)
    return _files_of(figure, "film-heads", text.HEAD_HEADER, rows)


def _say_most(values: FloatArray, names: Sequence[str]) -> None:
    if values.max() > 0:
        most = int(values.argmax())
        st.markdown(f"Moved most by this moment: **{names[most]}** ({values[most]:.3f}).")


def _files_of(figure: object, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Files:
    def show() -> None:
        show_figure_downloads(figure, name)
        show_table_download(name, header, lambda: rows)

    return show


def example_rows(film: TrainingFilm, names: Sequence[str], order: Sequence[int]) -> list[tuple[object, ...]]:
    """One row an example."""
    flips, since = analysis.count_flips(film.rights), analysis.right_since(film)
    first, last = analysis.answers_in_words(film, 0), analysis.answers_in_words(film, len(film) - 1)
    return [
        (film.items[i].label, first[i], last[i], int(flips[i]), since[i], film.items[i].line, names[i])
        for i in order
    ]


def film_rows(film: TrainingFilm, layer: int, names: Sequence[str]) -> list[tuple[object, ...]]:
    """One row a moment and example."""
    places, values = analysis.project_moments(film, layer).coordinates, analysis.true_values(film)
    rows: list[tuple[object, ...]] = []
    for moment, step in enumerate(film.steps.tolist()):
        given = analysis.answers_in_words(film, moment)
        for i, item in enumerate(film.items):
            right = "" if film.task == analysis.REGRESSION else bool(film.rights[moment, i])
            numbers = (f"{value:.5g}" for value in (values[moment, i], *places[moment, i]))
            epoch = f"{film.epochs[moment]:.3g}"
            rows.append((step, epoch, item.line, item.label, given[i], right, *numbers, names[i]))
    return rows


def _rounded(*values: float) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)
