"""What is frozen stays, what is not frozen learns: in every family, by an independent look at the weights."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from bert_explorer.errors import InputError
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.freezing import check_freeze, find_layers, freeze_layers
from tests.tiny_models import FAMILIES, build_tiny

CONFIG = FineTuneConfig(text_column="text", label_column="label")
INPUT_IDS = torch.tensor([[2, 30, 31, 32, 33, 3]])  # (1, 6)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    parent = tmp_path_factory.mktemp("families")
    return {name: build_tiny(name, parent / name, head="text-classification") for name in FAMILIES}


def load(folder: Path) -> PreTrainedModel:
    return AutoModelForSequenceClassification.from_pretrained(folder)


def changed_by_a_step(model: PreTrainedModel) -> set[str]:
    """Names of the weights that one large step of training changes."""
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=1.0)
    model.train()
    model(INPUT_IDS, labels=torch.tensor([1])).loss.backward()
    optimizer.step()
    return {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}


def changed_layers(changed: set[str]) -> set[int]:
    found = (re.search(r"\blayers?\.(\d+)\.", name) for name in changed)
    return {int(match.group(1)) for match in found if match}


@pytest.mark.parametrize(
    ("freeze", "learning_layers"),
    [("none", {0, 1}), ("embeddings", {0, 1}), ("1", {1}), ("2", set()), ("all", set())],
)
@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"albert"}))
def test_frozen_weights_stay(
    folders: dict[str, Path], family: str, freeze: str, learning_layers: set[int]
) -> None:
    model = load(folders[family])
    count = freeze_layers(model, freeze)
    changed = changed_by_a_step(model)
    assert any("classifier" in name for name in changed)
    assert any(".embeddings" in name for name in changed) == (freeze == "none")
    assert changed_layers(changed) == learning_layers
    assert count.total == sum(weight.numel() for weight in model.parameters())
    assert (count.trainable == count.total) == (freeze == "none")


@pytest.mark.parametrize("freeze", ["none", "embeddings", "all"])
def test_albert_freezes_as_a_whole_or_not(folders: dict[str, Path], freeze: str) -> None:
    model = load(folders["albert"])
    freeze_layers(model, freeze)
    changed = changed_by_a_step(model)
    assert any("classifier" in name for name in changed)
    assert any(".embeddings" in name for name in changed) == (freeze == "none")
    assert any("albert_layers" in name for name in changed) == (freeze != "all")


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"albert"}))
def test_frozen_layers_give_the_same_in_every_step(folders: dict[str, Path], family: str) -> None:
    """Neither dropout nor a table that all layers share changes the output of a frozen prefix."""
    model = load(folders[family])
    freeze_layers(model, "1")
    outputs: list[torch.Tensor] = []
    layer = find_layers(model.base_model)[0]
    layer.register_forward_hook(
        lambda _module, _inputs, output: outputs.append(output[0] if isinstance(output, tuple) else output)
    )
    for _ in range(3):
        changed_by_a_step(model)
    assert len(outputs) == 3
    for output in outputs[1:]:
        torch.testing.assert_close(output, outputs[0], rtol=0, atol=0)


def test_what_does_not_fit_the_model(folders: dict[str, Path]) -> None:
    bert = inspect_folder(folders["bert"], "local:bert", "bert")
    albert = inspect_folder(folders["albert"], "local:albert", "albert")
    check_freeze(replace(CONFIG, freeze="2"), bert)
    check_freeze(replace(CONFIG, freeze="all"), albert)
    with pytest.raises(InputError, match="has 2 layers; 3 cannot be frozen"):
        check_freeze(replace(CONFIG, freeze="3"), bert)
    with pytest.raises(InputError, match="ALBERT"):
        check_freeze(replace(CONFIG, freeze="1"), albert)
