import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from bert_explorer.analysis import projection_quality
from bert_explorer.analysis.projection_quality import (
    chance_agreement,
    choose_num_neighbours,
    measure_quality,
    nearest_rows,
    share_agreeing,
)


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)


@pytest.mark.parametrize("num_neighbours", [1, 5, 10])
def test_trustworthiness_agrees_with_scikit_learn(num_neighbours: int, vectors: np.ndarray) -> None:
    picture = vectors[:, :2]
    quality = measure_quality(vectors, picture, num_neighbours=num_neighbours)
    assert quality is not None
    expected = trustworthiness(vectors, picture, n_neighbors=num_neighbours)
    assert quality.trustworthiness == pytest.approx(expected, abs=1e-9)
    assert quality.num_measured == 60


def test_a_faithful_picture_has_trustworthiness_1(vectors: np.ndarray) -> None:
    quality = measure_quality(vectors * 1e20, vectors)
    assert quality is not None
    assert quality.trustworthiness == pytest.approx(1)


def test_many_points_are_measured_on_a_sample(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = vectors[:, :2]
    monkeypatch.setattr(projection_quality, "MAX_MEASURED", 40)
    values = [measure_quality(vectors, picture, seed=seed) for seed in range(30)]
    assert {value.num_measured for value in values if value} == {40}
    mean = np.mean([value.trustworthiness for value in values if value])
    assert mean == pytest.approx(trustworthiness(vectors, picture, n_neighbors=10), abs=0.02)


def test_label_agreement_of_the_docstring() -> None:
    picture = np.array([[0.0], [1.0], [10.0], [11.5], [20.0]], dtype=np.float32)
    quality = measure_quality(picture, picture, ["a", "a", "b", "a", "b"], num_neighbours=1)
    assert quality is not None
    assert quality.agreement is not None
    assert quality.agreement.picture == pytest.approx(2 / 5)  # 0-1 and 1-0 agree, the others do not
    assert quality.agreement.full == pytest.approx(2 / 5)
    assert quality.agreement.chance == pytest.approx((3 * 2 + 2 * 1) / 20)


def test_points_without_a_label_have_no_say() -> None:
    picture = np.arange(6, dtype=np.float32)[:, None]
    quality = measure_quality(picture, picture, ["a", "", "", "", "b", "b"], num_neighbours=1)
    assert quality is not None
    assert quality.agreement is not None
    assert quality.agreement.picture == pytest.approx(1 / 3)  # the first b's nearest is unlabelled
    one_label = measure_quality(picture, picture, ["a"] * 6)
    assert one_label is not None
    assert one_label.agreement is None


@pytest.mark.parametrize("num_unlabelled", [0, 5])
def test_chance_is_the_mean_agreement_with_any_other_point(num_unlabelled: int) -> None:
    labels = ["a"] * 3 + ["b"] * 7 + [""] * num_unlabelled
    names = np.array(labels, dtype=object)
    others = np.array([[j for j in range(len(labels)) if j != i] for i in range(len(labels))])
    expected = share_agreeing(names, np.arange(len(labels)), others)
    assert chance_agreement(labels) == pytest.approx(expected)
    picture = np.arange(len(labels), dtype=np.float32)[:, None]
    quality = measure_quality(picture, picture, labels)
    assert quality is not None
    assert quality.agreement is not None
    assert quality.agreement.chance == pytest.approx(expected)


@pytest.mark.parametrize(("num_items", "expected"), [(3, 0), (4, 0), (5, 1), (20, 6), (1000, 10)])
def test_neighbours_stay_below_half_of_the_points(num_items: int, expected: int) -> None:
    assert choose_num_neighbours(num_items) == expected
    quality = measure_quality(np.eye(num_items, dtype=np.float32), np.eye(num_items, 2, dtype=np.float32))
    assert (quality is None) == (expected == 0)


def test_a_row_is_not_its_own_neighbour_even_among_equals() -> None:
    rows = np.array([[1, 2], [1, 2], [5, 5]], dtype=np.float32)
    assert nearest_rows(rows, np.arange(3), 1).ravel().tolist()[:2] == [1, 0]
