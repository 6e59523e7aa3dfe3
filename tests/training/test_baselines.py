"""Baselines: what they can learn and what not, and the same numbers as scikit-learn's own pipeline."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.training.baselines import (
    keep_baseline,
    kept_baseline,
    measure_frozen_encoder,
    measure_words,
    rows_of_run,
)
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.split import split_rows
from tests.training.conftest import submit


def make_data(texts: list[str], labels: list[int], pairs: list[str] | None = None) -> LabelledTexts:
    return LabelledTexts(
        tuple(texts),
        tuple(pairs) if pairs else None,
        tuple(f"class {i}" for i in range(max(labels) + 1)),
        np.array(labels),
        tuple(range(1, len(texts) + 1)),
    )


def random_texts(count: int = 150) -> LabelledTexts:
    """The words lean towards the class and do not decide it."""
    generator = np.random.default_rng(5)
    labels = generator.integers(0, 3, count).tolist()
    words = np.array(["cat", "dog", "mat", "sat", "on", "the", "film"])
    shares = np.array([[3, 1, 1, 1, 1, 1, 1], [1, 3, 1, 1, 1, 1, 1], [1, 1, 3, 1, 1, 1, 1]]) / 9
    texts = [f"{' '.join(generator.choice(words, 6, p=shares[label]))} {i}" for i, label in enumerate(labels)]
    return make_data(texts, labels)


def test_words_equal_scikit_learns_pipeline() -> None:
    data = random_texts()
    train, held_out = np.arange(100), np.arange(100, 150)
    baseline = measure_words(data, train, held_out)
    right = np.zeros((3, 50))
    for label in range(3):  # one class against the rest
        pipeline = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b|\S"),
            LogisticRegression(solver="liblinear", dual=True, C=10.0, random_state=0, max_iter=200),
        )
        pipeline.fit(data.texts[:100], data.label_ids[:100] == label)
        right[label] = pipeline.predict_proba(data.texts[100:])[:, 1]
    expected = np.mean(right.argmax(axis=0) == data.label_ids[100:])
    assert baseline.accuracy == pytest.approx(expected)
    assert baseline.num_train == 100


def test_pairs_are_read_on_both_sides() -> None:
    firsts = [f"text {i}" for i in range(40)]
    data = make_data(firsts, [i % 2 for i in range(40)], [("yes", "no")[i % 2] for i in range(40)])
    assert measure_words(data, np.arange(30), np.arange(30, 40)).accuracy == 1.0


def test_texts_of_signs_alone() -> None:
    data = make_data(["!", "?"] * 10, [0, 1] * 10)
    assert measure_words(data, np.arange(16), np.arange(16, 20)).accuracy == 1.0


@pytest.mark.parametrize("pairs", [False, True])
def test_a_frozen_encoder_learns_from_its_vectors(settings: Settings, pairs: bool) -> None:
    texts = [f"the {('cat', 'dog')[i % 2]} sat on the mat {i}" for i in range(60)]
    data = make_data(texts, [i % 2 for i in range(60)], texts[1:] + texts[:1] if pairs else None)
    split = split_rows(data, held_out_share=0.2, seed=0)
    with open_model("bundled") as engine:
        baseline = measure_frozen_encoder(engine, data, split, max_train=40)
    assert settings.offline
    assert baseline.num_train == 40
    assert baseline.accuracy == 1.0


def test_what_was_measured_is_kept_beside_the_run(idle_queue: RunQueue, settings: Settings) -> None:
    run = submit(idle_queue)
    data, split = rows_of_run(run, settings)
    assert (len(data), len(split.held_out)) == (40, 8)
    folder = run_folder(run.id, settings)
    assert kept_baseline(folder) is None
    baseline = measure_words(data, split.train, split.held_out)
    keep_baseline(folder, replace(baseline, name="frozen encoder"))
    assert kept_baseline(folder) == replace(baseline, name="frozen encoder")
