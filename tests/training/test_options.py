"""Settings beyond the plain ones: rates by layer, class weights, presets; by hand and by scikit-learn."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from transformers import AutoModelForSequenceClassification

from bert_explorer.errors import InputError
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.settings import Settings
from bert_explorer.training.freezing import freeze_layers
from bert_explorer.training.presets import PRESETS, apply_preset
from bert_explorer.training.rates import decayed_rates, make_optimizer
from bert_explorer.training.text_classification import balance_classes
from bert_explorer.training.trainer import LengthPoolTrainer
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here


@pytest.fixture
def model(tiny_classifier: Path) -> Any:
    return AutoModelForSequenceClassification.from_pretrained(tiny_classifier)


def test_rates_fall_from_the_head_to_the_embeddings(model: Any) -> None:
    rates = decayed_rates(model, 1.0, 0.5)
    assert rates["classifier.weight"] == rates["bert.pooler.dense.weight"] == 1.0
    assert rates["bert.encoder.layer.1.output.dense.weight"] == 1.0
    assert rates["bert.encoder.layer.0.output.dense.weight"] == 0.5
    assert rates["bert.embeddings.word_embeddings.weight"] == 0.25
    freeze_layers(model, "1")
    assert set(decayed_rates(model, 1.0, 0.5).values()) == {1.0}


def test_the_first_step_of_a_layer_is_as_long_as_its_rate(model: Any) -> None:
    """Adam's first step has the length of the rate, whatever the gradient."""
    optimizer = make_optimizer(model, 1e-3, 0.5, 0.0, [])
    assert optimizer.param_groups[0]["lr"] == 1e-3
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    inputs = torch.tensor([[2, 30, 31, 32, 33, 3]])
    model(inputs, labels=torch.tensor([1])).loss.backward()
    optimizer.step()
    for name, rate in decayed_rates(model, 1e-3, 0.5).items():
        moved = (dict(model.named_parameters())[name] - before[name]).abs().max().item()
        if "key.bias" not in name:  # softmax does not see it, so its gradient is rounding
            assert moved == pytest.approx(rate, rel=0.02), name


def test_balanced_weights_are_as_in_scikit_learn() -> None:
    labels = np.array([0] * 9 + [1] * 3 + [2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(balance_classes(labels), expected, rtol=1e-6)


def test_class_weights_weigh_what_is_trained_and_not_what_is_measured(model: Any) -> None:
    trainer = SimpleNamespace(class_weights=torch.tensor([1.0, 4.0, 1.0]))
    inputs = {"input_ids": torch.tensor([[2, 30, 31, 3], [2, 40, 41, 3]]), "labels": torch.tensor([0, 1])}
    model.train()
    torch.manual_seed(0)
    loss = LengthPoolTrainer.compute_loss(trainer, model, inputs)  # type: ignore[arg-type]
    torch.manual_seed(0)
    losses = -model(inputs["input_ids"]).logits.log_softmax(dim=-1)[[0, 1], [0, 1]]
    assert loss.item() == pytest.approx(((losses[0] + 4 * losses[1]) / 5).item(), rel=1e-5)


def test_a_run_with_both(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the rows to learn from, two in three are good."""
    seen: list[torch.Tensor | None] = []
    compute_loss = LengthPoolTrainer.compute_loss

    def watch(self: LengthPoolTrainer, *args: Any, **options: Any) -> Any:
        seen.append(self.class_weights)
        return compute_loss(self, *args, **options)

    monkeypatch.setattr(LengthPoolTrainer, "compute_loss", watch)
    header, *rows = make_upload(40).splitlines()
    few = b"\n".join([header, *rows[::2], *rows[1::4]])
    config = replace(CONFIG, epochs=5, class_weights="balanced", layer_decay=0.8)
    trained = train_here(settings, "films.csv", few, config)
    rare = trained.metrics["labels"].index("-")
    assert seen
    for weights in seen:
        assert weights is not None, "the classes are not weighed"
        assert weights.tolist() == pytest.approx([1.5 if i == rare else 0.75 for i in range(2)])
    losses = trained.values("loss")
    assert losses[-1] < losses[0]
    assert max(trained.values("learning_rate")) == pytest.approx(config.learning_rate)
    assert min(trained.values("grad_norm")) > 0


def test_presets(tiny_bert: Path) -> None:
    info = inspect_folder(tiny_bert, "local:tiny", "tiny")
    configs = {name: apply_preset(CONFIG, name, info) for name in PRESETS}
    assert configs["live-demo"].freeze == "embeddings"  # two layers, and both learn
    assert replace(configs["live-demo"], freeze="2") == apply_preset(
        CONFIG, "live-demo", replace(info, num_layers=6)
    )
    assert (configs["best"].layer_decay, configs["best"].max_length) == (0.9, 128)
    assert configs["balanced"].epochs == CONFIG.epochs
    with pytest.raises(InputError, match="no preset 'fast'"):
        apply_preset(CONFIG, "fast", info)


def test_options_that_do_not_fit() -> None:
    with pytest.raises(InputError, match="layer decay is 2"):
        replace(CONFIG, layer_decay=2.0)
    with pytest.raises(InputError, match="Choose one of: none, balanced"):
        replace(CONFIG, class_weights="some")
    with pytest.raises(InputError, match="no classes to weigh"):
        replace(CONFIG, class_weights="balanced", task="regression")
