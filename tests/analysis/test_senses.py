"""Senses by their definitions: written out case by case, and scikit-learn's silhouette."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from bert_explorer.analysis.embeddings import embed_words
from bert_explorer.analysis.senses import compare_with_senses, compute_senses, compute_silhouette
from bert_explorer.errors import InputError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

SENTENCES = (
    "the cat sat on the mat .",
    "a Cat looked at the dog .",
    "this film is good and a cat",
    "free prize for a cat !",
    "win money , cat",
)
SENSES = ("animal", "animal", "film", "film", "film")


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


@pytest.fixture
def vectors() -> np.ndarray:
    return (np.random.default_rng(4).normal(size=(7, 5)) + 1).astype(np.float32)


LABELS = np.array([0, 1, 0, 2, 1, 2, 2])


def test_every_vector_meets_means_that_it_is_no_part_of(vectors: np.ndarray) -> None:
    found = compare_with_senses(vectors, LABELS)
    for i, vector in enumerate(vectors):
        for sense in range(3):
            others = [vectors[j] for j in range(7) if LABELS[j] == sense and j != i]
            assert found[i, sense] == pytest.approx(cosine(vector, np.mean(others, axis=0)), abs=1e-6)


def test_the_silhouette_agrees_with_scikit_learn(vectors: np.ndarray) -> None:
    expected = silhouette_score(vectors, LABELS, metric="cosine")
    assert compute_silhouette(vectors, LABELS) == pytest.approx(expected, abs=1e-6)


def test_clear_senses_are_told_apart_and_mixed_ones_are_not() -> None:
    clear = np.array([[1, 0.1], [1, 0], [0, 1], [0.1, 1]], np.float32)
    labels = np.array([0, 0, 1, 1])
    assert (compare_with_senses(clear, labels).argmax(axis=1) == labels).all()
    assert compute_silhouette(clear, labels) > 0.9
    assert compute_silhouette(clear, np.array([0, 1, 0, 1])) < 0


def test_senses_of_a_model_are_measured_in_every_layer(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        found = compute_senses(engine, "cat", SENTENCES, SENSES)
        words = embed_words(engine, SENTENCES, 2)
    assert found.names == ("animal", "film")
    assert found.similarities.shape == (3, 5, 2)
    cats = [i for i, word in enumerate(words.items) if word.lower() == "cat"]
    assert len(cats) == 5
    expected = compare_with_senses(words.vectors[cats], np.array([0, 0, 1, 1, 1]))
    np.testing.assert_allclose(found.similarities[2], expected, atol=1e-5)
    right = expected.argmax(axis=1) == [0, 0, 1, 1, 1]
    assert found.accuracies[2] == pytest.approx(right.mean())
    assert found.majority == pytest.approx(3 / 5)
    assert found.film.coordinates.shape == (3, 5, 2)


@pytest.mark.parametrize(
    ("word", "sentences", "senses", "message"),
    [
        ("dog", SENTENCES, SENSES, "Sentence 1 does not hold the word 'dog'"),
        ("cat", SENTENCES, ["a"] * 5, "All sentences have the sense 'a'"),
        ("cat", SENTENCES, ["a", "b", "b", "b", "b"], "'a' has one sentence"),
        ("cat", SENTENCES, ["a", "", "b", "b", "b"], "Sentence 2 has no sense"),
        ("the cat", SENTENCES, SENSES, "is not one word"),
        ("cat", [*SENTENCES, " "], [*SENSES, "film"], "Text 6 is empty"),
        ("cat", ["a cat"] * 501, ["a", "b"] * 250 + ["a"], "at most 500"),
        ("cat", [*SENTENCES, "the dog " * 200 + "cat"], [*SENSES, "film"], "Sentence 6 does not hold"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    word: str, sentences: list[str], senses: list[str], message: str, settings: Settings
) -> None:
    assert settings.offline
    with open_model("bundled") as engine, pytest.raises(InputError, match=message):
        compute_senses(engine, word, sentences, senses)
