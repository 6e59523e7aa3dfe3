"""A target is one vocabulary entry, or a clear refusal."""

import pytest

from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.errors import TargetError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny


def score(model: str, text: str, target: str) -> str:
    """The vocabulary entry that was scored for the target."""
    with open_model(model) as engine:
        (mask,) = predict_masks(engine, text, targets=[target]).masks
    return mask.targets[0].token


@pytest.fixture
def roberta(settings: Settings) -> str:
    build_tiny("roberta", settings.local_models_path / "roberta")
    return "local:roberta"


@pytest.mark.parametrize(
    ("target", "expected"),
    [("paris", "paris"), ("PARIS", "paris"), ("  paris ", "paris"), ("##ing", "##ing"), ("?", "?")],
)
def test_words_of_an_uncased_vocabulary(settings: Settings, target: str, expected: str) -> None:
    assert settings.offline
    assert score("bundled", "the capital is [MASK] .", target) == expected


def test_a_longer_word_is_refused_with_its_pieces(settings: Settings) -> None:
    assert settings.offline
    pattern = r"'xylo' is not one entry .* splits into x \+ ##y \+ ##l \+ ##o \(4 tokens\)"
    with pytest.raises(TargetError, match=pattern):
        score("bundled", "the [MASK] .", "xylo")
    with pytest.raises(TargetError, match="splits into"):
        score("bundled", "the [MASK] .", "the cat")


@pytest.mark.parametrize("target", ["日本", "\u200b", "\u00ad"])
def test_unknown_characters_are_refused(settings: Settings, target: str) -> None:
    assert settings.offline
    with pytest.raises(TargetError, match="does not know"):
        score("bundled", "the [MASK] .", target)


@pytest.mark.parametrize("target", ["", "   "])
def test_an_empty_target_is_refused(settings: Settings, target: str) -> None:
    assert settings.offline
    with pytest.raises(TargetError, match="empty"):
        score("bundled", "the [MASK] .", target)


@pytest.mark.parametrize("mask", ["[MASK]", "<mask>"])
@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("the capital is {} .", "paris", "Ġparis"),
        ("the capital is\n{} .", "paris", "Ġparis"),
        ("the capital is {} .", " paris", "Ġparis"),
        ("play{} in the garden", "ing", "ing"),
        ("{} cat", "the", "the"),
        ("{} cat", "paris", "Ġparis"),  # this vocabulary has the word after a blank only
    ],
)
def test_the_blank_before_the_mask_decides(
    roberta: str, text: str, target: str, expected: str, mask: str
) -> None:
    assert score(roberta, text.format(mask), target) == expected


def test_the_second_text_is_where_the_blank_is_looked_for(roberta: str) -> None:
    with open_model(roberta) as engine:
        (mask,) = predict_masks(engine, "x", pair="the capital is <mask> .", targets=["paris"]).masks
    assert mask.targets[0].token == "Ġparis"


def test_words_of_a_sentencepiece_vocabulary(settings: Settings) -> None:
    build_tiny("xlm-roberta", settings.local_models_path / "xlm")
    assert score("local:xlm", "the capital is <mask> .", "paris") == "▁paris"
    with pytest.raises(TargetError, match="splits into"):
        score("local:xlm", "the capital is <mask> .", "xylophone")
    with pytest.raises(TargetError, match="does not know"):
        score("local:xlm", "the capital is <mask> .", "日本")
