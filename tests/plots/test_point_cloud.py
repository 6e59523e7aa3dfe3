"""Points for the canvas: the right places on one scale, and nobody's text turned or hidden."""

import numpy as np
import pytest

from bert_explorer.plots.point_cloud import (
    MAX_ITEM_CHARS,
    MAX_PLAIN,
    is_cloud,
    make_cloud,
    make_film_cloud,
    scale_places,
)
from bert_explorer.results import LayerFilm, Projection


def projection(num_items: int, dimensions: int) -> Projection:
    coordinates = np.random.default_rng(0).normal(size=(num_items, dimensions)).astype(np.float32)
    return Projection(coordinates, "pca", 0, (0.5, 0.25, 0.125)[:dimensions])


def test_the_case_of_the_docstring_and_points_that_are_all_one() -> None:
    assert scale_places(np.array([[0, 0], [4, 2]], dtype=np.float32)).tolist() == [[-1, -0.5], [1, 0.5]]
    assert scale_places(np.ones((3, 3), dtype=np.float32)).tolist() == [[0, 0, 0]] * 3


def test_distances_keep_their_proportions() -> None:
    shown = projection(20, 3)
    places = make_cloud(shown, [str(i) for i in range(20)]).places
    assert np.abs(places).max() == pytest.approx(1)
    before = np.linalg.norm(shown.coordinates[:, None] - shown.coordinates[None], axis=-1)
    after = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.testing.assert_allclose(after[0, 1:] / before[0, 1:], after[0, 1] / before[0, 1], rtol=1e-5)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_film_keeps_one_scale_and_one_middle_for_all_layers(dimensions: int) -> None:
    coordinates = np.random.default_rng(1).normal(size=(3, 5, dimensions)).astype(np.float32)
    film = LayerFilm((0, 1, 2), coordinates, (0.5, 0.4, 0.3), (0, 0.2, 0.1))
    cloud = make_film_cloud(film, list("vwxyz"), list("babab"))
    np.testing.assert_allclose(cloud.places, coordinates / np.abs(coordinates).max(), rtol=1e-6)
    assert cloud.moments == ("layer 0", "layer 1", "layer 2")
    assert len(cloud.titles) == dimensions
    assert [cloud.names[group] for group in cloud.groups] == list("babab")


def test_every_point_belongs_to_its_class() -> None:
    classes = ["b", "", "a", "b"]
    cloud = make_cloud(projection(4, 2), ["w", "x", "y", "z"], classes)
    assert [cloud.names[group] for group in cloud.groups] == ["b", "(no label)", "a", "b"]
    assert len(set(cloud.styles)) == len(cloud.names) == 3
    assert cloud.labels == cloud.items == ("w", "x", "y", "z")
    plain = make_cloud(projection(4, 2), ["w", "x", "y", "z"])
    assert (plain.names, len(plain.styles), set(plain.groups.tolist())) == ((), 1, {0})


def test_texts_are_cut_and_show_what_hides() -> None:
    cloud = make_cloud(projection(3, 3), ["a\u202eb", "long " * 1000, "  "])
    assert cloud.items[0] == "a‹202E›b"
    assert len(cloud.items[1]) == MAX_ITEM_CHARS
    assert cloud.items[2] == "␣␣"
    assert cloud.titles == ("component 1 (50.0%)", "component 2 (25.0%)", "component 3 (12.5%)")


def test_plotly_draws_flat_pictures_of_few_points() -> None:
    assert not is_cloud(projection(MAX_PLAIN, 2))
    assert is_cloud(projection(MAX_PLAIN + 1, 2))
    assert is_cloud(projection(3, 3))
