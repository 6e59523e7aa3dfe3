"""Several masks together, against every combination of a small vocabulary."""

import math

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertForPreTraining

from bert_explorer.analysis.joint_words import JointWords, compare_fillings, predict_jointly
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.errors import InputError, MaskError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXTS = ("the [MASK] sat on the [MASK] .", "[MASK] [MASK] is good", "we are [MASK] to see a [MASK] in rome")


@torch.no_grad()
def score_every_pair(settings: Settings, text: str) -> np.ndarray:
    """(vocab_size, vocab_size): joint pseudo-log-likelihood of each pair of words, two passes a word."""
    model = BertForPreTraining.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    first, second = (ids[0] == tokenizer.mask_token_id).nonzero()[:, 0].tolist()

    def scores(known: int, asked: int) -> torch.Tensor:
        """Row w: log p(. at ``asked`` | w at ``known``)."""
        filled = ids.repeat(len(tokenizer), 1)
        filled[:, known] = torch.arange(len(tokenizer))
        return model(filled).prediction_logits[:, asked].log_softmax(-1)

    return np.asarray(scores(second, first).T + scores(first, second))


def allowed_words(settings: Settings, text: str) -> tuple[list[str], list[int], list[int]]:
    """The vocabulary, and the ids that are read back as they are at the first and at the second mask."""
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    names = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    expected = tokenizer(text)["input_ids"]
    places = [i for i, token_id in enumerate(expected) if token_id == tokenizer.mask_token_id]
    fits: list[list[int]] = [[], []]
    for mask, place in enumerate(places):
        for token_id, name in enumerate(names):
            parts = text.split("[MASK]")
            filled = "[MASK]".join(parts[: mask + 1]) + name + "[MASK]".join(parts[mask + 1 :])
            wanted = [*expected[:place], token_id, *expected[place + 1 :]]
            if token_id not in tokenizer.all_special_ids and tokenizer(filled)["input_ids"] == wanted:
                fits[mask].append(token_id)
    return names, fits[0], fits[1]


@pytest.mark.parametrize("text", TEXTS)
def test_the_best_filling_is_that_of_brute_force(settings: Settings, text: str) -> None:
    table = score_every_pair(settings, text)
    names, first, second = allowed_words(settings, text)
    with open_model("bundled") as engine:
        answer = compare_fillings(engine, text, top_k=5)
    for item in (*answer.found, answer.independent):
        a, b = (names.index(word) for word in item.words)
        assert item.log_probability == pytest.approx(float(table[a, b]), abs=1e-3)
        assert sum(item.each) == pytest.approx(item.log_probability)
    fitting = table[np.ix_(first, second)]
    a, b = np.unravel_index(fitting.argmax(), fitting.shape)
    assert answer.found[0].words == (names[first[int(a)]], names[second[int(b)]])
    scores = [item.log_probability for item in answer.found]
    assert scores == sorted(scores, reverse=True)
    assert answer.independent.log_probability <= scores[0]


def test_independent_guesses_are_each_masks_own_best_word(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        answer = compare_fillings(engine, TEXTS[0])
        masks = predict_masks(engine, TEXTS[0]).masks
    best = [next(w.token for w in mask.predictions if not w.token.startswith(("##", "["))) for mask in masks]
    assert list(answer.independent.words) == best


@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta", "modernbert"])
def test_one_mask_gives_its_own_distribution(settings: Settings, family: str) -> None:
    build_tiny(family, settings.local_models_path / family)
    text = "the capital of [MASK] is paris ."
    with open_model(f"local:{family}") as engine:
        found = predict_jointly(engine, text, top_k=10)
        (mask,) = predict_masks(engine, text, top_k=engine.info.vocab_size).masks
        specials = {engine.vocabulary[i] for i in engine.special_ids}
    marginal = {item.token: item.probability for item in mask.predictions}
    assert found
    for item in found:
        (word,) = item.words
        assert not word.startswith("##")
        assert word not in specials
        assert math.exp(item.log_probability) == pytest.approx(marginal[word], rel=1e-3)


def test_masks_of_both_texts_are_filled_in_their_order(settings: Settings) -> None:
    assert settings.offline

    def probability(item: JointWords, text: str, pair: str, mask: int) -> float:
        (found,) = predict_masks(engine, text, pair=pair, top_k=engine.info.vocab_size).masks
        return next(token.probability for token in found.predictions if token.token == item.words[mask])

    with open_model("bundled") as engine:
        for item in predict_jointly(engine, "the [MASK] .", pair="a [MASK] .", top_k=3):
            expected = probability(item, "the [MASK] .", f"a {item.words[1]} .", 0)
            expected *= probability(item, f"the {item.words[0]} .", "a [MASK] .", 1)
            assert math.exp(item.log_probability) == pytest.approx(expected, rel=1e-3)


def test_questions_that_cannot_be_answered(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        with pytest.raises(MaskError):
            predict_jointly(engine, "no mask")
        with pytest.raises(MaskError, match="9 masks; at most 8"):
            predict_jointly(engine, "[MASK] " * 9)
        with pytest.raises(MaskError, match="40 masks"):
            predict_jointly(engine, "[MASK] " * 40)
        with pytest.raises(InputError, match="between 1 and"):
            predict_jointly(engine, TEXTS[0], top_k=0)
