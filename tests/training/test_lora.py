"""LoRA: what learns, that merging changes nothing the model says, and that a run leaves a plain folder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from bert_explorer.errors import InputError
from bert_explorer.settings import Settings
from bert_explorer.training.lora import add_adapters, merge_adapters
from tests.tiny_models import FAMILIES, build_tiny
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here

INPUTS = {"input_ids": torch.tensor([[2, 30, 31, 32, 33, 3], [2, 40, 41, 42, 3, 0]])}  # (2, 6)
RANK = 3


def load(folder: Path) -> Any:
    return AutoModelForSequenceClassification.from_pretrained(folder)


def train_a_little(model: Any) -> None:
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(learning, lr=1e-2)
    for _ in range(3):
        model(**INPUTS, labels=torch.tensor([0, 1])).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_merged_model_says_what_the_adapters_said(family: str, tmp_path: Path) -> None:
    folder = build_tiny(family, tmp_path / family, head="text-classification")
    model, untouched = load(folder), load(folder)
    names = set(dict(model.named_parameters()))
    count = add_adapters(model, rank=RANK, alpha=16)
    assert 0 < count.trainable < count.total
    train_a_little(model)
    model.eval()
    with torch.no_grad():
        adapted = model(**INPUTS).logits
        merge_adapters(model)
        merged = model(**INPUTS).logits
        before = untouched.eval()(**INPUTS).logits
    torch.testing.assert_close(merged, adapted, rtol=1e-5, atol=1e-5)
    assert (merged - before).abs().max() > 1e-3
    assert set(dict(model.named_parameters())) == names


def test_a_merged_weight_is_the_old_one_and_a_product_of_low_rank(tiny_classifier: Path) -> None:
    model, untouched = load(tiny_classifier), load(tiny_classifier)
    add_adapters(model, rank=RANK, alpha=6)
    query = model.bert.encoder.layer[1].attention.self.query
    train_a_little(model)
    a, b = query.lora_A.default.weight.detach(), query.lora_B.default.weight.detach()
    merge_adapters(model)
    old = untouched.bert.encoder.layer[1].attention.self.query.weight.detach()
    new = model.bert.encoder.layer[1].attention.self.query.weight.detach()
    torch.testing.assert_close(new, old + 6.0 / RANK * b @ a)
    assert torch.linalg.matrix_rank(b @ a) <= RANK
    embeddings = "bert.embeddings.word_embeddings.weight"
    torch.testing.assert_close(model.state_dict()[embeddings], untouched.state_dict()[embeddings])


def test_a_run_with_lora_leaves_a_plain_model(settings: Settings) -> None:
    config = replace(CONFIG, epochs=10, lora_rank=4, learning_rate=2e-2)
    trained = train_here(settings, "films.csv", make_upload(), config)
    losses = trained.values("loss")
    assert losses[-1] < losses[0]
    model = load(trained.folder.model)
    assert not [name for name, _ in model.named_parameters() if "lora" in name]
    assert trained.metrics["trainable_weights"] < sum(weight.numel() for weight in model.parameters()) / 2
    assert trained.metrics["accuracy"] > 0.9


def test_lora_leaves_the_layers_alone() -> None:
    with pytest.raises(InputError, match="Set freeze to none"):
        replace(CONFIG, lora_rank=4, freeze="1")
