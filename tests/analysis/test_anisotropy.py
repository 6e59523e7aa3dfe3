import numpy as np
import pytest

from bert_explorer.analysis.anisotropy import (
    NUM_REMOVED,
    compute_anisotropy,
    correct_vectors,
    num_whitened,
)


@pytest.fixture
def vectors() -> np.ndarray:
    """200 rows of 12 numbers in a narrow cone, of unequal spread."""
    rng = np.random.default_rng(5)
    return (rng.normal(size=(200, 12)) * np.linspace(6, 0.5, 12) + 9).astype(np.float32)


def test_anisotropy_is_the_mean_cosine_of_all_pairs(vectors: np.ndarray) -> None:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = (units @ units.T)[np.triu_indices(len(vectors), 1)]
    assert compute_anisotropy(vectors) == pytest.approx(float(pairs.mean()), abs=1e-6)
    assert compute_anisotropy(np.array([[1, 0], [0, 2], [0, 0]], np.float32)) == pytest.approx(0)
    assert np.isnan(compute_anisotropy(vectors[:1]))


def test_centring_takes_the_mean_away_and_opens_the_cone(vectors: np.ndarray) -> None:
    centred = correct_vectors(vectors, "centre")
    np.testing.assert_allclose(centred, vectors - vectors.mean(axis=0), atol=1e-4)
    assert abs(compute_anisotropy(centred)) < 0.02 < 0.4 < compute_anisotropy(vectors)
    assert correct_vectors(vectors, "none") is vectors


def test_removed_directions_are_those_of_most_variance(vectors: np.ndarray) -> None:
    """Second road: the eigenvectors of the covariance matrix."""
    values, directions = np.linalg.eigh(np.cov(vectors.T.astype(np.float64)))
    removed = correct_vectors(vectors, "remove").astype(np.float64)
    assert np.abs(removed @ directions[:, -NUM_REMOVED:]).max() < 1e-4
    kept = removed @ directions[:, :-NUM_REMOVED]
    np.testing.assert_allclose(np.var(kept, axis=0, ddof=1), values[:-NUM_REMOVED], rtol=1e-4)


@pytest.mark.parametrize(("num_items", "columns"), [(200, 12), (20, 4), (9, 3)])
def test_whitened_columns_are_uncorrelated_with_variance_one(
    num_items: int, columns: int, vectors: np.ndarray
) -> None:
    whitened = correct_vectors(vectors[:num_items], "whiten").astype(np.float64)
    assert whitened.shape == (num_items, columns)
    np.testing.assert_allclose(np.cov(whitened.T), np.eye(columns), atol=1e-4)
    assert columns == num_whitened(num_items, 12)


def test_rows_that_do_not_vary_are_left_without_directions() -> None:
    same = np.ones((6, 4), dtype=np.float32)
    assert correct_vectors(same, "whiten").shape == (6, 0)
    assert not correct_vectors(same, "remove").any()
    with pytest.raises(ValueError, match="correction"):
        correct_vectors(same, "rotate")  # type: ignore[arg-type]
