import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from bert_explorer.analysis.embeddings import embed_texts
from bert_explorer.analysis.similarity import (
    collection_mean,
    compute_similarities,
    explain_match,
    find_nearest,
    most_alike,
    order_alike,
)
from bert_explorer.errors import InputError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

TEXTS = ("the cat sat on the mat .", "a dog .", "zebras in the garden were free", "the cat sat")
LONG = " ".join(["the cat sat on the mat ."] * 80 + ["zebras in the garden were free"] * 40)


@pytest.fixture
def vectors() -> np.ndarray:
    return (np.random.default_rng(0).normal(size=(30, 6)) + 2).astype(np.float32)


def test_similarities_agree_with_scikit_learn(vectors: np.ndarray) -> None:
    expected = cosine_similarity(vectors[:7], vectors)
    np.testing.assert_allclose(compute_similarities(vectors[:7], vectors), expected, atol=1e-6)
    assert not compute_similarities(np.zeros((1, 6), np.float32), vectors).any()


@pytest.mark.parametrize("centre", [False, True])
def test_the_nearest_are_the_nearest_of_all(centre: bool, vectors: np.ndarray) -> None:
    query = vectors[4] + 0.1
    mean = vectors.mean(axis=0) if centre else 0
    cosines = cosine_similarity((query - mean)[None], vectors - mean)[0]
    found = find_nearest(query, vectors, 5, centre=centre)
    assert [match.row for match in found] == np.argsort(-cosines)[:5].tolist()
    assert [match.rank for match in found] == [1, 2, 3, 4, 5]
    assert found[0].cosine == pytest.approx(cosines.max(), abs=1e-6)


def test_vectors_that_are_no_numbers_are_refused(vectors: np.ndarray) -> None:
    vectors[3, 2] = np.nan
    with pytest.raises(InputError, match="not finite"):
        find_nearest(vectors[0], vectors, 3)


@pytest.mark.parametrize("centre", [False, True])
def test_the_parts_of_all_words_add_up_to_the_cosine(centre: bool, settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        texts = (*TEXTS, LONG)
        assert engine.lengths([LONG]) > engine.info.max_length
        vectors = embed_texts(engine, texts, layer=2, pooling="mean", windows=True).vectors
        query = embed_texts(engine, ["a cat"], layer=2, pooling="mean").vectors[0]
        mean = collection_mean(vectors, centre=centre)
        for match in find_nearest(query, vectors, 5, centre=centre):
            carried = explain_match(engine, query, texts[match.row], layer=2, mean=mean)
            assert carried.cosine == pytest.approx(match.cosine, abs=1e-5)
            assert " ".join(carried.words) == texts[match.row]
            assert match.row == 4 or len(set(carried.parts)) == len(carried.parts)


def test_the_average_pair_of_centred_vectors_is_below_0(vectors: np.ndarray) -> None:
    """What the page Similarity says of n texts: about -1 / (n - 1)."""
    centred = vectors - collection_mean(vectors, centre=True)
    pairs = compute_similarities(centred, centred)[~np.eye(len(vectors), dtype=bool)]
    assert float(pairs.mean()) == pytest.approx(-1 / (len(vectors) - 1), abs=0.005)


def test_pairs_are_listed_once_best_first() -> None:
    similarities = np.array([[1, 0.2, 0.9], [0.2, 1, 0.5], [0.9, 0.5, 1]])
    assert most_alike(similarities, 9, same=True) == [(0, 2), (1, 2), (0, 1)]
    assert most_alike(similarities[:2], 2, same=False) == [(0, 0), (1, 1)]
    assert list(order_alike(similarities)) == [0, 2, 1]
