"""Loading: parts that do not fit each other are refused, and nothing is filled with random numbers."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from bert_explorer.errors import (
    BrokenModelError,
    ModelError,
    OutOfMemoryError,
    SettingsError,
    UnsafeModelError,
)
from bert_explorer.models import loader
from bert_explorer.models.engine import Engine
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.models.loader import LoadedModel, choose_device, load_model
from bert_explorer.models.weights import INDEX, SINGLE
from bert_explorer.settings import Settings
from tests.tiny_models import build_model, build_tiny

Copy = Callable[[str], Path]


def load(folder: Path) -> LoadedModel:
    return load_model(folder, inspect_folder(folder, "local:x", "x"), Settings(home=folder, device="cpu"))


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    weights = load_file(folder / SINGLE)
    change(weights)
    save_file(weights, folder / SINGLE, metadata={"format": "pt"})


def change_json(path: Path, **keys: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def test_two_heads_share_one_set_of_weights(checkpoints: Path) -> None:
    loaded = load(checkpoints / "models" / "pretraining")
    assert type(loaded.network).__name__ == "BertForPreTraining"
    decoder = loaded.network.cls.predictions.decoder.weight
    assert decoder is loaded.network.bert.embeddings.word_embeddings.weight
    assert loaded.num_bytes == 4 * loaded.info.num_parameters


def test_half_precision_files_are_opened_in_single_precision(copy_of: Copy) -> None:
    folder = copy_of("pretraining")
    single = load(folder).network
    change_weights(folder, lambda weights: weights.update({k: v.half() for k, v in weights.items()}))
    network = load(folder).network
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    for weight, right in zip(network.parameters(), single.parameters(), strict=True):
        torch.testing.assert_close(weight, right, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pkl"])
def test_pickle_weights_are_never_opened(name: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / SINGLE).rename(folder / name)
    with pytest.raises(UnsafeModelError, match="pickle"):
        load(folder)


def test_pickles_beside_safetensors_are_ignored(copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert load(folder).info.num_layers == 2


def test_a_tokenizer_larger_than_the_embeddings_is_refused(copy_of: Copy) -> None:
    folder = copy_of("bert")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["zebra"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(BrokenModelError, match=r"ids up to 252 and the model has 252 embeddings"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("bert", "bert.encoder.layer.1.attention.self.query.weight"),
        ("bert", "cls.predictions.transform.LayerNorm.weight"),
        ("classifier", "bert.pooler.dense.weight"),
        ("classifier", "classifier.bias"),
    ],
)
def test_a_missing_weight_is_named_instead_of_made_up(name: str, lost: str, copy_of: Copy) -> None:
    folder = copy_of(name)
    change_weights(folder, lambda weights: weights.__delitem__(lost))
    with pytest.raises(BrokenModelError, match=f"lacks 1 weights, '{lost}'"):
        load(folder)


def test_an_encoder_needs_no_pooler(copy_of: Copy) -> None:
    folder = copy_of("encoder")

    def drop_pooler(weights: dict[str, torch.Tensor]) -> None:
        for name in ("pooler.dense.weight", "pooler.dense.bias"):
            del weights[name]

    change_weights(folder, drop_pooler)
    assert load(folder).info.hidden_size == 32


@pytest.mark.parametrize(
    "keys",
    [
        {"hidden_act": "no_such"},
        {"num_attention_heads": 5},
        {"intermediate_size": 7},
    ],
)
def test_a_config_that_contradicts_the_weights_is_an_error_of_ours(
    keys: dict[str, Any], copy_of: Copy
) -> None:
    folder = copy_of("bert")
    change_json(folder / "config.json", **keys)
    with pytest.raises(BrokenModelError, match=r"cannot be loaded|lacks"):
        load(folder)


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"model": 3}'])
def test_a_spoiled_tokenizer_is_an_error_of_ours(text: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(ModelError, match="tokenizer"):
        load(folder)


def test_a_vocabulary_file_alone_makes_a_tokenizer(copy_of: Copy) -> None:
    """Older BERT folders have vocab.txt and no tokenizer.json."""
    folder = copy_of("bert")
    vocab = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(vocab, key=vocab.get)) + "\n", "utf-8")
    before = load(folder).tokenizer("the zebras [MASK]")["input_ids"]
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    loaded = load(folder)
    assert loaded.tokenizer("the zebras [MASK]")["input_ids"] == before
    assert loaded.info.mask_token == "[MASK]"


def test_a_sharded_checkpoint_is_opened(copy_of: Copy) -> None:
    folder = copy_of("bert")
    right = load(folder).network
    right.save_pretrained(folder / "sharded", max_shard_size="60KB")
    (folder / SINGLE).unlink()
    for path in (folder / "sharded").glob("model*"):
        path.rename(folder / path.name)
    assert (folder / INDEX).is_file()
    for weight, expected in zip(load(folder).network.parameters(), right.parameters(), strict=True):
        torch.testing.assert_close(weight, expected)


def test_deberta_v3_s_own_head_is_used_where_its_weights_are(tmp_path: Path) -> None:
    """Its configs do not say that the head is the new one."""
    folder = build_tiny("deberta-v2", tmp_path)
    config = transformers.AutoConfig.from_pretrained(folder)
    config.legacy = False
    model = build_model(config, "AutoModelForMaskedLM")
    model.save_pretrained(folder)
    change_json(folder / "config.json", legacy=True)
    loaded = load(folder)
    engine = Engine(loaded, Settings(home=tmp_path, device="cpu"))
    answer = engine.mask_logits("the [MASK] sat")
    engine.close()
    with torch.no_grad():
        right = model(torch.from_numpy(np.array(answer.tokens.input_ids))[None]).logits[0, answer.positions]
    np.testing.assert_allclose(answer.logits, right.numpy(), atol=1e-4)


def test_a_tokenizer_that_pads_and_cuts_is_set_straight(copy_of: Copy) -> None:
    """all-MiniLM's tokenizer.json pads every text to 128 tokens."""
    folder = copy_of("bert")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.enable_padding(length=100)
    tokenizer.backend_tokenizer.enable_truncation(8)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    engine = Engine(load(folder), Settings(home=folder, device="cpu"))
    assert len(engine.tokenize("the cat sat on the mat and looked at the dog")) == 13
    engine.close()


def test_too_little_memory_while_loading_is_an_error_of_ours(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loader, "_load_network", failing)
    with pytest.raises(OutOfMemoryError, match=r"too little memory for 'x' \([\d,]+ parameters\)"):
        load(checkpoints / "models" / "bert")


@pytest.mark.parametrize(
    ("setting", "present", "chosen"),
    [
        ("auto", (), "cpu"),
        ("auto", ("mps",), "mps"),
        ("auto", ("cuda", "mps"), "cuda"),
        ("cpu", ("cuda",), "cpu"),
        ("mps", ("cuda", "mps"), "mps"),
    ],
)
def test_the_device_is_chosen_by_setting_or_presence(
    setting: str, present: tuple[str, ...], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in present)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in present)
    assert choose_device(setting).type == chosen


@pytest.mark.parametrize("setting", ["cuda", "mps"])
def test_an_absent_device_is_named_with_the_remedy(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(SettingsError, match=f"BERT_EXPLORER_DEVICE is '{setting}'.*Use 'auto' or 'cpu'"):
        choose_device(setting)


def test_the_description_after_loading_is_the_one_before(checkpoints: Path) -> None:
    folder = checkpoints / "models" / "pretraining"
    before = inspect_folder(folder, "local:x", "x")
    assert load(folder).info == replace(before, mask_token="[MASK]")
