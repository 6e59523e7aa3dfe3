"""The Python half of the point cloud; tests/e2e/test_embeddings.py has the browser's half."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from bert_explorer.plots.point_cloud import make_cloud, make_film_cloud
from bert_explorer.results import LayerFilm, Projection
from bert_explorer.ui.components.point_cloud import pack, read_selection


def packed(num_points: int, seed: int = 0) -> dict[str, Any]:
    coordinates = np.random.default_rng(seed).normal(size=(num_points, 3)).astype(np.float32)
    items = [f"text number {i} of usual length" for i in range(num_points)]
    return pack(
        make_cloud(Projection(coordinates, "umap", 0), items, [str(i % 7) for i in range(num_points)])
    )


def test_places_and_groups_cross_as_they_are() -> None:
    coordinates = np.array([[0, 0, 0], [4, 2, 1]], dtype=np.float32)
    data = pack(make_cloud(Projection(coordinates, "pca", 0, (0.5, 0.3, 0.1)), ["a", "b"], ["y", "x"]))
    places = np.frombuffer(base64.b64decode(data["places"]), dtype="<f4").reshape(2, 3)
    assert places.tolist() == [[-1, -0.5, -0.25], [1, 0.5, 0.25]]
    groups = np.frombuffer(base64.b64decode(data["groups"]), dtype="<u2")
    assert [data["names"][group] for group in groups] == ["y", "x"]


def test_a_film_crosses_layer_by_layer() -> None:
    coordinates = np.arange(-6, 6, dtype=np.float32).reshape(2, 3, 2)
    data = pack(make_film_cloud(LayerFilm((0, 1), coordinates, (1, 1), (0, 0)), ["a", "b", "c"]))
    places = np.frombuffer(base64.b64decode(data["places"]), dtype="<f4").reshape(2, 3, 2)
    np.testing.assert_allclose(places, coordinates / 6)
    assert (data["dimensions"], data["moments"]) == (2, ["layer 0", "layer 1"])
    assert len(np.frombuffer(base64.b64decode(data["groups"]), dtype="<u2")) == 3
    assert packed(3)["moments"] == []


def test_the_id_changes_with_the_points() -> None:
    assert packed(5)["id"] == packed(5)["id"] != packed(5, seed=1)["id"]


def test_twenty_thousand_points_are_two_megabytes() -> None:
    assert len(json.dumps(packed(20_000))) < 2_000_000


@pytest.mark.parametrize(
    ("sent", "rows"),
    [([2, 0, 2], [0, 2]), ([3, -1, True, "1", 1.0, None, 10**9], []), ("0", []), (None, []), ({"0": 1}, [])],
)
def test_only_rows_that_exist_are_selected(sent: object, rows: list[int]) -> None:
    assert read_selection(sent, 3) == rows
