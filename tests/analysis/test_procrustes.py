from itertools import pairwise

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes

from bert_explorer.analysis.layer_film import make_film, turn_onto
from bert_explorer.analysis.procrustes import align, align_all, standardize


@pytest.fixture
def clouds() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.normal(size=(9, 3)) * [4, 2, 1] + 7, rng.normal(size=(9, 3))


def test_the_rotation_agrees_with_scipy(clouds: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (standardize(cloud) for cloud in clouds)
    turned, disparity = align(first, second)
    rotation, _ = orthogonal_procrustes(first, second)
    np.testing.assert_allclose(turned, first @ rotation, atol=1e-12)
    assert disparity == pytest.approx(float(np.sum((turned - second) ** 2)))


def test_standardized_clouds_are_those_of_scipys_procrustes(clouds: tuple[np.ndarray, np.ndarray]) -> None:
    expected, _, _ = procrustes(*clouds)
    np.testing.assert_allclose(standardize(clouds[0]), expected, atol=1e-12)
    assert not standardize(np.ones((4, 2))).any()


def test_the_case_of_the_docstring() -> None:
    turned, disparity = align(
        standardize(np.array([[1.0, 0], [-1, 0]])), standardize(np.array([[0.0, 3], [0, -3]]))
    )
    np.testing.assert_allclose(turned, np.array([[0, 1], [0, -1]]) / np.sqrt(2), atol=1e-12)
    assert disparity == pytest.approx(0)


def test_a_cloud_that_is_one_point_is_as_far_as_it_is(clouds: tuple[np.ndarray, np.ndarray]) -> None:
    point = np.ones((9, 3))
    aligned, disparities = align_all([point, point, clouds[0], point])
    assert disparities == pytest.approx([0, 1, 1])
    moves = [float(np.sum((b - a) ** 2)) for a, b in pairwise(aligned)]
    assert disparities == pytest.approx(moves)


def test_a_cloud_that_only_turned_stands_still(clouds: tuple[np.ndarray, np.ndarray]) -> None:
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    aligned, disparities = align_all([clouds[0], 5 * clouds[0] @ turn + 2, clouds[1]])
    np.testing.assert_allclose(aligned[1], aligned[0], atol=1e-9)
    assert disparities[0] == pytest.approx(0, abs=1e-9)
    assert disparities[1] > 0.1


def test_a_film_of_turned_vectors_does_not_move() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(12, 6)) * [9, 5, 1, 1, 1, 1]
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    film = make_film(np.stack([vectors, vectors @ turn]).astype(np.float32), (0, 1))
    np.testing.assert_allclose(film.coordinates[1], film.coordinates[0], atol=1e-5)
    assert film.shares[0] == pytest.approx(film.shares[1])
    assert film.disparities == pytest.approx((0, 0), abs=1e-9)
    assert film.coordinates.shape == (2, 12, 2)


def test_a_layer_where_all_points_are_one_is_drawn_as_one_point() -> None:
    """As the [CLS] tokens are before the first layer."""
    vectors = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
    vectors[0] = vectors[0, 0]
    film = make_film(vectors, (0, 1))
    assert not film.coordinates[0].any()
    assert film.shares[0] == 0
    assert np.isfinite(film.coordinates).all()


def test_a_film_of_another_model_is_turned_onto_this_one() -> None:
    """Layer 0 of the other is the same cloud turned and longer, layer 1 a square where this one is a line."""
    rng = np.random.default_rng(1)
    cloud, turn = rng.normal(size=(4, 3)) * [3, 2, 1], np.linalg.qr(rng.normal(size=(3, 3)))[0]
    line = np.array([[1.0, 0, 0], [-1, 0, 0], [1, 0, 0], [-1, 0, 0]])
    square = np.array([[0.0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0]])
    film, other = (
        make_film(np.stack(layers).astype(np.float32), (0, 1))
        for layers in ((cloud, line), (7 * cloud @ turn, square))
    )
    turned, disparities = turn_onto(film, other)
    np.testing.assert_allclose(turned.coordinates[0], film.coordinates[0], atol=1e-5)
    moved = float(np.square(turned.coordinates[1] - film.coordinates[1]).sum())
    assert disparities == pytest.approx((0, moved), abs=1e-6)
    # Both have length 1, and A^T B is (1, 1) / 2 in its first row and 0 in the other: sum(S) = sqrt(1/2).
    assert disparities[1] == pytest.approx(2 - np.sqrt(2), abs=1e-6)
    assert turned.disparities == other.disparities
