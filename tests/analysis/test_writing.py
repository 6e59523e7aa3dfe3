"""Writing step by step, and two templates, against plain transformers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from bert_explorer.analysis.templates import FLOOR, TemplateComparison, compare_templates
from bert_explorer.analysis.writing import Recipe, join_tokens, write
from bert_explorer.errors import InputError, MaskError, TextTooLongError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

RECIPE = Recipe("the cat", places=4, passes=3, temperature=0.7, top_k=5, seed=3)


@torch.no_grad()
def test_every_step_is_a_draw_from_the_models_likeliest_words(settings: Settings) -> None:
    model = AutoModelForMaskedLM.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    with open_model("bundled") as engine:
        steps = write(engine, RECIPE)
    ids = tokenizer("the cat " + "[MASK] " * 4, return_tensors="pt")["input_ids"]
    assert [step.place for step in steps[:4]] == [0, 1, 2, 3]
    assert len(steps) == 12
    for step in steps:
        ids[0, 3 + step.place] = tokenizer.mask_token_id
        scores = model(ids).logits[0, 3 + step.place].log_softmax(-1)
        drawn = tokenizer.convert_tokens_to_ids(step.token)
        assert step.probability == pytest.approx(float(scores[drawn].exp()), rel=1e-3)
        scores[tokenizer.all_special_ids] = -torch.inf
        assert drawn in scores.topk(5).indices.tolist()
        ids[0, 3 + step.place] = drawn
        assert list(step.tokens) == tokenizer.convert_ids_to_tokens(ids[0, 1:-1])


def test_a_seed_repeats_a_run_and_another_does_not(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        assert write(engine, RECIPE) == write(engine, RECIPE)
        assert write(engine, RECIPE) != write(engine, replace(RECIPE, seed=4))
        first = write(engine, replace(RECIPE, in_order=False))
        assert sorted(step.place for step in first[:4]) == [0, 1, 2, 3]


def test_a_low_temperature_takes_the_best_word(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        cold = write(engine, replace(RECIPE, temperature=0.05, passes=1))
        greedy = [write(engine, replace(RECIPE, top_k=1, passes=1, seed=seed)) for seed in (1, 2)]
        assert cold[0].token == greedy[0][0].token
        assert greedy[0] == greedy[1]
        specials = {engine.vocabulary[i] for i in engine.special_ids}
        hot = write(engine, Recipe(places=30, passes=10, temperature=5, top_k=200))
    assert not specials & {step.token for step in hot}


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"places": 31}, "places is 31"), ({"passes": 80}, "steps"), ({"temperature": 0}, "temperature is 0")],
)
def test_recipes_out_of_range(settings: Settings, changes: dict[str, float], message: str) -> None:
    assert settings.offline
    with open_model("bundled") as engine, pytest.raises(InputError, match=message):
        write(engine, replace(RECIPE, **changes))
    with open_model("bundled") as engine, pytest.raises(TextTooLongError):
        write(engine, replace(RECIPE, prompt="the cat " * 80))


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (("un", "##known", "cats"), "unknown cats"),
        (("Ġthe", "Ġcat", "s"), "the cats"),
        (("▁the", "▁cat"), "the cat"),
        (("[MASK]", "[MASK]"), "[MASK] [MASK]"),
    ],
)
def test_tokens_are_joined(tokens: tuple[str, ...], expected: str) -> None:
    assert join_tokens(tokens) == expected


def test_the_words_that_differ_most_by_hand() -> None:
    first, second = np.log([0.02, 0.01, 0.5, 1e-6]), np.log([0.01, 0.02, 0.1, 1e-9])
    comparison = TemplateComparison("a", "b", ("x", "y", "z", "rare"), first, second)
    np.testing.assert_allclose(comparison.differences[:2], [np.log(2), -np.log(2)])
    assert comparison.most_different(5) == ([2, 0], [1])
    assert FLOOR > 1e-6


@torch.no_grad()
def test_templates_agree_with_transformers(settings: Settings) -> None:
    folder = build_tiny("roberta", settings.local_models_path / "roberta")
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with open_model("local:roberta") as engine:
        found = compare_templates(engine, "the [MASK] sat", "the [MASK] is")
        for text in ("no mask", "[MASK] and [MASK]"):
            with pytest.raises(MaskError):
                compare_templates(engine, "the [MASK]", text)
    for text, log_probabilities in (("the <mask> sat", found.log_first), ("the <mask> is", found.log_second)):
        read = tokenizer(text, return_tensors="pt")
        position = int((read["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0])
        expected = model(**read).logits[0, position].log_softmax(-1)
        ids = tokenizer.convert_tokens_to_ids(list(found.tokens))
        np.testing.assert_allclose(log_probabilities, expected[ids], atol=1e-4)
    assert not set(tokenizer.all_special_tokens) & set(found.tokens)
