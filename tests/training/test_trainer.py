from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bert_explorer.errors import RunError
from bert_explorer.training.trainer import evaluation_interval, predict_logits


@pytest.mark.parametrize(
    ("steps_per_epoch", "epochs", "interval"),
    [(10, 3, 5), (10, 1, 2), (12, 1, 2), (10, 6, 10), (10, 40, 10), (1, 3, 1)],
)
def test_evaluations_are_few_and_at_least_one_an_epoch(
    steps_per_epoch: int, epochs: int, interval: int
) -> None:
    assert evaluation_interval(steps_per_epoch, epochs) == interval
    assert interval <= steps_per_epoch


def trainer_that_predicts(values: list[list[float]]) -> Any:
    answer = SimpleNamespace(predictions=np.array(values, dtype=np.float64))
    return SimpleNamespace(predict=lambda _rows: answer, args=SimpleNamespace(learning_rate=1e-2))


def test_weights_without_bound_are_no_model() -> None:
    logits = predict_logits(trainer_that_predicts([[1.0, 2.0]]), [])
    assert logits.dtype == np.float32
    for value in (float("nan"), float("inf")):
        with pytest.raises(RunError, match=r"learning rate 0\.01.* such as 0\.001"):
            predict_logits(trainer_that_predicts([[1.0, value]]), [])
