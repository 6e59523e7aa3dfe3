"""The example texts keep what they promise: masks to fill, words that occur, targets of one token."""

import json
import re
from typing import Any

import pytest

from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.models.cache import open_model
from bert_explorer.settings import REPOSITORY, Settings

FOLDER = REPOSITORY / "assets" / "examples"


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


MASKED = [example for group in load("masked_words.json")["groups"] for example in group["examples"]]
WORDS = load("word_senses.json")["words"]


def test_masked_sentences_have_one_mask_and_words_to_compare() -> None:
    for example in MASKED:
        assert example["text"].count("[MASK]") == 1
        assert len(example["targets"]) == 2


@pytest.mark.parametrize("example", MASKED, ids=lambda example: example["text"])
def test_targets_can_be_scored_by_the_bundled_model(
    bundled_settings: Settings, example: dict[str, Any]
) -> None:
    if not (bundled_settings.bundled_model_path / "model.safetensors").is_file():
        pytest.skip("the bundled model is not in this checkout")
    with open_model("bundled") as engine:
        (mask,) = predict_masks(engine, example["text"], targets=example["targets"]).masks
    assert [item.token for item in mask.targets] == example["targets"]


def test_pairs_that_follow_and_pairs_that_do_not() -> None:
    pairs = load("sentence_pairs.json")["examples"]
    assert {pair["follows"] for pair in pairs} == {True, False}
    assert all(pair["first"].strip() and pair["second"].strip() for pair in pairs)


def test_words_looked_for_in_attention_examples_occur_in_them() -> None:
    for example in load("attention.json")["examples"]:
        text = f"{example['text']} {example['pair'] or ''}".lower()
        for word in re.findall(r"'(\w+)'", example["look_for"]):
            assert re.search(rf"\b{word}\b", text), (word, text)


@pytest.mark.parametrize("entry", WORDS, ids=lambda entry: entry["word"])
def test_each_text_holds_its_word_once(entry: dict[str, Any]) -> None:
    assert len(entry["senses"]) >= 2
    for sense in entry["senses"]:
        assert len(sense["texts"]) >= 4
        for text in sense["texts"]:
            assert len(re.findall(rf"\b{entry['word']}\b", text.lower())) == 1, text
