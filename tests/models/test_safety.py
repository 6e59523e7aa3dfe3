"""Checkpoints that could run code, or that are no encoders of a supported family, are refused unopened."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bert_explorer.errors import BrokenModelError, ModelError, UnsafeModelError, UnsupportedModelError
from bert_explorer.models.safety import read_config

Copy = Callable[[str], Path]


def change(path: Path, **keys: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


@pytest.mark.parametrize(
    "keys",
    [
        {"auto_map": {"AutoModel": "evil.Model"}},
        {"_attn_implementation_internal": "org/kernel"},
        {"_experts_implementation_internal": "eager"},
        {"attn_implementation": "org/kernel"},
        {"_attn_implementation": "org/kernel"},
        {"transformers_weights": "evil.bin"},
        {"trust_remote_code": True},
        {"text_config": {"deep": [{"auto_map": {}}]}},
    ],
)
@pytest.mark.parametrize("filename", ["config.json", "tokenizer_config.json"])
def test_keys_that_run_code_are_refused_by_name(keys: dict[str, Any], filename: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / filename, **keys)
    with pytest.raises(UnsafeModelError, match=f"{filename} has the key '"):
        read_config(folder)


def test_keys_that_only_sound_alike_are_allowed(copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "config.json", _attn_implementation_autoset=True, attn_implementation="sdpa")
    assert read_config(folder)["model_type"] == "bert"


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "", None, ["bert"], "Bert"])
def test_an_unknown_model_type_is_refused_with_the_known_ones(model_type: Any, copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "config.json", model_type=model_type)
    with pytest.raises(UnsupportedModelError, match=r"BERT Explorer opens: albert, bert, .*xlm-roberta"):
        read_config(folder)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"is_decoder": True}, "decoder"),
        ({"add_cross_attention": True}, "decoder"),
        ({"quantization_config": {"quant_method": "awq"}}, "quantized"),
    ],
)
def test_other_kinds_of_models_are_refused(keys: dict[str, Any], message: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "config.json", **keys)
    with pytest.raises(UnsupportedModelError, match=message):
        read_config(folder)


def test_an_adapter_is_refused_with_the_remedy(copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "org/evil"}')
    with pytest.raises(UnsupportedModelError, match="merge_and_unload"):
        read_config(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "\x00", '"bert"', "[" * 100_000, "{}"])
def test_a_config_that_is_no_config_is_an_error_of_ours(text: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError):
        read_config(folder)


def test_a_deep_or_huge_config_is_no_crash(copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "config.json").write_text('{"model_type": "bert", "x": ' + "[" * 900 + "]" * 900 + "}")
    assert read_config(folder)["model_type"] == "bert"
    (folder / "config.json").write_text('{"x": "' + "y" * 5_000_001 + '"}')
    with pytest.raises(BrokenModelError, match="over 5,000,000 bytes"):
        read_config(folder)


def test_a_folder_without_config_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"has no config.json"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vocab", "/etc/passwd"),
        ("merges", "/etc/passwd"),
        ("vocab_file", "../other/vocab.txt"),
        ("tokenizer_file", "/etc/passwd"),
        ("init_inputs", ["/etc/passwd"]),
    ],
)
def test_a_tokenizer_that_names_a_file_to_read_is_refused(key: str, value: Any, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("[PAD]")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", key: value})
    )
    with pytest.raises(UnsafeModelError, match=f"tokenizer_config.json has the key '{key}', which can name"):
        read_config(folder)


def test_keys_of_paths_that_name_none_are_allowed(copy_of: Copy) -> None:
    """Old checkpoints carry all of these."""
    folder = copy_of("bert")
    change(
        folder / "tokenizer_config.json",
        tokenizer_file=None,
        init_inputs=[],
        special_tokens_map_file="/root/.cache/huggingface/x",
    )
    assert read_config(folder)["model_type"] == "bert"
