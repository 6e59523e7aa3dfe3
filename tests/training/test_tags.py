"""How tags of words are judged; no training."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bert_explorer.models.inspection import inspect_folder
from bert_explorer.training import token_classification
from bert_explorer.training.apply import predict_texts
from bert_explorer.training.classifier import load_tokenizer, save_classifier
from bert_explorer.training.recipe import Answers
from bert_explorer.training.tagged_texts import TaggedText, TaggedTexts, read_tagged

COLUMNS = ("sentences.conll", "the\tDET\ncat's\tNOUN\n\n" * 10, "the/DET cat's/DET")
SPANS = (
    "sentences.jsonl",
    '{"text": "the cat\'s", "spans": [{"start": 0, "end": 3, "label": "DET"}]}\n' * 10,
    "the [DET]; cat [DET]; ' [DET]; s [DET]",
)


@pytest.mark.parametrize(("filename", "content", "answer"), [COLUMNS, SPANS])
def test_words_of_new_texts_are_parted_as_in_the_training(
    filename: str, content: str, answer: str, tiny_bert: Path, tmp_path: Path
) -> None:
    examples = read_tagged(filename, content.encode())
    info = inspect_folder(tiny_bert, "local:tiny", "tiny")
    model = token_classification._load(tiny_bert, info, examples, np.arange(8))
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([1.0, 0.0]))  # always the first label
    save_classifier(tmp_path, model, load_tokenizer(tiny_bert, info), "card")
    trained = inspect_folder(tmp_path, "local:trained", "trained")
    assert [given for given, _ in predict_texts(tmp_path, trained, ["the cat's"])] == [answer]


@pytest.mark.parametrize(("other", "unread"), [("O", "O"), ("NOUN", token_classification.UNREAD)])
def test_words_that_were_not_read_are_judged_too(tiny_bert: Path, other: str, unread: str) -> None:
    """Of "the cat sat" four tokens hold [CLS], two words and [SEP]."""
    row = TaggedText("the cat sat", ((0, 3), (4, 7), (8, 11)), ("B-X", other, "B-X"), line=1)
    labels = ("B-X", other)
    tokenizer = load_tokenizer(tiny_bert, inspect_folder(tiny_bert, "local:tiny", "tiny"))
    material = token_classification.prepare(tokenizer, TaggedTexts((row,), labels), 4)
    logits = np.array([[[0, 0], [1, 0], [0, 1], [0, 0]]], dtype=np.float32)
    answers = Answers(material, np.array([0]), logits)
    assert token_classification.read_tags(answers) == [(0, [*row.tags], ["B-X", other, unread])]
    judged = token_classification._judge(answers)
    assert judged["accuracy"] == pytest.approx(2 / 3)
    assert judged.get("entity_recall", 0.5) == 0.5
