"""Measures against seqeval, scikit-learn, scipy and cases worked out by hand."""

import numpy as np
import pytest
import seqeval.metrics as metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, mean_absolute_error, precision_recall_fscore_support

from bert_explorer.training.scores import (
    normalise_answer,
    score_answers,
    score_each_tag,
    score_entities,
    score_label_sets,
    score_numbers,
    score_tags,
)

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
SENTENCES = st.lists(
    st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=12),
    min_size=1,
    max_size=6,
)


@pytest.mark.filterwarnings("ignore")  # seqeval's means of nothing
@settings(deadline=None, max_examples=60)
@given(SENTENCES)
def test_entities_count_as_in_seqeval(sentences: list[list[tuple[str, str]]]) -> None:
    true = [[pair[0] for pair in sentence] for sentence in sentences]
    predicted = [[pair[1] for pair in sentence] for sentence in sentences]
    scores = score_entities(true, predicted)
    for name in ("f1", "precision", "recall"):
        expected = getattr(metrics, f"{name}_score")(true, predicted, zero_division=0)
        assert scores[f"entity_{name}"] == pytest.approx(expected, abs=1e-12)
    report = metrics.classification_report(true, predicted, output_dict=True, zero_division=0)
    for row in scores["per_class"]:
        expected = report.get(row["label"], {"f1-score": 0.0, "support": 0})
        assert row["f1"] == pytest.approx(expected["f1-score"], abs=1e-12)
        assert row["support"] == expected["support"]


def test_tags_and_label_sets_are_as_in_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    true, predicted = rng.choice(TAGS, (2, 50)).tolist()
    scores = score_tags([true[:20], true[20:]], [predicted[:20], predicted[20:]])
    assert scores["macro_f1"] == pytest.approx(f1_score(true, predicted, average="macro"))
    names = [*TAGS, "B-ORG"]  # which nobody has or gives
    expected = precision_recall_fscore_support(true, predicted, labels=TAGS, zero_division=0.0)
    rows = score_each_tag(true, predicted, names)
    assert [row["label"] for row in rows] == list(TAGS)
    for index, name in enumerate(("precision", "recall", "f1", "support")):
        assert [row[name] for row in rows] == pytest.approx(expected[index])
    wanted, probabilities = rng.integers(0, 2, (40, 3)), rng.random((40, 3))
    sets = score_label_sets(wanted, probabilities, ("a", "b", "c"))
    given_ = probabilities > 0.5
    assert sets["micro_f1"] == pytest.approx(f1_score(wanted, given_, average="micro"))
    assert sets["macro_f1"] == pytest.approx(f1_score(wanted, given_, average="macro"))
    assert sets["accuracy"] == pytest.approx(np.mean((wanted == given_).all(axis=1)))
    assert [row["support"] for row in sets["per_class"]] == wanted.sum(axis=0).tolist()


def test_numbers() -> None:
    true, predicted = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.5, 1.0, 3.0, 4.0])
    scores = score_numbers(true, predicted)
    assert scores["pearson"] == pytest.approx(np.corrcoef(true, predicted)[0, 1])
    assert scores["spearman"] == pytest.approx(0.8)  # ranks 1 2 3 4 and 2 1 3 4: 1 - 6 * 2 / (4 * 15)
    assert scores["mean_absolute_error"] == pytest.approx(mean_absolute_error(true, predicted))
    assert score_numbers(true, np.ones(4))["pearson"] == 0.0


def test_answers_by_hand() -> None:
    assert normalise_answer("The  U.S. Senate!") == "us senate"
    assert score_answers([["the Eiffel Tower"]], ["Eiffel Tower."]) == {"exact_match": 1.0, "f1": 1.0}
    # one word of two given and of three wanted: 2 * 1 / (2 + 3)
    assert score_answers([["Battle of Hastings"]], ["Hastings 1066"])["f1"] == pytest.approx(0.4)
    assert score_answers([["wrong", "right one"]], ["right one"])["f1"] == 1.0
    assert score_answers([[], []], ["", "something"]) == {"exact_match": 0.5, "f1": 0.5}
