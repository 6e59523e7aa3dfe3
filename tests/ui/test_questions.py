"""The code on a page is a program that runs and prints the page's own answer."""

import contextlib
import io

import pytest

from bert_explorer.analysis.minimal_pairs import MinimalPair, compute_accuracies, judge_pairs
from bert_explorer.analysis.rescoring import Hypothesis, mix_scores
from bert_explorer.analysis.writing import Recipe, join_tokens
from bert_explorer.models.cache import open_model
from bert_explorer.ui.attention_questions import AttentionQuestion
from bert_explorer.ui.embedding_questions import TextsQuestion, TokensQuestion
from bert_explorer.ui.head_questions import AblationQuestion, AtlasQuestion, RelationsQuestion
from bert_explorer.ui.masked_questions import JointQuestion, LayersQuestion, MaskedWordsQuestion
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion
from bert_explorer.ui.sentence_questions import (
    CalibrationQuestion,
    PairsQuestion,
    RankingQuestion,
    TextScoreQuestion,
)
from bert_explorer.ui.writing_questions import TemplatesQuestion, WritingQuestion

HOSTILE = 'the cat\'s "mat" \\ on {the} [MASK] \N{SNOWMAN}'


def run(code: str) -> str:
    assert "bert_explorer.ui" not in code, "the program is for readers without the pages"
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "page", "exec"), {})
    return output.getvalue()


@pytest.mark.usefixtures("settings")
def test_masked_words_code_prints_the_same_words() -> None:
    question = MaskedWordsQuestion(HOSTILE, 4, ("dog",))
    with open_model("bundled") as engine:
        answer = question.ask(engine)
    lines = run(question.code("bundled")).splitlines()
    words = [word.token for word in answer.masks[0].predictions]
    assert [line.split()[1] for line in lines] == [*words, "dog"]


@pytest.mark.usefixtures("settings")
def test_closer_questions_about_masks_print_their_answers() -> None:
    text = "the [MASK] 'sat' on the [MASK] ."
    with open_model("bundled") as engine:
        joint, layers = JointQuestion(text, 3).ask(engine), LayersQuestion(text, 1).ask(engine)
    lines = run(JointQuestion(text, 3).code("bundled")).splitlines()
    assert [float(line.split()[-1]) for line in lines] == pytest.approx(
        [joint.independent.log_probability, *(item.log_probability for item in joint.found)], abs=1e-3
    )
    lines = run(LayersQuestion(text, 1).code("bundled")).splitlines()
    assert [f"rank {item.final.rank} " in line for item, line in zip(layers, lines, strict=True)] == [
        True
    ] * 3


@pytest.mark.usefixtures("settings")
def test_sentence_code_prints_the_scores() -> None:
    text, pair = "the cat's 'mat' .", (Hypothesis('a "cat"', -1.0), Hypothesis("the dog", -2.0))
    with open_model("bundled") as engine:
        score = TextScoreQuestion(text).ask(engine)
        ranked = mix_scores(pair, RankingQuestion(pair).ask(engine), weight=0.25)
    last = run(TextScoreQuestion(text).code("bundled")).splitlines()[-1]
    expected = [score.pseudo_log_likelihood, score.pseudo_perplexity]
    assert [float(number) for number in last.split()] == pytest.approx(expected, abs=1e-2)
    lines = run(RankingQuestion(pair).code("bundled", weight=0.25)).splitlines()
    assert [float(line.split()[0]) for line in lines] == pytest.approx(
        [item.total for item in ranked], abs=1e-2
    )


@pytest.mark.parametrize("bundled", [False, True])
@pytest.mark.usefixtures("settings")
def test_code_of_pairs_prints_their_accuracies(bundled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = tuple(
        MinimalPair(name, good, bad)
        for name in ("an 'a'", "b")
        for good, bad in (("the cat sat .", "the cat cat ."), ('we "are"', "we is"))
    )
    monkeypatch.setattr("bert_explorer.analysis.minimal_pairs.read_bench", lambda _settings: pairs)
    with open_model("bundled") as engine:
        expected = compute_accuracies([item for _, item in judge_pairs(engine, pairs) if item])
    lines = run(PairsQuestion(pairs, bundled).code("bundled")).splitlines()
    for line, item in zip(lines, expected, strict=True):
        assert line.startswith(item.phenomenon)
        assert f" {item.num_right} of 2 " in line


@pytest.mark.usefixtures("settings")
def test_calibration_code_prints_a_line_a_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = ("the cat sat on the mat .", "we are going")
    monkeypatch.setattr("bert_explorer.analysis.calibration.read_held_out", lambda _settings: sentences)
    with open_model("bundled") as engine:
        answer = CalibrationQuestion().ask(engine)
    lines = run(CalibrationQuestion().code("bundled")).splitlines()
    assert [int(line.split()[-1]) for line in lines] == [item.count for item in answer.bins]


@pytest.mark.usefixtures("settings")
def test_templates_and_writing_code_print_their_answers() -> None:
    question, recipe = (
        TemplatesQuestion("the [MASK] 'sat'", "a [MASK] is"),
        Recipe("it's", places=3, passes=1),
    )
    with open_model("bundled") as engine:
        answer, steps = question.ask(engine), WritingQuestion(recipe).ask(engine)
    expected = [answer.differences[i] for side in answer.most_different(2) for i in side]
    lines = run(question.code("bundled", count=2)).splitlines()
    assert [float(line.split()[-1]) for line in lines] == pytest.approx(expected, abs=1e-2)
    *lines, last = run(WritingQuestion(recipe).code("bundled")).splitlines()
    assert [line.split()[1] for line in lines] == [step.token for step in steps]
    assert last == join_tokens(steps[-1].tokens)


@pytest.mark.usefixtures("settings")
def test_next_sentence_code_prints_the_same_probability() -> None:
    question = NextSentenceQuestion("it's the cat .", "the dog .")
    with open_model("bundled") as engine:
        probability = question.ask(engine).is_next_probability
    assert float(run(question.code("bundled"))) == pytest.approx(probability, abs=1e-4)


@pytest.mark.usefixtures("settings")
def test_attention_code_prints_a_line_a_token_of_the_chosen_head() -> None:
    question = AttentionQuestion("the cat sat", "on the mat")
    with open_model("bundled") as engine:
        answer = question.ask(engine)
    lines = run(question.code("bundled", layer=1, head=1)).splitlines()
    largest = answer.half_attentions[1, 1].max(axis=1)
    assert [float(line.split()[-1]) for line in lines] == pytest.approx(list(largest), abs=1e-3)


@pytest.mark.usefixtures("settings")
def test_embedding_code_prints_the_shapes() -> None:
    texts = TextsQuestion(("the cat", "a 'dog'", "the mat"), 1, "mean")
    assert run(texts.code("bundled", method="pca", dimensions=2)).strip() == "(3, 32) (3, 2)"
    tokens = TokensQuestion("the cat sat", 2)
    assert "(5, 3)" in run(tokens.code("bundled", method="pca", dimensions=3))


@pytest.mark.usefixtures("settings")
def test_code_about_heads_prints_the_pages_numbers() -> None:
    atlas = AtlasQuestion(("the cat 'sat'", "we"))
    relations = RelationsQuestion(3)
    ablation = AblationQuestion("the cat [MASK]", ((0, 1),))
    with open_model("bundled") as engine:
        entropy = atlas.ask(engine).statistic("entropy")
        accuracies = relations.ask(engine)
        perplexity = ablation.ask(engine).without.perplexity
    lines = run(atlas.code("bundled", statistic="entropy")).splitlines()
    assert [float(word) for word in lines[1].split()[2:]] == pytest.approx(list(entropy[1]), abs=1e-3)
    assert len(run(relations.code("bundled")).splitlines()) == len(accuracies.relations)
    assert f"1 heads off, pseudo-perplexity {perplexity}" in run(ablation.code("bundled"))
