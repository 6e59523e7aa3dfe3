"""What is told of each layer's gradient, beside a second road; and how fast rows go by."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from bert_explorer.results import GRADIENT_PREFIX
from bert_explorer.settings import Settings
from bert_explorer.training.callback import rows_of_step
from bert_explorer.training.freezing import freeze_layers
from bert_explorer.training.gradients import gradient_norms, group_weights
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here


def test_norms_by_layer(tiny_classifier: Path) -> None:
    model: Any = AutoModelForSequenceClassification.from_pretrained(tiny_classifier)
    inputs = torch.tensor([[2, 30, 31, 32, 33, 3]])
    model(inputs, labels=torch.tensor([1])).loss.backward()
    norms = gradient_norms(group_weights(model))
    gradients = {name: weight.grad.numpy().ravel() for name, weight in model.named_parameters()}
    for part, key in (("0", "layer.0."), ("1", "layer.1."), ("embeddings", "embeddings.")):
        joined = np.concatenate([values for name, values in gradients.items() if key in name])
        assert norms[part] == pytest.approx(float(np.linalg.norm(joined)), rel=1e-5)
    everything = float(np.linalg.norm(np.concatenate(list(gradients.values()))))
    assert sum(norm**2 for norm in norms.values()) ** 0.5 == pytest.approx(everything, rel=1e-5)


def test_what_is_frozen_has_none(tiny_classifier: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(tiny_classifier)
    freeze_layers(model, "1")
    assert set(group_weights(model)) == {"1", "head"}


def test_the_last_step_of_an_epoch_takes_what_is_left() -> None:
    assert [rows_of_step(step, num_rows=10, batch_size=4) for step in range(1, 7)] == [4, 4, 2, 4, 4, 2]
    assert rows_of_step(3, num_rows=8, batch_size=8) == 8


def test_a_run_reports_both(settings: Settings) -> None:
    trained = train_here(settings, "films.csv", make_upload(), replace(CONFIG, epochs=1))
    for part in ("embeddings", "0", "1", "head"):
        assert min(trained.values(GRADIENT_PREFIX + part)) > 0
    norms = [trained.values(GRADIENT_PREFIX + part)[0] for part in ("embeddings", "0", "1", "head")]
    total = trained.values("grad_norm")[0]
    assert sum(norm**2 for norm in norms) ** 0.5 == pytest.approx(total, rel=1e-3)
    assert min(trained.values("examples_per_s")) > 0
