"""Several masks together, against every combination tried one by one with plain transformers."""

import math

import pytest
import torch
from transformers import AutoTokenizer, BertForPreTraining

from bert_explorer.analysis.joint_words import predict_jointly
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.errors import InputError, MaskError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXT = "the [MASK] sat on the [MASK] ."


@torch.no_grad()
def test_the_log_probability_is_that_of_filling_from_left_to_right(settings: Settings) -> None:
    model = BertForPreTraining.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)

    def log_probabilities(text: str) -> torch.Tensor:
        read = tokenizer(text, return_tensors="pt")
        first = int((read["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0])
        return model(**read).prediction_logits[0, first].log_softmax(-1)

    with open_model("bundled") as engine:
        found = predict_jointly(engine, TEXT, top_k=5)
    assert len(found) == 5
    for item in found:
        first, second = item.words
        filled = TEXT.replace("[MASK]", first, 1)
        expected = log_probabilities(TEXT)[tokenizer.convert_tokens_to_ids(first)]
        expected = expected + log_probabilities(filled)[tokenizer.convert_tokens_to_ids(second)]
        assert item.log_probability == pytest.approx(float(expected), abs=1e-3)
    scores = [item.log_probability for item in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta", "modernbert"])
def test_one_mask_gives_its_own_distribution(settings: Settings, family: str) -> None:
    build_tiny(family, settings.local_models_path / family)
    text = "the capital of [MASK] is paris ."
    with open_model(f"local:{family}") as engine:
        found = predict_jointly(engine, text, top_k=10)
        (mask,) = predict_masks(engine, text, top_k=engine.info.vocab_size).masks
    marginal = {item.token: item.probability for item in mask.predictions}
    assert found
    for item in found:
        (word,) = item.words
        assert not word.startswith("##")
        assert math.exp(item.log_probability) == pytest.approx(marginal[word], rel=1e-3)


def test_masks_of_both_texts_are_filled_in_their_order(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        found = predict_jointly(engine, "the [MASK] .", pair="a [MASK] .", top_k=3)
        everything = engine.info.vocab_size
        first, _ = predict_masks(engine, "the [MASK] .", pair="a [MASK] .", top_k=everything).masks
        for item in found:
            filled = f"the {item.words[0]} ."
            (second,) = predict_masks(engine, filled, pair="a [MASK] .", top_k=everything).masks
            expected = [
                next(token.probability for token in mask.predictions if token.token == word)
                for mask, word in zip((first, second), item.words, strict=True)
            ]
            assert math.exp(item.log_probability) == pytest.approx(math.prod(expected), rel=1e-3)


def test_questions_that_cannot_be_answered(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        with pytest.raises(MaskError):
            predict_jointly(engine, "no mask")
        with pytest.raises(InputError, match="between 1 and"):
            predict_jointly(engine, TEXT, top_k=0)


def test_special_tokens_are_no_words(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        specials = {engine.vocabulary[i] for i in engine.special_ids}
        found = predict_jointly(engine, "the [MASK] .", top_k=engine.info.vocab_size)
    assert {"[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"} == specials
    assert found
    assert not specials & {item.words[0] for item in found}
