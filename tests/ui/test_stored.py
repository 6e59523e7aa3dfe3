"""Stored answers: exact round trips, and equality with what the model says now."""

import json
from typing import Any

import numpy as np
import pytest

from bert_explorer.json_values import from_json, to_json
from bert_explorer.models.cache import open_model
from bert_explorer.results import (
    Attention,
    CompactAttention,
    MaskedWords,
    MaskPrediction,
    NextSentence,
    TokenProbability,
    Tokens,
)
from bert_explorer.settings import BUNDLED_MODEL, REPOSITORY, Settings
from bert_explorer.ui.masked_questions import MaskedWordsQuestion
from bert_explorer.ui.openings import opening_questions
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion
from bert_explorer.ui.stored import DECIMALS, KINDS, load_stored, store

HAS_BUNDLED = (REPOSITORY / "assets" / "models" / BUNDLED_MODEL / "model.safetensors").is_file()


def make_tokens() -> Tokens:
    offsets = np.array([[0, 0], [0, 2], [0, 0]], dtype=np.int64)
    ids = np.array([2, 7, 3], dtype=np.int64)
    return Tokens("hi", None, ("[CLS]", "hi", "[SEP]"), ids, (None, 0, None), (None, 0, None), offsets)


def assert_same(first: Any, second: Any, tolerance: float) -> None:
    """Equality of results field by field; floats to a tolerance."""
    assert type(first) is type(second)
    if isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        np.testing.assert_allclose(first, second, atol=tolerance, rtol=0)
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other, tolerance)
    elif isinstance(first, float):
        assert first == pytest.approx(second, abs=tolerance)
    elif hasattr(first, "__dataclass_fields__"):
        for name in first.__dataclass_fields__:
            assert_same(getattr(first, name), getattr(second, name), tolerance)
    else:
        assert first == second


def test_answers_survive_json() -> None:
    word = TokenProbability("paris", 5, 0.123456, 1)
    answers = (
        MaskedWords(make_tokens(), (MaskPrediction(1, (word,), ()),)),
        Attention(make_tokens(), (0, 2), np.full((2, 1, 3, 3), 1 / 3, dtype=np.float32)),
        CompactAttention(make_tokens(), (0,), np.full((1, 1, 3, 3), 1 / 3, dtype=np.float16)),
        NextSentence("a", "b", 0.75),
    )
    for answer in answers:
        again = from_json(json.loads(json.dumps(to_json(answer, DECIMALS))), KINDS)
        assert_same(again, answer, 0.5 * 10**-DECIMALS)


def test_only_the_very_question_has_a_stored_answer(settings: Settings, tmp_path: Any) -> None:
    assets = tmp_path / "own-assets"
    own = Settings(home=settings.home, assets=assets)
    question = MaskedWordsQuestion("the cat sat on the [MASK] .", 3)
    store("test", question, own)
    assert load_stored(question, own) is not None
    assert load_stored(MaskedWordsQuestion("the dog sat on the [MASK] .", 3), own) is None
    assert load_stored(MaskedWordsQuestion("the cat sat on the [MASK] .", 4), own) is None
    assert load_stored(NextSentenceQuestion("a", "b"), own) is None


@pytest.mark.skipif(not HAS_BUNDLED, reason="the bundled model is not in this checkout")
@pytest.mark.parametrize("name", [name for name in opening_questions() if name != "relations"])
def test_stored_answers_are_what_the_bundled_model_says(name: str, bundled_settings: Settings) -> None:
    question = opening_questions()[name]
    stored = load_stored(question, bundled_settings)
    assert stored is not None, "run: python -m bert_explorer.ui.stored"
    with open_model("bundled") as engine:
        asked = question.ask(engine)
    step = 5e-4 if isinstance(asked, CompactAttention) else 0  # of half precision below 1
    assert_same(stored, asked, 2e-4 + step)


@pytest.mark.skipif(not HAS_BUNDLED, reason="the bundled model is not in this checkout")
def test_stored_relations_are_those_of_the_bundled_model(bundled_settings: Settings) -> None:
    """Counts of arg-maxima: another machine's rounding may decide one case in a thousand otherwise."""
    question = opening_questions()["relations"]
    stored = load_stored(question, bundled_settings)
    assert stored is not None, "run: python -m bert_explorer.ui.stored"
    with open_model("bundled") as engine:
        found = question.ask(engine)
    assert found.relations == stored.relations
    assert np.abs(found.hits - stored.hits).sum() <= 1e-3 * stored.hits.sum()
