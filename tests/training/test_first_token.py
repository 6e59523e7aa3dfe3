"""The last layer for one token alone against all of it: the same logits, gradients and training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForTokenClassification

from bert_explorer.settings import Settings
from bert_explorer.training.first_token import narrow_last_layer
from tests.tiny_models import FAMILIES, build_tiny
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here
from tests.training.test_frozen_outputs import keep, prepare

NARROWED = {"bert", "roberta", "xlm-roberta", "camembert", "electra", "electra-discriminator"}


def losses(model: Any, features: list[dict[str, Any]], collate: Any) -> list[float]:
    """Of 12 steps without dropout, whose places in the random stream differ."""
    model.eval()
    optimizer = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=1e-2)
    found = []
    for step in range(12):
        loss = model(**collate([dict(features[(5 * step + i) % len(features)]) for i in range(4)])).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        found.append(loss.item())
    return found


@pytest.mark.parametrize("freeze", ["none", "1"])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_training_is_the_same(family: str, freeze: str, tmp_path: Path) -> None:
    folder = build_tiny(family, tmp_path, head="text-classification")
    if family == "albert":
        freeze = "none"
    model, features, collate = prepare(folder, freeze)
    expected = losses(model, features, collate)
    model, features, collate = prepare(folder, freeze)
    assert narrow_last_layer(model, collate(features)) == (family in NARROWED)
    np.testing.assert_allclose(losses(model, features, collate), expected, rtol=0, atol=1e-4)
    assert np.ptp(expected) > 0.01, "the losses must differ for the comparison to mean anything"


def test_other_tokens_are_left_out_and_dropout_is_not(tmp_path: Path) -> None:
    folder = build_tiny("bert", tmp_path / "model", head="text-classification")
    model, features, collate = prepare(folder, "1")
    assert narrow_last_layer(model, collate(features))
    shapes: list[tuple[int, ...]] = []
    for name in ("attention.self.query", "attention.self.key", "output.dense"):
        module = model.bert.encoder.layer[1].get_submodule(name)
        module.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape)))
    batch = collate(features)
    size, length = batch["input_ids"].shape
    model.train()
    assert not torch.allclose(model(**batch).logits, model(**batch).logits, atol=1e-3)
    assert shapes[:3] == [(size, 1, 32), (size, length, 32), (size, 1, 32)]


def test_what_must_read_every_token_does(tmp_path: Path) -> None:
    """Tags are left alone, and so is a layer that already hands on what was computed once."""
    folder = build_tiny("bert", tmp_path / "tags", head="token-classification")
    model = AutoModelForTokenClassification.from_pretrained(folder)
    _, features, collate = prepare(build_tiny("bert", tmp_path / "x", head="text-classification"), "none")
    batch = {name: value for name, value in collate(features).items() if name != "labels"}
    assert not narrow_last_layer(model, batch)
    assert "forward" not in vars(model.bert.encoder.layer[1])
    model, features, collate = prepare(tmp_path / "x", "all")
    kept = keep(model, "all", features, collate, tmp_path)
    numbered = [feature | {"row": row} for row, feature in enumerate(features)]
    assert not narrow_last_layer(model, kept.collate_with(collate)(numbered))


def test_a_run_says_so_and_leaves_a_model_like_any_other(settings: Settings) -> None:
    trained = train_here(settings, "films.csv", make_upload(), CONFIG)
    assert any("for the first token alone" in line for line in trained.log)
    assert trained.metrics["accuracy"] == 1.0
