"""Figures about heads: what stands where, what a click names, and hostile names as text."""

import numpy as np
import pytest

from bert_explorer.plots.ablation import plot_beside, plot_pruning
from bert_explorer.plots.heads import clicked_head, plot_head_grid, plot_head_map
from bert_explorer.plots.relations import plot_relations
from bert_explorer.results import PruningCurve, RelationHead

HOSTILE = "<img src=x onerror=alert(1)>$x$"
SAFE = "&lt;img src=x onerror=alert(1)&gt;&#36;x&#36;"


def test_every_cell_of_the_grid_takes_clicks_and_tells_its_value() -> None:
    values = np.array([[0.5, np.nan, 0.25], [0.1, 0.2, 0.3]], dtype=np.float32)  # 2 layers of 3 heads
    notes = [["", HOSTILE, ""], ["", "", ""]]
    figure = plot_head_grid(values, HOSTILE, tick_format=".1%", selected=(1, 2), notes=notes)
    cells, targets = figure.data
    np.testing.assert_array_equal(cells.z, values)
    for x, y, head in zip(targets.x, targets.y, targets.customdata, strict=True):
        assert (y, x) == tuple(head)
    assert targets.hovertext[0] == f"layer 1, head 1<br>{SAFE}: 50.0%"
    assert targets.hovertext[1] == f"layer 1, head 2<br>{SAFE}: not known<br>{SAFE}"
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, 0.5, 1.5)


def test_the_map_names_few_heads_and_else_the_selected_one() -> None:
    small = plot_head_map(np.zeros((6, 2), dtype=np.float32), 3).data[0]
    assert list(small.text) == ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"]
    places = np.random.default_rng(0).normal(size=(72, 2)).astype(np.float32)
    large = plot_head_map(places, 12, selected=(2, 8)).data[0]
    assert [text for text in large.text if text] == ["3-9"]
    assert large.text[2 * 12 + 8] == "3-9"
    np.testing.assert_array_equal(np.stack([large.x, large.y], axis=1), places)
    assert list(large.marker.color[:13]) == [1] * 12 + [2]


@pytest.mark.parametrize(
    ("points", "head"),
    [
        ([{"customdata": [1, 3]}], (1, 3)),
        ([{}, {"customdata": np.array([0, 2])}], (0, 2)),
        ([{"customdata": [4]}], None),
        ([], None),
    ],
)
def test_a_click_is_looked_up(points: list[dict[str, object]], head: object) -> None:
    assert clicked_head(points) == head


def test_relations_have_bars_intervals_and_baselines() -> None:
    items = [
        RelationHead("det", 0, 2, 8, 0.75, (0.7, 0.8), 0.5, 1, 200),
        RelationHead(HOSTILE, 1, 0, 0, 0.25, (0.2, 0.5), 0.3, -2, 20),
    ]
    figure = plot_relations(items)
    bars, baselines = figure.data
    assert list(bars.x) == [0.75, 0.25]
    assert list(bars.error_x.array) == pytest.approx([0.05, 0.25])
    assert list(bars.error_x.arrayminus) == pytest.approx([0.05, 0.05])
    assert list(baselines.x) == [0.5, 0.3]
    assert bars.hovertext[0].startswith("det: layer 3, head 9<br>right in 75.0% of 200 cases")
    assert "always -2 words: 30.0%" in bars.hovertext[1]
    assert "<img" not in figure.to_json()


def test_two_bars_stand_beside_each_other_for_every_name() -> None:
    figure = plot_beside(["water", HOSTILE], [0.2, 0.1], [0.05, 0.3])
    before, after = figure.data
    assert (list(before.x), list(after.x)) == ([0.2, 0.1], [0.05, 0.3])
    assert before.customdata[1] == SAFE
    assert "<img" not in figure.to_json()


def test_the_random_curves_are_a_band_around_their_mean() -> None:
    curve = PruningCurve(
        measure="accuracy",
        num_off=np.array([0, 2, 4]),
        greedy=np.array([1.0, 0.9, 0.5]),
        random=np.array([[1.0, 0.8, 0.5], [1.0, 0.6, 0.5]]),
        order=((0, 0), (0, 1), (1, 0), (1, 1)),
        num_measured=10,
    )
    band, greedy, random = plot_pruning(curve).data
    assert list(band.x) == [0, 2, 4, 4, 2, 0]
    assert list(band.y) == [1.0, 0.8, 0.5, 0.5, 0.6, 1.0]
    assert list(greedy.y) == [1.0, 0.9, 0.5]
    assert list(random.y) == pytest.approx([1.0, 0.7, 0.5])
