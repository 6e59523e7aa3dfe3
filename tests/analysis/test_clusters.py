import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from bert_explorer.analysis import clusters
from bert_explorer.analysis.clusters import Cluster, agree_with_labels, cluster_texts, distinctive_words
from bert_explorer.errors import InputError

GROUPS = np.repeat([0, 1, 2], [20, 12, 8])
WORDS = ("river water", "money loan", "club ball")
TEXTS = tuple(f"the {WORDS[group]} {number}" for number, group in enumerate(GROUPS))


@pytest.fixture
def vectors() -> np.ndarray:
    rng = np.random.default_rng(1)
    return (rng.normal(size=(3, 20))[GROUPS] * 5 + rng.normal(size=(40, 20)) + 8).astype(np.float32)


def labels_of(found: tuple[clusters.Cluster, ...]) -> np.ndarray:
    labels = np.zeros(40, dtype=int)
    for cluster in found:
        labels[list(cluster.rows)] = cluster.number
    return labels


@pytest.mark.parametrize("method", ["kmeans", "hdbscan"])
def test_groups_are_found_the_largest_first(method: clusters.Method, vectors: np.ndarray) -> None:
    found = cluster_texts(TEXTS, vectors, method=method, num_clusters=3, min_size=4)
    assert [len(cluster.rows) for cluster in found] == [20, 12, 8]
    assert adjusted_rand_score(GROUPS, labels_of(found)) == 1
    assert [cluster.number for cluster in found] == [1, 2, 3]
    assert {word for word, _ in found[0].words} == {"river", "water"}


def test_kmeans_is_that_of_scikit_learn_on_centred_unit_rows(vectors: np.ndarray) -> None:
    centred = vectors - vectors.mean(axis=0)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    expected = KMeans(5, n_init=4, random_state=3).fit_predict(units)
    found = cluster_texts(TEXTS, vectors, num_clusters=5, seed=3)
    assert adjusted_rand_score(expected, labels_of(found)) == 1


def test_the_most_typical_row_is_nearest_to_the_mean(vectors: np.ndarray) -> None:
    centred = vectors - vectors.mean(axis=0)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    first = cluster_texts(TEXTS, vectors, num_clusters=3)[0]
    cosines = units[list(first.rows)] @ units[list(first.rows)].mean(axis=0)
    assert (np.diff(cosines) <= 1e-6).all()


def test_what_is_left_out_comes_last_as_group_0(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.where(np.arange(40) % 7 == 5, -1, GROUPS)
    monkeypatch.setattr(clusters, "_hdbscan", lambda _units, _size: labels)
    found = cluster_texts(TEXTS, vectors, method="hdbscan")
    assert [cluster.number for cluster in found] == [1, 2, 3, 0]
    assert found[-1].rows == tuple(np.flatnonzero(labels == -1))


def test_log_odds_of_a_case_worked_out_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "cat": 2 of 3 words here, 0 of 1 elsewhere; prior 4 words, of which 2 are cat's."""
    monkeypatch.setattr(clusters, "PRIOR_WORDS", 4.0)
    found = distinctive_words(["cat cat", "dog", "dog"], np.array([0, 0, 1]), 5)
    here = np.log((2 + 2) / (3 + 4 - 2 - 2))
    elsewhere = np.log((0 + 2) / (1 + 4 - 0 - 2))
    assert found[0] == (("cat", pytest.approx((here - elsewhere) / np.sqrt(1 / 4 + 1 / 2))),)
    assert [word for word, _ in found[1]] == ["dog"]


def test_function_words_are_counted_and_not_listed() -> None:
    found = distinctive_words(["the river was the river", "a loan"], np.array([0, 1]), 9)
    assert [word for word, _ in found[0]] == ["river"]


def test_agreement_with_labels_by_counting_pairs() -> None:
    """Second road: pairs together in both, against the expected and the largest number of them."""
    labels, groups = [*"aaabbbb", ""], np.array([1, 1, 2, 2, 2, 2, 1, 1])
    found = [Cluster(number, tuple(np.flatnonzero(groups == number).tolist()), ()) for number in (1, 2)]
    pairs = [(i, j) for i in range(7) for j in range(i)]
    with_label = {pair for pair in pairs if labels[pair[0]] == labels[pair[1]]}
    in_group = {pair for pair in pairs if groups[pair[0]] == groups[pair[1]]}
    expected = len(with_label) * len(in_group) / len(pairs)
    largest = (len(with_label) + len(in_group)) / 2
    index = (len(with_label & in_group) - expected) / (largest - expected)
    assert agree_with_labels(found, labels) == pytest.approx(index)
    assert agree_with_labels(found, ["a"] * 8) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_clusters": 1}, "between 2 and 40"),
        ({"num_clusters": 41}, "between 2 and 40"),
        ({"method": "hdbscan", "min_size": 41}, "between 2 and 40"),
    ],
)
def test_impossible_groups_are_refused(options: dict, message: str, vectors: np.ndarray) -> None:
    with pytest.raises(InputError, match=message):
        cluster_texts(TEXTS, vectors, **options)


def test_rows_without_differences_are_refused() -> None:
    with pytest.raises(InputError, match="nothing to group"):
        cluster_texts(TEXTS, np.ones((40, 3), np.float32))
    with pytest.raises(InputError, match="not finite"):
        cluster_texts(TEXTS, np.full((40, 3), np.inf, np.float32))
    two = np.repeat(np.eye(2, 3, dtype=np.float32), 20, axis=0)
    assert len(cluster_texts(TEXTS, two, num_clusters=5)) == 2
