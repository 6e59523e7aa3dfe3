"""Opening a checkpoint with a new head, and what its tokenizer makes of rows."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from bert_explorer.errors import BrokenModelError
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.results import ModelInfo
from bert_explorer.training.classifier import load_classifier, load_tokenizer, save_classifier, tokenize
from bert_explorer.training.data import LabelledTexts
from tests.tiny_models import FAMILIES, build_tiny


def describe(folder: Path) -> ModelInfo:
    return inspect_folder(folder, "local:tiny", "tiny")


def make_data(texts: list[str], pairs: list[str] | None = None) -> LabelledTexts:
    label_ids = np.arange(len(texts), dtype=np.int64) % 2
    lines = tuple(range(2, len(texts) + 2))
    return LabelledTexts(tuple(texts), tuple(pairs) if pairs else None, ("no", "yes"), label_ids, lines)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gets_a_head_and_comes_back(family: str, tmp_path: Path) -> None:
    """Saved and opened by plain transformers, it gives the same logits."""
    source = build_tiny(family, tmp_path / "source")
    info = describe(source)
    model = load_classifier(source, info, ("no", "maybe", "yes")).eval()
    tokenizer = load_tokenizer(source, info)
    (row,), _ = tokenize(tokenizer, make_data(["the cat sat ."]), max_length=16)
    (tmp_path / "saved").mkdir()
    save_classifier(tmp_path / "saved", model, tokenizer, "card")
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved").eval()
    assert again.config.id2label == {0: "no", 1: "maybe", 2: "yes"}
    input_ids = torch.tensor([row["input_ids"]])
    with torch.no_grad():
        logits = model(input_ids).logits
        torch.testing.assert_close(again(input_ids).logits, logits)
    assert logits.shape == (1, 3)
    assert logits.dtype == torch.float32


def test_the_head_is_kept_for_the_same_labels_only(tiny_classifier: Path) -> None:
    info = describe(tiny_classifier)
    stored = load_file(tiny_classifier / "model.safetensors")["classifier.weight"]
    for labels, is_kept in [(("ham", "spam", "other"), True), (("a", "b", "c"), False), (("a", "b"), False)]:
        model = load_classifier(tiny_classifier, info, labels)
        assert torch.equal(model.classifier.weight, stored) == is_kept
        assert model.config.id2label == dict(enumerate(labels))


def test_missing_weights_are_no_random_weights(tiny_bert: Path, tmp_path: Path) -> None:
    for path in tiny_bert.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    del weights["bert.encoder.layer.1.output.dense.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BrokenModelError, match="lacks 1 weights"):
        load_classifier(tmp_path, describe(tmp_path), ("a", "b"))


def test_rows_are_cut_and_not_padded(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert, describe(tiny_bert))
    rows, num_truncated = tokenize(
        tokenizer, make_data(["the cat", "the cat sat on the mat and looked"]), max_length=6
    )
    assert num_truncated == 1
    assert [len(row["input_ids"]) for row in rows] == [4, 6]
    assert [row["labels"] for row in rows] == [0, 1]
    assert tokenizer.decode(rows[1]["input_ids"]) == "[CLS] the cat sat on [SEP]"


def test_pairs_are_read_as_two_texts(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert, describe(tiny_bert))
    (row,), _ = tokenize(tokenizer, make_data(["the cat"], ["a dog"]), max_length=16)
    assert tokenizer.decode(row["input_ids"]) == "[CLS] the cat [SEP] a dog [SEP]"
    assert row["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1]


def test_padding_of_the_source_is_not_passed_on(tiny_bert: Path, tmp_path: Path) -> None:
    """all-MiniLM's tokenizer.json pads every text to 128 tokens."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    tokenizer.backend_tokenizer.enable_padding(length=20)
    tokenizer.backend_tokenizer.enable_truncation(3)
    model = AutoModelForSequenceClassification.from_pretrained(tiny_bert)
    save_classifier(tmp_path, model, tokenizer, "card")
    info = describe(tmp_path)
    tokenizer = load_tokenizer(tmp_path, info)
    (row,), _ = tokenize(tokenizer, make_data(["the cat sat ."]), max_length=16)
    assert len(row["input_ids"]) == 6
    (tmp_path / "again").mkdir()
    save_classifier(tmp_path / "again", model, tokenizer, "card")
    saved = json.loads((tmp_path / "again" / "tokenizer.json").read_text())
    assert saved["padding"] is None
    assert saved["truncation"] is None
