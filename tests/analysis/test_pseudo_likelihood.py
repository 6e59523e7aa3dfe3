"""Scores of whole texts against a loop over BertForMaskedLM that hides one token at a time."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from bert_explorer.analysis import pseudo_likelihood
from bert_explorer.analysis.pseudo_likelihood import score_text, score_texts
from bert_explorer.analysis.text_windows import cut_windows
from bert_explorer.errors import CapabilityError, EmptyTextError, InputError, MaskError, TextTooLongError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXTS = (
    "the cat sat on the mat .",
    "unknowable dogs are playing",
    "we",
    "she said that he was not at home .",
)


@torch.no_grad()
def naive_scores(model: Any, tokenizer: Any, text: str) -> list[float]:
    """log p of each token, one forward pass a token."""
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    scores = []
    for position in range(1, ids.shape[1] - 1):
        masked = ids.clone()
        masked[0, position] = tokenizer.mask_token_id
        logits = model(input_ids=masked).logits[0, position]
        scores.append(float(logits.log_softmax(-1)[ids[0, position]]))
    return scores


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "albert", "modernbert"])
def test_scores_agree_with_a_naive_loop(settings: Settings, family: str) -> None:
    folder = build_tiny(family, settings.local_models_path / family)
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with open_model(f"local:{family}") as engine:
        found = dict(score_texts(engine, TEXTS))
        alone = score_text(engine, TEXTS[0])
    for i, text in enumerate(TEXTS):
        expected = naive_scores(model, tokenizer, text)
        np.testing.assert_allclose(found[i].log_probabilities, expected, atol=1e-4)
        assert found[i].text == text
        assert found[i].pseudo_log_likelihood == pytest.approx(sum(expected), abs=1e-3)
        assert found[i].pseudo_perplexity == pytest.approx(np.exp(-sum(expected) / len(expected)), rel=1e-3)
        np.testing.assert_allclose(found[i].surprisal_bits, -np.array(expected) / np.log(2), atol=1e-3)
    np.testing.assert_array_equal(alone.tokens, found[0].tokens)
    assert found[0].left_to_right is None
    np.testing.assert_allclose(alone.log_probabilities, found[0].log_probabilities, atol=1e-5)


@torch.no_grad()
def test_a_word_of_pieces_is_scored_from_left_to_right(settings: Settings) -> None:
    text = "the xyl sat"  # x ##y ##l
    model = AutoModelForMaskedLM.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    expected = []
    for position in (2, 3, 4):
        masked = ids.clone()
        masked[0, position:5] = tokenizer.mask_token_id
        expected.append(float(model(masked).logits[0, position].log_softmax(-1)[ids[0, position]]))
    with open_model("bundled") as engine:
        score = score_text(engine, text)
    assert score.tokens == ("the", "x", "##y", "##l", "sat")
    assert score.word_ids == (0, 1, 1, 1, 2)
    assert score.left_to_right is not None
    np.testing.assert_allclose(score.left_to_right[1:4], expected, atol=1e-4)
    np.testing.assert_allclose(score.left_to_right[[0, 3, 4]], score.log_probabilities[[0, 3, 4]], atol=1e-6)
    assert [text[a:b] for a, b in zip(score.starts, score.ends, strict=True)] == ["the", "x", "y", "l", "sat"]


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_a_long_text_is_read_in_windows_that_score_each_token_once(settings: Settings, family: str) -> None:
    build_tiny(family, settings.local_models_path / family)
    text = " ".join(f"the cat {i} sat on the mat and playing dogs ." for i in range(40))
    with open_model(f"local:{family}") as engine:
        windows = cut_windows(engine, text, max_tokens=3000)
        score = score_text(engine, text)
        limit = engine.info.max_length
    assert score.num_windows == len(windows) > 3
    assert all(len(window.tokens) <= limit for window in windows)
    covered = [text[a:b] for a, b in zip(score.starts, score.ends, strict=True)]
    assert "".join(covered).replace(" ", "") == text.replace(" ", "")
    for window in windows[1:-1]:
        assert window.scored.min() >= limit // 4 - 4
        assert window.scored.max() <= limit * 3 // 4 + 4
    assert len(set(score.word_ids)) == max(score.word_ids) + 1


def test_what_cannot_be_scored(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny("bert", settings.local_models_path / "encoder", head="encoder")
    with open_model("bundled") as engine:
        for text in ("the [MASK] sat", "[MASK]"):
            with pytest.raises(MaskError, match="write the word in its place"):
                score_text(engine, text)
        with pytest.raises(EmptyTextError):
            score_text(engine, "   ")
        with pytest.raises(TextTooLongError):
            list(score_texts(engine, ["the cat", "the " * 200]))
        monkeypatch.setattr(pseudo_likelihood, "MAX_TOKENS", 150)
        with pytest.raises(InputError, match="202 tokens; at most 150"):
            score_text(engine, "the " * 200)
    with open_model("local:encoder") as engine, pytest.raises(CapabilityError):
        score_text(engine, "the cat")


def test_progress_is_told(settings: Settings) -> None:
    assert settings.offline
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        list(score_texts(engine, TEXTS, progress=lambda *done: seen.append(done)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
