import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

from bert_explorer.analysis.projection import choose_perplexity, project
from bert_explorer.errors import InputError


@pytest.fixture
def vectors() -> np.ndarray:
    """40 rows of 7 numbers with unequal spread, far from the origin."""
    rng = np.random.default_rng(3)
    return (rng.normal(size=(40, 7)) * [9, 5, 3, 2, 1, 1, 1] + 100).astype(np.float32)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_agrees_with_scikit_learn(vectors: np.ndarray, dimensions: int) -> None:
    projection = project(vectors, dimensions=dimensions)
    oracle = PCA(dimensions, svd_solver="full").fit(vectors.astype(np.float64))
    expected = oracle.transform(vectors.astype(np.float64))
    signs = np.sign(np.sum(projection.coordinates * expected, axis=0))
    np.testing.assert_allclose(projection.coordinates * signs, expected, atol=1e-4)
    np.testing.assert_allclose(projection.explained_variance, oracle.explained_variance_ratio_, rtol=1e-6)


def test_pca_of_the_docstring() -> None:
    projection = project(np.array([[0, 0], [2, 0], [4, 0]], dtype=np.float32))
    np.testing.assert_allclose(projection.coordinates, [[-2, 0], [0, 0], [2, 0]], atol=1e-6)
    np.testing.assert_allclose(projection.explained_variance, [1, 0], atol=1e-12)


def test_pca_does_not_depend_on_the_order_of_rows(vectors: np.ndarray) -> None:
    order = np.random.default_rng(0).permutation(len(vectors))
    direct, shuffled = project(vectors), project(vectors[order])
    np.testing.assert_allclose(shuffled.coordinates, direct.coordinates[order], atol=1e-3)


def test_pca_with_fewer_columns_than_dimensions_leaves_the_last_axis_empty() -> None:
    projection = project(np.array([[0, 1], [2, 5], [4, 0]], dtype=np.float32), dimensions=3)
    assert projection.coordinates.shape == (3, 3)
    assert (projection.coordinates[:, 2] == 0).all()
    assert projection.explained_variance[2] == 0


def test_tsne_is_repeatable_and_depends_on_the_seed(vectors: np.ndarray) -> None:
    first, again = project(vectors, method="tsne", seed=1), project(vectors, method="tsne", seed=1)
    np.testing.assert_array_equal(first.coordinates, again.coordinates)
    assert first.coordinates.shape == (40, 2)
    assert first.explained_variance == ()


def test_tsne_keeps_as_many_neighbours_as_scikit_learns_own_recipe(vectors: np.ndarray) -> None:
    points = project(vectors, method="tsne", seed=1).coordinates
    recipe = TSNE(2, perplexity=13, init="pca", random_state=1)  # 13: a third of the other 39 rows
    oracle = recipe.fit_transform(vectors - vectors.mean(axis=0))
    ours, theirs = (trustworthiness(vectors, found, n_neighbors=5) for found in (points, oracle))
    assert ours == pytest.approx(theirs, abs=0.02)
    assert ours > 0.9 > trustworthiness(vectors, points[::-1], n_neighbors=5)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_tsne_keeps_groups_together(dimensions: int) -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(3, 20)) * 20
    groups = np.repeat([0, 1, 2], 15)
    vectors = (centres[groups] + rng.normal(size=(45, 20))).astype(np.float32)
    points = project(vectors, method="tsne", dimensions=dimensions).coordinates
    distances = np.linalg.norm(points[:, None] - points[None], axis=2) + 1e9 * np.eye(45)
    assert (groups[distances.argmin(axis=1)] == groups).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("scale", [1e-6, 1e30])
def test_extreme_magnitudes_stay_finite(vectors: np.ndarray, method: str, scale: float) -> None:
    assert np.isfinite(project(vectors * np.float32(scale), method=method).coordinates).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_few_rows_and_repeated_rows(method: str) -> None:
    vectors = np.eye(3, 5, dtype=np.float32)
    assert np.isfinite(project(vectors, method=method, dimensions=3).coordinates).all()
    repeated = np.repeat(vectors[:2], 5, axis=0)
    assert np.isfinite(project(repeated, method=method).coordinates).all()


@pytest.mark.parametrize(("num_items", "expected"), [(3, 1), (4, 1), (10, 3), (91, 30), (5000, 30)])
def test_perplexity_stays_below_the_number_of_other_rows(num_items: int, expected: float) -> None:
    assert choose_perplexity(num_items) == expected < num_items


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (np.ones((2, 4), np.float32), "at least 3 rows, here are 2"),
        (np.ones((0, 4), np.float32), "at least 3 rows, here are 0"),
        (np.ones((5, 4), np.float32), "All 5 vectors are equal"),
        (np.array([[1, 2], [np.nan, 1], [np.inf, 1]], np.float32), "2 of 3 vectors hold values"),
    ],
)
@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_impossible_projections_are_refused(broken: np.ndarray, message: str, method: str) -> None:
    with pytest.raises(InputError, match=message):
        project(broken, method=method)


def test_too_many_rows_for_tsne_are_refused_before_any_work() -> None:
    with pytest.raises(InputError, match="its limit is 5,000"):
        project(np.random.default_rng(0).normal(size=(5001, 2)).astype(np.float32), method="tsne")


def test_a_wrong_call_is_a_programmers_error(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="method"):
        project(vectors, method="isomap")
    with pytest.raises(ValueError, match="dimensions"):
        project(vectors, dimensions=4)
    with pytest.raises(ValueError, match="shape"):
        project(vectors[0])
