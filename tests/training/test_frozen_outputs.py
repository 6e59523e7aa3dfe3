"""Kept outputs of frozen layers against computing them again: the same logits, the same training."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

from bert_explorer.training import frozen_outputs
from bert_explorer.training.freezing import freeze_layers
from bert_explorer.training.frozen_outputs import ROW, FrozenOutputs, keep_frozen_outputs
from tests.tiny_models import FAMILIES, TEXTS, build_tiny


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    parent = tmp_path_factory.mktemp("families")
    return {name: build_tiny(name, parent / name, head="text-classification") for name in FAMILIES}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def prepare(folder: Path, freeze: str) -> tuple[Any, list[dict[str, Any]], Any]:
    """Model, features of texts of many lengths, collator."""
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    freeze_layers(model, freeze)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [" ".join(TEXTS[i % 6].split()[: 3 + i]) for i in range(12)]
    encoded = tokenizer(texts)
    features = [{key: encoded[key][i] for key in encoded} | {"labels": i % 2} for i in range(len(texts))]
    return model, features, DataCollatorWithPadding(tokenizer)


def keep(model: Any, freeze: str, features: Any, collate: Any, folder: Path, **options: Any) -> Any:
    values: dict[str, Any] = {"max_bytes": 10**6, "on_progress": lambda _share: None} | options
    return keep_frozen_outputs(model, freeze, features, collate, folder=folder, **values)


def train(model: Any, features: list[dict[str, Any]], collate: Any) -> list[float]:
    """Losses of 12 steps, dropout included."""
    torch.manual_seed(1)
    optimizer = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=1e-2)
    losses = []
    for step in range(12):
        rows = [(5 * step + i) % len(features) for i in range(4)]
        model.train()
        loss = model(**collate([dict(features[row]) for row in rows])).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("freeze", ["1", "all"])
@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"albert"}))
def test_training_is_the_same_with_kept_outputs(
    folders: dict[str, Path], family: str, freeze: str, tmp_path: Path
) -> None:
    model, features, collate = prepare(folders[family], freeze)
    expected = train(model, features, collate)

    model, features, collate = prepare(folders[family], freeze)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    kept = keep(model, freeze, features, collate, tmp_path)
    assert isinstance(kept, FrozenOutputs), kept
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    numbered = [feature | {ROW: row} for row, feature in enumerate(features)]
    np.testing.assert_allclose(
        train(model, numbered, kept.collate_with(collate)), expected, rtol=0, atol=1e-4
    )
    assert np.ptp(expected) > 0.01, "the losses must differ for the comparison to mean anything"


def test_frozen_layers_do_not_run_any_more(folders: dict[str, Path], tmp_path: Path) -> None:
    model, features, collate = prepare(folders["bert"], "1")
    kept = keep(model, "1", features, collate, tmp_path)
    calls: list[str] = []
    for name in ("embeddings.word_embeddings", "encoder.layer.0.attention", "encoder.layer.1.attention"):
        module = model.bert.get_submodule(name)
        module.register_forward_hook(lambda *_, name=name: calls.append(name))
    model(**kept.collate_with(collate)([features[0] | {ROW: 0}]))
    assert calls == ["encoder.layer.1.attention"]


def test_a_head_that_reads_one_token_needs_one_token(folders: dict[str, Path], tmp_path: Path) -> None:
    model, features, collate = prepare(folders["bert"], "all")
    kept = keep(model, "all", features, collate, tmp_path)
    assert kept.first_token_only
    assert kept.states.shape == (len(features), 32)
    model, features, collate = prepare(folders["bert"], "2")
    kept = keep(model, "2", features, collate, tmp_path)
    assert kept.states.shape == (sum(len(feature["input_ids"]) for feature in features), 32)


def test_one_set_of_layers_is_left_alone(folders: dict[str, Path], tmp_path: Path) -> None:
    model, features, collate = prepare(folders["albert"], "all")
    assert isinstance(keep(model, "all", features, collate, tmp_path), str)
    assert train(model, features, collate)


def test_bounds(folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a bound nothing is kept, the model still computes, and no file is left."""
    model, features, collate = prepare(folders["bert"], "1")
    expected = train(model, features, collate)
    model, features, collate = prepare(folders["bert"], "1")
    assert "0 MB are allowed" in keep(model, "1", features, collate, tmp_path, max_bytes=1000)

    def is_full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(frozen_outputs, "_reserve", is_full)
    assert "No space left" in keep(model, "1", features, collate, tmp_path)
    assert train(model, features, collate) == expected
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_stopped_at_every_batch(folders: dict[str, Path], tmp_path: Path) -> None:
    model, features, collate = prepare(folders["bert"], "1")
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(model, "1", features, collate, tmp_path, on_progress=stop)
    assert shares == [1.0]
