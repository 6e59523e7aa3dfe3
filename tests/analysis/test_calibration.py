"""Calibration by hand, and its guesses against a loop over plain transformers."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from bert_explorer.analysis.calibration import compute_calibration, measure_calibration, read_held_out
from bert_explorer.models.cache import open_model
from bert_explorer.settings import REPOSITORY, Settings


def test_bins_by_hand() -> None:
    probabilities = np.array([0.8, 0.8, 0.05, 1.0, 0.3])
    found = compute_calibration(probabilities, np.array([True, False, False, True, True]))
    assert [(item.low, item.count, item.num_right) for item in found.bins] == [
        (0.0, 1, 0),
        (0.3, 1, 1),
        (0.8, 2, 1),
        (0.9, 1, 1),
    ]
    assert found.expected_error == pytest.approx((0.05 + 0.7 + 2 * 0.3 + 0) / 5)
    assert (found.num_guesses, found.num_right) == (5, 3)
    assert found.mean_probability == pytest.approx(probabilities.mean())


@torch.no_grad()
def test_guesses_agree_with_a_naive_loop(settings: Settings) -> None:
    """With two words a sentence, both are hidden, so that no choice needs to be repeated."""
    sentences = ("the cat .", "we are", "a dog !", "paris")
    model = AutoModelForMaskedLM.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    best, right = [], []
    for sentence in sentences:
        ids = tokenizer(sentence, return_tensors="pt")["input_ids"]
        for position in range(1, ids.shape[1] - 1):
            if tokenizer.convert_ids_to_tokens(int(ids[0, position])).isalnum():
                masked = ids.clone()
                masked[0, position] = tokenizer.mask_token_id
                probabilities = model(masked).logits[0, position].softmax(-1)
                best.append(float(probabilities.max()))
                right.append(int(probabilities.argmax()) == int(ids[0, position]))
    expected = compute_calibration(np.array(best), np.array(right))
    with open_model("bundled") as engine:
        found = measure_calibration(engine, sentences)
        assert measure_calibration(engine, sentences) == found
    assert found.num_guesses == 7
    assert found.num_right == expected.num_right
    assert found.expected_error == pytest.approx(expected.expected_error, abs=1e-4)
    assert [item.count for item in found.bins] == [item.count for item in expected.bins]


def test_the_bundled_sentences() -> None:
    sentences = read_held_out(Settings(assets=REPOSITORY / "assets"))
    assert len(sentences) == len(set(sentences)) == 300
    assert all(sentence.strip() == sentence for sentence in sentences)
