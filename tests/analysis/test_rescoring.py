"""Lists of sentences by a worked example, and minimal pairs by counting."""

import numpy as np
import pytest

from bert_explorer.analysis.minimal_pairs import (
    JudgedPair,
    MinimalPair,
    compute_accuracies,
    judge_pairs,
    parse_pairs,
    read_bench,
)
from bert_explorer.analysis.pseudo_likelihood import score_text
from bert_explorer.analysis.rescoring import (
    Hypothesis,
    mix_scores,
    parse_hypotheses,
    rank_hypotheses,
)
from bert_explorer.errors import BertExplorerError, DataError, EmptyTextError, InputError, MaskError
from bert_explorer.intervals import wilson_interval
from bert_explorer.models.cache import open_model
from bert_explorer.results import TextScore
from bert_explorer.settings import REPOSITORY, Settings


def made_score(likelihood: float) -> TextScore:
    ids = np.zeros(1, dtype=np.int64)
    value = np.array([likelihood], dtype=np.float32)
    return TextScore("x", ("x",), (0,), ids, ids, value, value, ids, ("x",), value)


def test_a_worked_example() -> None:
    """Three sentences: 0.75 * -1 + 0.25 * -20 = -5.75, 0.75 * -2 + 0.25 * -12 = -4.5, -3 and -8: -4.25."""
    hypotheses = [Hypothesis("a", -1.0), Hypothesis("b", -2.0), Hypothesis("c", -3.0)]
    scores = [made_score(-20.0), made_score(-12.0), made_score(-8.0)]
    ranked = mix_scores(hypotheses, scores, weight=0.25)
    assert [(item.hypothesis.text, item.place, item.total) for item in ranked] == [
        ("c", 3, -4.25),
        ("b", 2, -4.5),
        ("a", 1, -5.75),
    ]
    assert [item.hypothesis.text for item in mix_scores(hypotheses, scores, weight=0)] == ["a", "b", "c"]
    with pytest.raises(InputError, match=r"weight is 1\.5"):
        mix_scores(hypotheses, scores, weight=1.5)


def test_without_own_scores_the_model_decides(settings: Settings) -> None:
    assert settings.offline
    texts = ("the cat sat on the mat .", "the mat sat", "we are going to see a doctor")
    with open_model("bundled") as engine:
        ranked = rank_hypotheses(engine, [Hypothesis(text) for text in texts])
        expected = {text: score_text(engine, text).pseudo_log_likelihood for text in texts}
    assert [item.hypothesis.text for item in ranked] == sorted(texts, key=lambda text: -expected[text])
    for item in ranked:
        assert item.total == pytest.approx(expected[item.hypothesis.text], abs=1e-3)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a b\n\n c \n", [("a b", None), ("c", None)]),
        ("-1.5\ta b\n-2\tc", [("a b", -1.5), ("c", -2.0)]),
        ("a b\t-1.5\nc\t2e1\n", [("a b", -1.5), ("c", 20.0)]),
        ("1\t2\n3\t4", [("2", 1.0), ("4", 3.0)]),
    ],
)
def test_lists_are_read(content: str, expected: list[tuple[str, float | None]]) -> None:
    assert [(item.text, item.own_score) for item in parse_hypotheses(content)] == expected


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("  \n ", EmptyTextError, "no sentence"),
        ("-1\ta\nb", DataError, "Line 2: The line has 1 columns and should have 2"),
        ("a\n\nb\t-1", DataError, "Line 3: The line has 2 columns and should have 1"),
        ("1\ta\tb", DataError, "Line 1: The line has 3 columns"),
        ("-1\ta\nx\tb", DataError, "Line 2: 'x' is not a number"),
        ("-1\ta\nnan\tb", DataError, "Line 2: 'nan' is not a number"),
        ("-1\ta\n-2\t ", DataError, "Line 2: The sentence is empty"),
        ("a\n" * 201, InputError, "201 sentences; the limit is 200"),
    ],
)
def test_lists_that_cannot_be_read(content: str, error: type[BertExplorerError], message: str) -> None:
    with pytest.raises(error, match=message):
        parse_hypotheses(content)


def test_pairs_are_judged_by_their_likelihoods(settings: Settings) -> None:
    assert settings.offline
    pairs = parse_pairs("the cat sat .\tthe cat cat .\n\nverbs\twe are going\twe is going home\n")
    assert [pair.phenomenon for pair in pairs] == ["your pairs", "verbs"]
    with open_model("bundled") as engine:
        steps = list(judge_pairs(engine, pairs))
        expected = {
            text: score_text(engine, text).pseudo_log_likelihood
            for pair in pairs
            for text in (pair.good, pair.bad)
        }
    assert [done for done, _ in steps] == [1, 2, 3, 4]
    judged = [item for _, item in steps if item is not None]
    assert {item.pair for item in judged} == set(pairs)
    for item in judged:
        assert item.good_score == pytest.approx(expected[item.pair.good], abs=1e-3)
        assert item.bad_score == pytest.approx(expected[item.pair.bad], abs=1e-3)
        assert item.is_right == (expected[item.pair.good] > expected[item.pair.bad])


def test_accuracies_are_counted_by_phenomenon() -> None:
    judged = [JudgedPair(MinimalPair("b", "x", "y"), good, -2.0) for good in (-1.0, -3.0, -1.5, -2.0)]
    judged.append(JudgedPair(MinimalPair("a", "x", "y"), -1.0, -2.0))
    a, b = compute_accuracies(judged)
    assert (a.phenomenon, a.num_right, a.num_pairs, a.share) == ("a", 1, 1, 1.0)
    assert (b.phenomenon, b.num_right, b.num_pairs, b.share) == ("b", 2, 4, 0.5)
    assert (b.low, b.high) == wilson_interval(2, 4)


@pytest.mark.parametrize("content", ["only one", "a\t", "a\tb\tc\td", "\tb"])
def test_pairs_that_cannot_be_read(content: str) -> None:
    with pytest.raises(DataError, match="Line 2"):
        parse_pairs("good\tbad\n" + content)


def test_masks_in_both_halves_are_refused(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine, pytest.raises(MaskError, match="has a mask"):
        list(judge_pairs(engine, parse_pairs("the [MASK] sat\tthe [MASK] cat")))


def test_the_bundled_bench_is_whole() -> None:
    pairs = read_bench(Settings(assets=REPOSITORY / "assets"))
    assert len(pairs) == 1340
    assert len({pair.phenomenon for pair in pairs}) == 13
    assert all(pair.good != pair.bad for pair in pairs)
