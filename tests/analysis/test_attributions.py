"""Explanations of one prediction: cases by hand, captum, and every kind of model."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from captum.attr import LayerIntegratedGradients

from bert_explorer.analysis.attention_words import word_units
from bert_explorer.analysis.attributions import (
    GRADIENT,
    METHODS,
    OCCLUSION,
    ROLLOUT,
    explain,
    explain_text,
    integrate_gradients,
    ranked_units,
    units_of,
)
from bert_explorer.analysis.evidence import Asked
from bert_explorer.analysis.faithfulness import areas, measure_faithfulness, trace_curves
from bert_explorer.analysis.predictions import BEGIN, END, NUMBER, best_span, find_asked
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.errors import CapabilityError, InputError, MaskError, TextTooLongError
from bert_explorer.models.cache import open_model
from bert_explorer.models.evidence_requests import EditedCopiesRequest, PathGradientsRequest
from bert_explorer.results import (
    Capability,
    CompactAttention,
    ModelInfo,
    PathGradients,
    Target,
    Tokens,
)
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

WORDS = ("[CLS]", "not", "go", "##od", "[SEP]")
HAND = Tokens(
    "not good",
    None,
    WORDS,
    np.array([1, 5, 6, 7, 2]),
    (None, 0, 1, 1, None),
    (None, 0, 0, 0, None),
    np.array([[0, 0], [0, 3], [4, 6], [6, 8], [0, 0]]),
)
INPUTS = np.array([1.0, 3.0, 2.0, 0.5, 1.0])  # one number a token in the place of a vector


class HandEngine:
    """F = (x_go + x_od) (1 - x_not), where [MASK], [PAD] and left-out tokens are 0."""

    info = ModelInfo(
        "local:hand",
        "hand",
        "bert",
        1,
        1,
        1,
        10,
        128,
        1,
        1,
        frozenset({Capability.SEQUENCE_CLASSIFICATION}),
        ("bad", "good"),
        "[MASK]",
    )
    max_batch_tokens = 12  # two texts at a time

    def tokenize(self, text: str, pair: str | None = None, *, truncate: bool = False) -> Tokens:
        assert (text, pair, truncate) == ("not good", None, False)
        return HAND

    def compact_attentions(self, _text: str, _pair: str | None = None) -> CompactAttention:
        half = np.full((1, 1, 5, 5), 0.2, dtype=np.float16)
        return CompactAttention(HAND, (0,), half)

    def map(self, requests: Iterable[Any], *, window: int = 1) -> Iterator[Any]:
        assert window
        for request in requests:
            assert request.target == Target(1)
            if isinstance(request, EditedCopiesRequest):
                assert len(request.edits) <= 2
                gone = [(*edit.hidden, *edit.dropped) for edit in request.edits]
                yield np.array([self.evidence(np.isin(range(5), places)) for places in gone])
            else:
                assert isinstance(request, PathGradientsRequest)
                yield self.slopes(request)

    def evidence(self, gone: np.ndarray) -> float:
        x = np.where(gone, 0, INPUTS)
        return float((x[2] + x[3]) * (1 - x[1]))

    def slopes(self, request: PathGradientsRequest) -> PathGradients:
        rows, heights = [], []
        for point in request.points:
            x = point * INPUTS
            gradient = np.array([0, -(x[2] + x[3]), 1 - x[1], 1 - x[1], 0])
            rows.append(gradient * INPUTS)
            heights.append((x[2] + x[3]) * (1 - x[1]))
        return PathGradients(HAND, request.points, np.array(rows), np.array(heights))


def test_all_methods_by_hand() -> None:
    """F = 2.5 (1 - 3) = -5. Without "not" 2.5, without "good" 0.

    Gradient x input: not: -2.5 * 3 = -7.5; good: 2.5 (1 - 3) = -5. Integrated from 0: of
    F(a) = 2.5 a - 7.5 a^2, the part of "not" is the integral of -2.5 a * 3 = -3.75, that of good
    of 2.5 (1 - 3 a) = -1.25; together -5 = F(1) - F(0).
    """
    found = explain(HandEngine(), Asked("not good", None, Target(1), "good"))  # type: ignore[arg-type]
    assert found.methods == METHODS
    assert units_of(found).names == ("[CLS]", "not", "good", "[SEP]")
    expected = [[0, -7.5, -5, 0], [0, -3.75, -1.25, 0], [0, -7.5, -5, 0], [0.6, 0.1, 0.2, 0.1]]
    np.testing.assert_allclose(found.scores, expected, atol=1e-3)
    assert (found.evidence, found.change) == pytest.approx((-5, -5))
    assert found.likelihood == pytest.approx(1 / (1 + np.exp(5)))
    assert found.completeness_error < 1e-9
    pieces = explain(HandEngine(), Asked("not good", None, Target(1), "good"), by_words=False)  # type: ignore[arg-type]
    np.testing.assert_allclose(pieces.scores[2], [0, -7.5, -4, -1, 0], atol=1e-6)


def test_curves_by_hand() -> None:
    """Words worth 4, 2 and 1 that add up: the best order falls fastest, the worst slowest."""
    worth = np.array([2.0, 4.0, 1.0])

    def likelihoods(sets: Any) -> np.ndarray:
        return np.array([worth.sum() - worth[list(hidden)].sum() for hidden in sets])

    found = trace_curves(("best", "worst"), [[1, 0, 2], [2, 0, 1]], likelihoods, num_random=40, seed=1)
    np.testing.assert_allclose(found.shares, [0, 1 / 3, 2 / 3, 1], atol=1e-6)
    np.testing.assert_allclose(found.deletion, [[7, 3, 1, 0], [7, 6, 4, 0]])
    np.testing.assert_allclose(found.insertion, [[0, 4, 6, 7], [0, 1, 3, 7]])
    down, up = areas(found.shares, found.deletion), areas(found.shares, found.insertion)
    np.testing.assert_allclose(down, [7.5 / 3, 13.5 / 3], atol=1e-6)
    np.testing.assert_allclose(up, [13.5 / 3, 7.5 / 3], atol=1e-6)
    chance = areas(found.shares, found.random_deletion)
    assert down[0] <= chance.min() < chance.mean() < chance.max() <= down[1]
    assert chance.mean() == pytest.approx(3.5, abs=0.2)  # every order and its reverse together give 7


def test_the_test_of_faithfulness_tells_the_right_word_from_the_wrong_one() -> None:
    engine: Any = HandEngine()
    right = explain(engine, Asked("not good", None, Target(1), "good"))
    wrong = replace(right, scores=-right.scores)
    curves = [measure_faithfulness(engine, found, num_random=3) for found in (right, wrong)]
    row = METHODS.index(OCCLUSION)  # "good" first: its score is higher than that of "not"
    np.testing.assert_allclose(curves[0].deletion[row], 1 / (1 + np.exp([5, 0, 0])), atol=1e-6)
    np.testing.assert_allclose(curves[1].deletion[row], 1 / (1 + np.exp([5, -2.5, 0])), atol=1e-6)


@pytest.fixture
def classifier(settings: Settings, tiny_classifier: Path) -> str:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    return "local:classes"


@pytest.mark.parametrize("pair", [None, "and looked at the dog ."])
def test_integrated_gradients_are_captums(pair: str | None, classifier: str, tiny_classifier: Path) -> None:
    text, target = "free prize ! call now to win money", 2
    with open_model(classifier) as engine:
        asked = find_asked(engine, text, pair, target="other")
        ours = integrate_gradients(engine, asked, engine.tokenize(text, pair), baseline="pad", tolerance=1e-4)
    assert ours.gap <= 1e-4 * max(abs(ours.change), 0.1)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_classifier).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_classifier)
    encoded = tokenizer(text, pair, return_tensors="pt", return_special_tokens_mask=True)
    ids, types = encoded["input_ids"], encoded["token_type_ids"]

    def evidence(input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        share = model(input_ids=input_ids, token_type_ids=token_type_ids).logits.softmax(-1)[:, target]
        return torch.log(share / (1 - share))

    found, delta = LayerIntegratedGradients(evidence, model.bert.embeddings).attribute(
        ids,
        baselines=torch.where(encoded["special_tokens_mask"].bool(), ids, tokenizer.pad_token_id),
        additional_forward_args=(types,),
        n_steps=300,
        return_convergence_delta=True,
    )
    assert abs(float(delta)) < 1e-3
    np.testing.assert_allclose(ours.values, found.sum(-1)[0].detach().numpy(), atol=1e-3)


def test_scores_of_a_classifier_are_complete_and_of_the_likeliest_class(classifier: str) -> None:
    text = "the cat sat embedding the mat"
    with open_model(classifier) as engine:
        found = explain_text(engine, text)
        logits = engine.class_logits(text)
        rollout = compute_rollout(engine.attentions(text).attentions)[-1, 0]
        tokens = explain_text(engine, text, by_words=False)
        deleted = explain_text(engine, text, removal="delete")
        without = engine.class_logits("the sat embedding the mat")
    assert found.target == Target(int(logits.argmax()))
    assert found.name == ("ham", "spam", "other")[found.target.index]
    chosen = np.exp(logits - logits.max())[found.target.index] / np.exp(logits - logits.max()).sum()
    assert found.likelihood == pytest.approx(float(chosen), abs=1e-5)
    assert found.completeness_error <= 0.01 or found.gap <= 1e-3
    assert found.scores[1].sum() == pytest.approx(found.change, abs=0.011 * max(abs(found.change), 0.1))
    np.testing.assert_allclose(tokens.scores[METHODS.index(ROLLOUT)], rollout, atol=1e-3)
    units = word_units(found.tokens)
    for row in (METHODS.index(GRADIENT), METHODS.index(ROLLOUT), 1):
        summed = [tokens.scores[row][list(group)].sum() for group in units.groups]
        np.testing.assert_allclose(found.scores[row], summed, atol=1e-5)
    word = units.names.index("cat")
    others = np.delete(without, found.target.index)
    expected = found.evidence - (without[found.target.index] - np.log(np.exp(others).sum()))
    assert deleted.scores[METHODS.index(OCCLUSION)][word] == pytest.approx(float(expected), abs=1e-4)


@pytest.mark.usefixtures("settings")
def test_a_masked_word_is_explained_and_its_mask_stays() -> None:
    with open_model("bundled") as engine:
        found = explain_text(engine, "the cat [MASK] on the mat", target="sat")
        ranked = ranked_units(found.tokens, units_of(found), engine.info.mask_token)
        curves = measure_faithfulness(engine, found, num_random=2)
        with pytest.raises(MaskError, match="no mask"):
            explain_text(engine, "the cat sat")
        with pytest.raises(InputError, match="fewer than two"):
            measure_faithfulness(engine, explain_text(engine, "cat [MASK]"))
        with pytest.raises(TextTooLongError):
            explain_text(engine, "[MASK] " + "cat " * 200)
    assert found.name == "sat"
    mask = found.tokens.tokens.index("[MASK]")
    assert found.target == Target(found.target.index, mask)
    assert mask not in ranked
    assert len(ranked) == 5
    assert found.scores[2][mask] == 0
    np.testing.assert_allclose(curves.deletion[:, 0], found.likelihood, rtol=1e-4)
    np.testing.assert_allclose(curves.insertion[:, -1], found.likelihood, rtol=1e-4)
    np.testing.assert_allclose(curves.insertion[:, 0], curves.deletion[:, -1], rtol=1e-4)


def test_tags_answers_and_numbers(settings: Settings) -> None:
    folder = settings.local_models_path
    build_tiny("bert", folder / "tagger", head="token-classification", labels=("O", "B-PER", "I-PER"))
    build_tiny("bert", folder / "reader", head="question-answering")
    build_tiny("bert", folder / "number", head="text-classification", labels=("grade",))
    build_tiny("bert", folder / "encoder", head="encoder")
    text, pair = "she sat on the mat ?", "the cat sat on it ."
    with open_model("local:tagger") as engine:
        tag = find_asked(engine, text, target="B-PER", word=1)
        assert (tag.target, tag.name) == (Target(1, 2), "B-PER of sat")
        found = explain(engine, tag, removal="delete")
        logits = engine.token_logits(text)[2]
        assert found.likelihood == pytest.approx(float(np.exp(logits[1]) / np.exp(logits).sum()), abs=1e-5)
        assert find_asked(engine, text).target.position is not None
        for wrong, message in (({"word": 9}, "no word 9"), ({"target": "X", "word": 0}, "no tag 'X'")):
            with pytest.raises(InputError, match=message):
                find_asked(engine, text, **wrong)  # type: ignore[arg-type]
    with open_model("local:reader") as engine:
        begin, end = (find_asked(engine, text, pair, target=which) for which in (BEGIN, END))
        assert begin.target.index == 0
        assert 8 <= (begin.target.position or 0) <= (end.target.position or 0) < 14
        assert explain(engine, end).completeness_error <= 0.011
        with pytest.raises(InputError, match="needs a text"):
            find_asked(engine, text)
        with pytest.raises(InputError, match="no 'middle'"):
            find_asked(engine, text, pair, target="middle")
    with open_model("local:number") as engine:
        found = explain_text(engine, text, pair)
        assert (found.name, found.likelihood) == (NUMBER, found.evidence)
        assert found.evidence == pytest.approx(float(engine.class_logits(text, pair)[0]), abs=1e-5)
        with pytest.raises(InputError, match="gives one number"):
            explain_text(engine, text, target="high")
    with open_model("local:encoder") as engine, pytest.raises(CapabilityError, match="predicts nothing"):
        explain_text(engine, text)


def test_the_best_span_is_the_best_of_all_pairs() -> None:
    logits = np.array([[9, 9], [1, 5], [3, 0], [2, 4], [0, 1]], dtype=np.float32)
    allowed = np.array([False, True, True, True, True])
    assert best_span(logits, allowed) == (2, 3)  # 3 + 4, since 3 + 5 would end before it begins


def test_the_origin_is_no_text_to_start_from(classifier: str) -> None:
    with open_model(classifier) as engine, pytest.raises(InputError, match="need a text to start from"):
        explain_text(engine, "the cat", baseline="origin")
