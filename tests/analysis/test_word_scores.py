"""Words of several pieces by hand, and the guesses of layers."""

import math

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from bert_explorer.analysis.layer_guesses import guess_by_layer
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.analysis.word_scores import score_words, widen_mask
from bert_explorer.errors import InputError, MaskError, TargetError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXT = "the [MASK] sat on the [MASK] ."


@torch.no_grad()
def chain(settings: Settings, before: str, pieces: list[str], after: str) -> list[float]:
    """log p of each piece, filled into a text with as many masks, with plain transformers."""
    model = AutoModelForMaskedLM.from_pretrained(settings.bundled_model_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    ids = tokenizer(f"{before} {'[MASK] ' * len(pieces)} {after}", return_tensors="pt")["input_ids"]
    position = len(tokenizer.tokenize(before)) + 1
    scores = []
    for i, piece in enumerate(tokenizer.convert_tokens_to_ids(pieces)):
        scores.append(float(model(ids).logits[0, position + i].log_softmax(-1)[piece]))
        ids[0, position + i] = piece
    return scores


def test_pieces_are_filled_from_left_to_right(settings: Settings) -> None:
    with open_model("bundled") as engine:
        xyl, cat = score_words(engine, TEXT, [" xyl ", "cat", "cat"], mask=1)
        (first,) = score_words(engine, TEXT, ["xyl"])
        (in_pair,) = score_words(engine, "the [MASK]", ["xyl"], pair="a [MASK] .", mask=1)
        full = predict_masks(engine, TEXT, top_k=engine.info.vocab_size).masks[1].predictions
    assert xyl.pieces == ("x", "##y", "##l")
    assert xyl.log_probabilities == pytest.approx(
        chain(settings, "the [MASK] sat on the", ["x", "##y", "##l"], "."), abs=1e-4
    )
    expected = chain(settings, "the", ["x", "##y", "##l"], "sat on the [MASK] .")
    assert first.log_probabilities == pytest.approx(expected, abs=1e-4)
    assert xyl.probability == pytest.approx(math.exp(sum(xyl.log_probabilities)))
    assert xyl.rank == 1 + sum(item.probability > xyl.probability for item in full)
    by_name = {item.token: item for item in full}
    assert (cat.probability, cat.rank) == (pytest.approx(by_name["cat"].probability), by_name["cat"].rank)
    assert in_pair.pieces == ("x", "##y", "##l")


@pytest.mark.parametrize("family", ["roberta", "xlm-roberta", "modernbert"])
def test_other_vocabularies_read_the_word_with_its_blank(settings: Settings, family: str) -> None:
    build_tiny(family, settings.local_models_path / family)
    with open_model(f"local:{family}") as engine:
        first, second = score_words(engine, "the capital is [MASK] .", ["paris", "parisxq"])
        assert len(first.pieces) == 1
        assert len(second.pieces) > 1
        assert second.pieces[0][0] in "Ġ▁"
        assert second.log_probability < 0


def test_a_mask_is_widened_where_it_stands() -> None:
    assert widen_mask("a <mask> b <mask>", "<mask>", 1, 3) == "a <mask> b <mask><mask><mask>"
    assert widen_mask("a <mask> b <mask>", "<mask>", 0, 2) == "a <mask><mask> b <mask>"


def test_words_that_cannot_be_scored(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        with pytest.raises(TargetError, match="splits into 60 pieces; the limit is 12"):
            score_words(engine, TEXT, ["x" * 60])
        with pytest.raises(TargetError, match=r"100,000 words; at most 2,000"):
            score_words(engine, TEXT, [str(i) for i in range(100_000)])
        with pytest.raises(TargetError, match="does not know"):
            score_words(engine, TEXT, ["cat", "日本"])
        with pytest.raises(TargetError, match="empty"):
            score_words(engine, TEXT, ["cat", " "])
        with pytest.raises(MaskError, match="no mask 2"):
            score_words(engine, TEXT, ["cat"], mask=2)


def test_the_last_layer_is_the_model(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        layers = guess_by_layer(engine, TEXT, mask=1, top_k=4)
        expected = predict_masks(engine, TEXT, top_k=4).masks[1].predictions
        with pytest.raises(InputError):
            guess_by_layer(engine, TEXT, top_k=0)
    assert [item.layer for item in layers] == [0, 1, 2]
    assert [item.token for item in layers[-1].best] == [item.token for item in expected]
    assert layers[-1].best[0].probability == pytest.approx(expected[0].probability, abs=1e-5)
    assert layers[-1].final.rank == 1
    assert {item.final.token for item in layers} == {expected[0].token}
    assert layers[0].best[0].token != expected[0].token
