from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from transformers import AutoModelForSequenceClassification, TrainingArguments
from transformers.training_args import ParallelMode

from bert_explorer.errors import RunError
from bert_explorer.settings import Settings
from bert_explorer.training import trainer as trainer_module
from bert_explorer.training.trainer import build_trainer, check_finite, evaluation_interval
from tests.tiny_models import build_tiny
from tests.training.conftest import CONFIG


@pytest.mark.parametrize(
    ("steps_per_epoch", "epochs", "interval"),
    [(10, 3, 5), (10, 1, 2), (12, 1, 2), (10, 6, 10), (10, 40, 10), (1, 3, 1)],
)
def test_evaluations_are_few_and_at_least_one_an_epoch(
    steps_per_epoch: int, epochs: int, interval: int
) -> None:
    assert evaluation_interval(steps_per_epoch, epochs) == interval
    assert interval <= steps_per_epoch


class OnTwoGpus(TrainingArguments):
    """What a machine with two would count, without them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.device.type == "cpu"
        self._n_gpu = 2


def test_a_run_has_one_gpu_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer_module, "TrainingArguments", OnTwoGpus)
    job: Any = SimpleNamespace(
        run=SimpleNamespace(config=CONFIG),
        folder=SimpleNamespace(checkpoints=tmp_path / "checkpoints"),
        settings=Settings(device="cpu"),
        monitor=None,
    )
    model = AutoModelForSequenceClassification.from_pretrained(
        build_tiny("bert", tmp_path / "model", head="text-classification")
    )
    rows = [{"input_ids": [1, 2]}] * 4
    trainer = build_trainer(
        job,
        model,
        train_rows=rows,
        held_out_rows=rows,
        collate=dict,
        compute_metrics=lambda _: {},
        headline="accuracy",
    )
    assert trainer.args.train_batch_size == CONFIG.batch_size, "and not of two at once"
    assert trainer.args.parallel_mode is ParallelMode.NOT_PARALLEL


def test_weights_without_bound_are_no_model() -> None:
    check_finite(np.array([[1.0, 2.0]]), 1e-2)
    for value in (float("nan"), float("inf")):
        with pytest.raises(RunError, match=r"learning rate 0\.01.* such as 0\.001"):
            check_finite((np.zeros(2), np.array([[1.0, value]])), 1e-2)
