"""The builder of tiny checkpoints, which other tests stand on."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from tests.tiny_models import FAMILIES, build_tiny


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tiny_checkpoint_tokenizes_and_has_its_family(family: str, tmp_path: Path) -> None:
    folder = build_tiny(family, tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("the cat sat", "we are zebras")["input_ids"]
    words = tokenizer.decode(ids, skip_special_tokens=True)
    assert words.replace(" ", "").endswith("zebras")
    assert tokenizer.unk_token_id not in ids


def test_equal_seeds_give_equal_weights_and_leave_torch_alone(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    folders = [build_tiny("bert", tmp_path / str(i), seed=seed) for i, seed in enumerate([0, 0, 1])]
    assert torch.equal(before, torch.get_rng_state())
    first, same, other = (
        AutoModelForMaskedLM.from_pretrained(folder).cls.predictions.transform.dense.weight
        for folder in folders
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_settings_are_isolated(settings, tmp_path: Path) -> None:
    assert settings.home == tmp_path / "home"
    assert (settings.bundled_model_path / "model.safetensors").is_file()
    assert settings.offline
