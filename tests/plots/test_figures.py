"""Every figure: the right numbers at the right places, and nobody's markup in its texts."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import pytest

from bert_explorer.plots import theme
from bert_explorer.plots.cells import cell_of_click
from bert_explorer.plots.embeddings import plot_projection, selected_rows
from bert_explorer.plots.labels import format_label
from bert_explorer.plots.layer_film import plot_film, plot_movement
from bert_explorer.plots.masked_words import format_probability, plot_predictions
from bert_explorer.plots.senses import plot_path, plot_senses
from bert_explorer.plots.similarity import plot_similarities
from bert_explorer.plots.training import plot_class_counts, plot_confusion, plot_training
from bert_explorer.results import LayerFilm, MaskPrediction, Projection, TokenProbability, WordSenses
from bert_explorer.settings import REPOSITORY

EVIL = "<a href='x:1'>x</a>"
ESCAPED = "&lt;a href='x:1'&gt;x&lt;/a&gt;"


@dataclass(frozen=True)
class Point:
    step: int
    epoch: float
    name: str
    value: float


@pytest.fixture
def prediction() -> MaskPrediction:
    best = [TokenProbability("Ġparis", 5, 0.6, 1), TokenProbability(EVIL, 8, 0.2, 2)]
    targets = [TokenProbability("rome", 9, 1e-7, 900), TokenProbability("Ġparis", 5, 0.6, 1)]
    return MaskPrediction(3, tuple(best), tuple(targets))


def projection(num_items: int, dimensions: int, method: str = "pca") -> Projection:
    coordinates = np.random.default_rng(0).normal(size=(num_items, dimensions)).astype(np.float32)
    return Projection(coordinates, method, 0, (0.5, 0.25, 0.125)[:dimensions] if method == "pca" else ())


def test_predictions_show_the_best_first_and_targets_once(prediction: MaskPrediction) -> None:
    figure = plot_predictions(prediction)
    (bars,) = figure.data
    assert list(bars.x) == pytest.approx([0.6, 0.2, 1e-7])
    assert [row[0] for row in bars.customdata] == ["paris", ESCAPED, "rome"]
    assert [row[1] for row in bars.customdata] == [1, 2, 900]
    assert list(bars.text) == ["60.0 %", "20.0 %", "&lt; 0.0001 %"]
    assert list(bars.marker.color) == [theme.ACCENT_COLOUR, theme.MAIN_COLOUR, theme.ACCENT_COLOUR]
    assert figure.layout.yaxis.ticktext[0] == "paris"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first bar on top


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1, "100.0 %"), (0.0512, "5.12 %"), (0.00512, "0.512 %"), (2e-6, "0.0002 %"), (0, "&lt; 0.0001 %")],
)
def test_probabilities_keep_their_meaning_when_small(probability: float, expected: str) -> None:
    assert format_probability(probability) == expected


@pytest.mark.parametrize(
    ("dimensions", "num_items", "kind"), [(2, 100, go.Scattergl), (2, 30, go.Scatter), (3, 100, go.Scatter3d)]
)
def test_a_projection_keeps_rows_and_classes(dimensions: int, num_items: int, kind: type) -> None:
    shown = projection(num_items, dimensions)
    classes = ["spam", EVIL, "ham"] * (num_items // 3) + ["ham"] * (num_items % 3)
    figure = plot_projection(shown, [f"text {i}" for i in range(num_items)], classes)
    assert [trace.name for trace in figure.data] == [ESCAPED, "ham", "spam"]
    assert all(type(trace) is kind for trace in figure.data)
    for trace in figure.data:
        rows = [row for row, _ in trace.customdata]
        np.testing.assert_array_equal(trace.x, shown.coordinates[rows, 0])
        assert {classes[row] for row in rows} in ({"spam"}, {"ham"}, {EVIL})
    assert sum(len(trace.customdata) for trace in figure.data) == num_items
    assert len({trace.marker.color for trace in figure.data}) == 3


def test_axes_say_what_they_are() -> None:
    labels = ["a"] * 5
    assert plot_projection(projection(5, 2), labels).layout.xaxis.title.text == "component 1 (50.0%)"
    assert plot_projection(projection(5, 2, "tsne"), labels).layout.yaxis.title.text == "t-SNE 2"
    assert plot_projection(projection(5, 3), labels).layout.scene.zaxis.title.text == "component 3 (12.5%)"
    assert plot_projection(projection(5, 2), labels).layout.dragmode == "lasso"


def test_sentences_stay_under_the_pointer_and_words_beside_their_points() -> None:
    words = plot_projection(projection(4, 2), ["cat", "dog", EVIL, "internationalization"])
    assert words.data[0].mode == "markers+text"
    assert words.data[0].text[3] == "international…"
    sentences = plot_projection(projection(4, 2), [f"{EVIL} and a rather long sentence"] * 4)
    assert sentences.data[0].mode == "markers"
    assert sentences.data[0].customdata[0][1].startswith(ESCAPED)


def test_selected_points_are_looked_up_by_row() -> None:
    points = [{"customdata": [7, "text"]}, {"customdata": [2, "other"]}, {"customdata": [7, "text"]}]
    assert selected_rows(points) == [2, 7]
    assert selected_rows([]) == []


def test_a_label_too_few_is_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="each of 4 points"):
        plot_projection(projection(4, 2), ["a"])


def test_training_curves_take_the_points_in_order_and_leave_other_metrics_out() -> None:
    points = [
        Point(20, 2.0, "eval_accuracy", 0.9),
        Point(10, 1.0, "eval_accuracy", 0.7),
        Point(10, 1.0, "loss", 0.5),
        Point(10, 1.0, "learning_rate", 1e-4),
    ]
    curves = {trace.name: trace for trace in plot_training(points).data}
    assert list(curves["held-out accuracy"].x) == [10, 20]
    assert list(curves["held-out accuracy"].y) == [0.7, 0.9]
    assert list(curves["training loss"].y) == [0.5]
    assert not curves["held-out loss"].showlegend
    assert all(len(trace.x) == 0 for trace in plot_training([]).data)


def test_a_confusion_matrix_counts_and_colours_by_share_of_the_true_class() -> None:
    heat, targets = plot_confusion([[3, 1], [0, 0]], ["ham", EVIL]).data
    assert [list(row) for row in heat.text] == [["3", "1"], ["0", "0"]]
    np.testing.assert_array_equal(heat.z, [[0.75, 0.25], [0, 0]])
    assert list(targets.customdata[1]) == ["ham", ESCAPED, 1, 0.25]
    assert (targets.x[1], targets.y[1]) == (1, 0), "predicted to the right, true downwards"
    assert cell_of_click([{"x": 1, "y": 0}]) == (0, 1)
    assert cell_of_click([]) is None
    with pytest.raises(ValueError, match="2 labels cannot have shape"):
        plot_confusion([[1]], ["a", "b"])


def test_many_classes_show_no_zeros_and_very_many_no_numbers() -> None:
    for size, row in ((7, ["1", *[""] * 6]), (26, None)):
        figure = plot_confusion(np.eye(size, dtype=int), "abcdefghijklmnopqrstuvwxyz"[:size], counted="words")
        heat, targets = figure.data
        assert (list(heat.text[0]) if row else heat.text) == row
        assert "words" in targets.hovertemplate
        assert figure.layout.xaxis.tickangle == (-90 if size == 26 else None), "names would overlap"
        titles = [figure.layout.xaxis.title.text, *(note.text for note in figure.layout.annotations)]
        assert [title for title in titles if title] == ["predicted"]


def test_class_counts_put_the_largest_class_on_top() -> None:
    figure = plot_class_counts({"spam": 747, "ham": 4827, EVIL: 3})
    (bars,) = figure.data
    assert list(bars.text) == ["4,827", "747", "3"]
    assert figure.layout.yaxis.ticktext[:2] == ("ham", "spam")


def test_no_figure_holds_raw_markup(prediction: MaskPrediction) -> None:
    figures = [
        plot_predictions(prediction),
        plot_projection(projection(3, 2), [EVIL] * 3, [EVIL] * 3),
        plot_projection(projection(3, 3), [EVIL] * 3, [EVIL] * 3),
        plot_confusion([[1, 0], [0, 1]], [EVIL, "b"]),
        plot_class_counts({EVIL: 1}),
    ]
    for figure in figures:
        assert "<a" not in json.dumps(json.loads(figure.to_json())).replace("\\u003c", "<")


def test_figures_leave_text_colours_to_the_page_and_files_get_their_own(prediction: MaskPrediction) -> None:
    figure = plot_predictions(prediction)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == theme.TRANSPARENT
    assert figure.layout.font.color is None
    dark = theme.make_standalone(figure, dark=True)
    assert (dark.layout.paper_bgcolor, dark.layout.font.color) == ("#0E1117", "#FAFAFA")
    assert figure.layout.paper_bgcolor == theme.TRANSPARENT


def test_classes_look_different_for_seven_colours_times_seven_shapes() -> None:
    assert len({theme.class_style(i) for i in range(49)}) == 49


def test_a_figure_can_be_drawn_while_another_thread_is_importing_pandas() -> None:
    """As on a page that opens while the model is being read: plotly must not see half of pandas."""
    code = (
        "import sys, threading\n"
        "thread = threading.Thread(target=__import__, args=('pandas',))\n"
        "thread.start()\n"
        "while 'pandas' not in sys.modules: pass\n"
        "from bert_explorer.plots.training import plot_class_counts\n"
        "print(len(plot_class_counts({'a': 2, 'b': 1}).data))\n"
        "thread.join()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    assert run.stdout.strip() == "1", run.stderr


def test_a_film_has_a_frame_a_layer_and_keeps_its_axes() -> None:
    coordinates = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    film = LayerFilm((0, 1, 2), coordinates, (0.5, 0.4, 0.3), (0, 0.2, 0.1))
    figure = plot_film(film, [EVIL, "b", "c", "d"], ["y", "x", "y", "x"])
    assert [frame.name for frame in figure.frames] == ["0", "1", "2"]
    assert [trace.name for trace in figure.data] == ["x", "y"]
    np.testing.assert_allclose(figure.frames[2].data[1].x, coordinates[2, [0, 2], 0])
    assert figure.data[1].customdata[0][1] == ESCAPED
    assert figure.layout.xaxis.range[1] > np.abs(coordinates).max()
    assert list(plot_movement(film).data[0].y) == [0.2, 0.1]


def test_senses_are_drawn_with_their_baseline_and_own_sense() -> None:
    similarities = np.array([[[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [[0.9, 0.1], [0.2, 0.8], [0.1, 0.6]]])
    film = LayerFilm((0, 1), np.zeros((2, 3, 2), np.float32), (0.5, 0.5), (0, 0))
    senses = ("a", EVIL, EVIL)
    answer = WordSenses("w", ("x", "y", "z"), senses, ("a", EVIL), similarities, (0.1, -0.2), film)
    accuracy, silhouette, baseline = plot_senses(answer).data
    assert list(accuracy.y) == pytest.approx([2 / 3, 1])
    assert list(silhouette.y) == [0.1, -0.2]
    assert list(baseline.y) == pytest.approx([2 / 3, 2 / 3])
    names = [trace.name for trace in plot_path(answer, 2).data]
    assert names == ["a", format_label(EVIL, 30) + " (its sense)"]


def test_similarities_keep_rows_and_columns_apart() -> None:
    figure = plot_similarities(np.array([[0.1, 0.2, 0.3], [0.4, 0.5, -0.6]]), [EVIL, "b"], ["x", "y", "z"])
    cells, targets = figure.data
    assert cells.z[1][2] == -0.6
    assert list(targets.customdata[2]) == [ESCAPED, "z", 0.3]
    assert cell_of_click([{"x": targets.x[5], "y": targets.y[5]}]) == (1, 2)
    assert targets.customdata[5][2] == -0.6
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "3"]
    assert figure.layout.yaxis.ticktext[1] == "b 2"
