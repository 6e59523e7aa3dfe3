"""Probes against their definitions, on vectors that hold a label and on vectors that hold none."""

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bert_explorer.analysis.probe_examples import probe_tags, probe_texts, read_words
from bert_explorer.analysis.probes import (
    MAX_ITERATIONS,
    REGULARIZATION,
    Examples,
    control_labels,
    probe_layers,
    split_groups,
    word_type_hits,
)
from bert_explorer.analysis.treebank import ROOT, Sentence
from bert_explorer.errors import InputError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

NUM = 240


@pytest.fixture
def examples() -> Examples:
    """Words of 12 types in 60 sentences; two labels, of which 3 in 4 are "n"."""
    rng = np.random.default_rng(0)
    types = tuple(f"w{i}" for i in rng.integers(0, 12, NUM))
    labels = tuple(rng.choice(["n", "v"], NUM, p=[0.75, 0.25]))
    return Examples(labels, types, tuple(np.repeat(np.arange(60), 4)))


@pytest.fixture
def vectors(examples: Examples) -> np.ndarray:
    """Layer 0 is noise, layer 1 holds the label, layer 2 holds the word."""
    rng = np.random.default_rng(1)
    layers = rng.normal(size=(3, NUM, 20))
    layers[1, :, 0] += 8.0 * np.array([label == "n" for label in examples.labels])
    layers[2] += 4 * rng.normal(size=(12, 20))[[int(name[1:]) for name in examples.types]]
    return layers.astype(np.float32)


def test_a_probe_finds_what_a_layer_holds_and_nothing_else(vectors: np.ndarray, examples: Examples) -> None:
    seen: list[tuple[int, int]] = []
    report = probe_layers(vectors, examples, progress=lambda *done: seen.append(done))
    shares = np.array(report.hits) / report.num_test
    control = np.array(report.control_hits) / report.num_test
    assert shares[1] > 0.97
    assert shares[0] < 0.85
    assert control[2] > 0.97  # twelve words are quickly learnt by heart
    assert max(control[:2]) < 0.85
    assert report.num_train + report.num_test == NUM
    assert (report.labels, report.kind) == (("n", "v"), "words")
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert probe_layers(vectors, examples) == report


def test_hits_are_those_of_scikit_learn_on_the_same_split(vectors: np.ndarray, examples: Examples) -> None:
    report = probe_layers(vectors, examples, seed=5)
    train, test = split_groups(np.array(examples.groups), 5)
    labels = np.array(examples.labels)
    control = control_labels(examples.types, examples.labels, 5)
    assert (control != labels).any()
    for layer, found, wanted in ((2, report.hits, labels), (0, report.control_hits, control)):
        scaler = StandardScaler().fit(vectors[layer, train].astype(np.float64))
        model = LogisticRegression(C=REGULARIZATION, max_iter=MAX_ITERATIONS, tol=1e-3)
        model.fit(scaler.transform(vectors[layer, train].astype(np.float64)), wanted[train])
        expected = model.predict(scaler.transform(vectors[layer, test].astype(np.float64)))
        assert found[layer] == int(np.sum(expected == wanted[test]))
    most = Counter(labels[train]).most_common(1)[0][0]
    assert report.majority_hits == int(np.sum(labels[test] == most))


def test_words_of_a_sentence_stay_on_one_side_of_the_split() -> None:
    groups = np.repeat(np.arange(50), 3)
    train, test = split_groups(groups, 2)
    assert not set(groups[train]) & set(groups[test])
    assert len(set(groups[test])) == 15
    assert sorted([*train, *test]) == list(range(150))


def test_control_labels_depend_on_the_word_alone_and_are_as_frequent_as_the_true_ones() -> None:
    types = [f"w{i}" for i in range(4000)] * 2
    labels = ["a"] * 6000 + ["b"] * 2000
    control = control_labels(types, labels, 0)
    assert (control[:4000] == control[4000:]).all()
    assert np.mean(control == "a") == pytest.approx(0.75, abs=0.03)
    assert (control != control_labels(types, labels, 1)).any()


def test_the_word_baseline_of_a_case_worked_out_by_hand() -> None:
    """Training: the cat is n n v, to run v; a word that is new gets the most frequent label, v."""
    types = ["cat", "cat", "cat", "run", "run", "cat", "run", "new", "new"]
    labels = np.array(["n", "n", "v", "v", "v", "n", "n", "v", "n"])
    assert word_type_hits(types, labels, np.arange(5), np.arange(5, 9)) == 2


def test_texts_are_probed_beside_a_bag_of_words(settings: Settings) -> None:
    assert settings.offline
    texts = [f"the {word} sat on mat {i}" for i in range(20) for word in ("cat", "dog")]
    labels = ["cats", "dogs"] * 20
    with open_model("bundled") as engine:
        report = probe_texts(engine, texts, labels)
        assert len(report.hits) == engine.info.num_layers + 1
        with pytest.raises(InputError, match="Text 2 has no label"):
            probe_texts(engine, texts, ["a", " "] * 20)
        with pytest.raises(InputError, match="belong together"):  # there are two texts only
            probe_texts(engine, ["a cat", "A  cat ", "a dog", "a dog"] * 10, ["c", "c", "d", "d"] * 10)
        with pytest.raises(InputError, match="at most 3,000"):
            probe_texts(engine, ["a"] * 3001, ["a"] * 3001)
    assert report.kind == "texts"
    assert report.surface_hits == report.num_test == 12
    assert report.control_hits == (12,) * len(report.hits)  # all texts begin with the same word


def test_tags_are_read_off_the_mean_of_a_words_pieces(settings: Settings) -> None:
    assert settings.offline
    sentences = [
        Sentence(("the", noun, verb), (1, 2, ROOT), ("det", "nsubj", "root"), 1, ("DET", "NOUN", "VERB"))
        for noun in ("zebras", "cat", "dog", "man", "girl")
        for verb in ("sat", "ran", "saw", "is")
    ]
    sentence = sentences[0]
    untagged = Sentence(sentence.words, (1, 2, ROOT), ("det", "nsubj", "root"), 1)
    with open_model("bundled") as engine:
        states = engine.hidden_states(sentence.text)
        owners, found = read_words(states, sentence)
        report = probe_tags(engine, sentences)
        with pytest.raises(InputError, match="belong together"):
            probe_tags(engine, [sentence] * 20)
        with pytest.raises(InputError, match="no parts of speech"):
            probe_tags(engine, [untagged])
    assert owners == [0, 1, 2]
    np.testing.assert_allclose(found[:, 1], states.hidden_states[:, 2:-2].mean(axis=1), atol=1e-6)
    assert (report.num_train, report.num_test) == (42, 18)
    assert report.surface_hits == 18
    assert report.labels == ("DET", "NOUN", "VERB")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 30, "1 different labels"),
        (["a", "b"] * 5, "at least 20"),
        ([str(i) for i in range(60)], "60 diff"),
    ],
)
def test_labels_that_cannot_be_probed_are_refused(labels: list[str], message: str) -> None:
    count = len(labels)
    examples = Examples(tuple(labels), ("w",) * count, tuple(range(count)))
    with pytest.raises(InputError, match=message):
        probe_layers(np.zeros((1, count, 3), np.float32), examples)


def test_vectors_that_are_no_numbers_and_single_groups_are_refused(examples: Examples) -> None:
    with pytest.raises(InputError, match="not finite"):
        probe_layers(np.full((1, NUM, 3), np.nan, np.float32), examples)
    together = Examples(examples.labels, examples.types, (0,) * NUM)
    with pytest.raises(InputError, match="belong together"):
        probe_layers(np.zeros((1, NUM, 3), np.float32), together)
