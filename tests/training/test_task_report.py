"""Intervals, baselines and single decisions of tasks, by hand and against scikit-learn."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from bert_explorer.results import FloatArray
from bert_explorer.training.decisions import hardest, in_cell, mistakes, read_decisions, suspects
from bert_explorer.training.predictions import HeldOutRow, HeldOutWord
from bert_explorer.training.question_texts import Question, QuestionTexts
from bert_explorer.training.scores import score_tags
from bert_explorer.training.tagged_texts import TaggedTexts, read_tagged
from bert_explorer.training.targets import TargetTexts
from bert_explorer.training.task_baselines import measure_task_baselines
from bert_explorer.training.task_report import count_confusions, measure_intervals, score_words
from bert_explorer.training.uncertainty import correlation_interval, ratio_interval


def test_correlations_by_hand() -> None:
    """artanh(0.8) = 1.0986, and 1.96 / 5 to both sides of it; for ranks times sqrt(1 + 0.32)."""
    assert correlation_interval(0.8, 28, of_ranks=False) == pytest.approx((0.6085, 0.9034), abs=1e-4)
    assert correlation_interval(0.8, 28, of_ranks=True) == pytest.approx((0.5707, 0.9146), abs=1e-3)
    assert correlation_interval(0.9, 3, of_ranks=True) == (-1.0, 1.0)
    assert correlation_interval(1.0, 30, of_ranks=False) == (1.0, 1.0)


def test_the_bootstrap_of_a_mean_is_the_normal_interval() -> None:
    hits = [1.0] * 300 + [0.0] * 100
    low, high = ratio_interval(hits, [1.0] * 400)
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.006)
    assert ratio_interval(hits, [1.0] * 400) == (low, high), "the same for everybody who looks"
    assert ratio_interval([], []) == (0.0, 1.0)
    assert ratio_interval([0.0], [0.0]) == (0.0, 0.0)


TEXTS = ("a good film", "a bad film", "the good cat", "the bad dog", "good dog", "bad cat", "film", "cat")


def targets(values: FloatArray, labels: tuple[str, ...]) -> TargetTexts:
    return TargetTexts(TEXTS, None, labels, values.astype(np.float32), tuple(range(1, 9)))


def pipeline(last: object) -> object:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b|\S")
    return make_pipeline(words, last)


def test_numbers_beside_the_mean_and_ridge() -> None:
    numbers = np.array([3.0, -2.0, 4.0, -1.0, 2.0, -3.0, 0.0, 1.0])
    train, held_out = np.arange(5), np.arange(5, 8)
    mean, words = measure_task_baselines("regression", targets(numbers[:, None], ("n",)), train, held_out)
    assert (mean.name, words.name, words.num_train) == ("mean", "words", 5)
    assert mean.scores["mean_absolute_error"] == pytest.approx(np.mean(np.abs([-3 - 1.2, -1.2, 1 - 1.2])))
    model = pipeline(Ridge(alpha=1.0)).fit(TEXTS[:5], numbers[:5])  # type: ignore[attr-defined]
    errors = model.predict(TEXTS[5:]) - numbers[5:]
    assert words.scores["root_mean_squared_error"] == pytest.approx(np.sqrt(np.mean(errors**2)), abs=1e-5)


def test_label_sets_beside_the_commonest_set() -> None:
    sets = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [1, 1], [0, 0]])
    train, held_out = np.arange(5), np.arange(5, 8)
    commonest, words = measure_task_baselines("multi-label", targets(sets, ("good", "bad")), train, held_out)
    always = np.tile([1, 0], (3, 1))
    assert commonest.scores["micro_f1"] == pytest.approx(f1_score(sets[5:], always, average="micro"))
    assert words.name == "words"
    assert 0 <= words.scores["micro_f1"] <= 1


def tagged() -> TaggedTexts:
    """Ten sentences; "may" is a verb twice and a noun once."""
    sentences = ["may\tVERB\ngo\tVERB\n", "may\tVERB\ncat\tNOUN\n", "may\tNOUN\n"]
    return read_tagged(
        "tags.conll", "\n".join([*sentences, *["cat\tNOUN\n"] * 6, "may\tNOUN\nnew\tVERB\n"]).encode()
    )


def test_tags_beside_the_commonest_of_each_word() -> None:
    (baseline,) = measure_task_baselines("token-classification", tagged(), np.arange(9), np.array([9]))
    assert (baseline.name, baseline.scores["accuracy"]) == ("word tags", 0.0)  # VERB and NOUN, both wrong
    (baseline,) = measure_task_baselines("token-classification", tagged(), np.arange(1, 10), np.array([0]))
    assert baseline.scores["accuracy"] == 0.0  # may: NOUN twice, VERB once; go is new: NOUN
    questions = QuestionTexts((Question("who", "the cat", ("the cat",), 0, 1),) * 2)
    assert measure_task_baselines("question-answering", questions, np.array([0]), np.array([1])) == []


def word(
    text: str, true: str, given: str, sure: float, of_true: float, rather: str | None = None
) -> HeldOutWord:
    return HeldOutWord(text, true, given, sure, of_true, rather)


WORDS = (
    word("Ada", "B-PER", "B-PER", 0.9, 0.9),
    word("of", "O", "B-PER", 0.6, 0.3),
    word("London", "B-LOC", "O", 0.8, 0.1, "O"),
    HeldOutWord("end", "O", "O", None, None),
)
ROW = HeldOutRow(7, "Ada of London end", None, "", "", (), WORDS)


def test_words_that_deserve_an_eye() -> None:
    decisions = read_decisions("token-classification", [ROW], ())
    assert [item.what for item in mistakes(decisions)] == ["London", "of"]
    assert [item.what for item in hardest(decisions)] == ["London", "of", "Ada", "end"]  # "end" was not read
    assert [(item.what, item.rather) for item in suspects(decisions)] == [("London", "O")]
    assert [item.what for item in in_cell(decisions, "O", None)] == ["of", "end"]
    assert count_confusions([ROW], ["B-LOC", "B-PER", "O"]) == [[0, 0, 1], [0, 1, 0], [0, 1, 0]]
    perfect = replace(ROW, words=WORDS[:1])
    found = measure_intervals("token-classification", {"entity_f1": 0.7}, [ROW, perfect] * 20, ())
    low, high = found["entity_f1"]  # two right names of three true and three given: 2 * 2 / 6
    assert 0.5 < low < 4 / 6 < high < 0.9
    assert found["accuracy"][0] < 3 / 5 < found["accuracy"][1]
    assert measure_intervals("token-classification", {"entity_f1": 1.0}, [perfect] * 20, ()) == {}


@pytest.mark.parametrize("given", ["(unread)", "O"])
def test_words_that_were_not_read_count_for_each_tag_too(given: str) -> None:
    """As they do in the headline: the table's mean F1 is the macro F1."""
    row = replace(ROW, words=(*WORDS, HeldOutWord("Paris", "B-LOC", given, None, None)))
    scores = score_words([row], ("B-LOC", "B-PER", "O"))
    assert [line["support"] for line in scores] == [2, 1, 2]
    assert [line["recall"] for line in scores] == [0.0, 1.0, 0.5]
    headline = score_tags([[word.true for word in row.words]], [[word.given for word in row.words]])
    assert np.mean([line["f1"] for line in scores]) == pytest.approx(headline["macro_f1"])


def test_numbers_that_are_met_are_not_suspected() -> None:
    """Most are missed by 2: 0 is odd, and right; of the others the oddest comes first."""
    errors = (2.0, 2.1, 1.9, 2.0, 2.1, 1.9, 0.0, 4.5, -1.5)
    rows = [HeldOutRow(n, "", None, "10", str(10 + error), ()) for n, error in enumerate(errors)]
    far = suspects(read_decisions("regression", rows, ()))
    assert [(item.row.line, item.rather) for item in far] == [(8, "8.5"), (7, "14.5")]


def test_labels_numbers_and_answers_that_deserve_an_eye() -> None:
    rows = [
        HeldOutRow(1, "x", None, "a", "a", (0.9, 0.2), true_labels=("a",)),
        HeldOutRow(2, "y", None, "a", "b", (0.1, 0.7), true_labels=("a",)),
        HeldOutRow(3, "z", None, "b", "b", (0.2, 0.6), true_labels=("b",)),
        HeldOutRow(4, "w", None, "a", "a", (0.8, 0.1), true_labels=("a",)),
    ]
    decisions = read_decisions("multi-label", rows, ("a", "b"))
    assert [(item.row.line, item.what, item.true, item.given) for item in mistakes(decisions)] == [
        (2, "a", "yes", "no"),
        (2, "b", "no", "yes"),
    ]
    assert [(item.row.line, item.what, item.rather) for item in suspects(decisions)] == [
        (2, "a", "no"),
        (2, "b", "yes"),
    ]
    numbers = [HeldOutRow(n, "", None, "1", given, ()) for n, given in enumerate(("1.5", "-3", "1"))]
    assert [item.row.line for item in hardest(read_decisions("regression", numbers, ()))] == [1, 0, 2]
    given = ("1.1", "0.9", "1.2", "0.8", "1", "4")  # MAD 1.4826 * 0.15 around 0.05: only 3 is far
    numbers = [HeldOutRow(n, "", None, "1", number, ()) for n, number in enumerate(given)]
    far = suspects(read_decisions("regression", numbers, ()))
    assert [(item.row.line, item.rather) for item in far] == [(5, "4")]
    alike = [HeldOutRow(n, "", None, "1", number, ()) for n, number in enumerate(("1", "1", "1", "2"))]
    assert suspects(read_decisions("regression", alike, ())) == []
    assert read_decisions("regression", [], ()) == []
    answers = [
        HeldOutRow(n, "who", "text", "Ada / Ada Byron", given, (), true_labels=("Ada", "Ada Byron"))
        for n, given in enumerate(("the Ada", "Byron", "nobody"))
    ]
    decisions = read_decisions("question-answering", answers, ())
    assert [item.row.line for item in mistakes(decisions)] == [2, 1]
    assert [item.badness for item in decisions] == pytest.approx([0.0, 1 / 3, 1.0])
