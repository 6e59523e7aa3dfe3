"""The best moment is kept: by rows that are neither learned from nor measured on, and across a resume."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from bert_explorer.settings import Settings
from bert_explorer.training.best import Best, BestWeights, found_at
from bert_explorer.training.film.file import read_film
from bert_explorer.training.predictions import read_predictions
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here


def test_of_equal_scores_the_lower_loss_is_better() -> None:
    best = Best(step=1, epoch=1.0, score=0.8, loss=0.5)
    assert best.is_beaten_by(replace(best, score=0.9, loss=0.7))
    assert best.is_beaten_by(replace(best, loss=0.4))
    assert not best.is_beaten_by(replace(best, step=2))
    lost = found_at(3, 1.5, {"validation_f1": float("nan"), "validation_loss": float("inf")}, "f1")
    assert lost.is_beaten_by(best)
    assert not best.is_beaten_by(lost)


def test_weights_come_back_as_they_were_at_the_best_moment(tiny_classifier: Path, tmp_path: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(tiny_classifier)
    bias = model.classifier.bias
    best = BestWeights(tmp_path / "checkpoints")
    assert best.read() is None
    for step, (value, score) in enumerate([(1.0, 0.5), (2.0, 0.9), (3.0, 0.7)], 1):
        torch.nn.init.constant_(bias, value)
        kept = best.offer(model, Best(step, float(step), score, 0.1))
    assert (kept.step, kept.score) == (2, 0.9)
    assert BestWeights(tmp_path / "checkpoints").read() == kept  # as a resumed run finds it
    best.put_into(model)
    assert set(bias.tolist()) == {2.0}


def test_training_stops_early_and_keeps_the_best_epoch(settings: Settings) -> None:
    config = replace(CONFIG, epochs=40, learning_rate=5e-2, keep_best=True, patience=2)
    trained = train_here(settings, "films.csv", make_upload(), config)
    scores = [metric for metric in trained.curve if metric.name == "validation_accuracy"]
    losses = {metric.step: metric.value for metric in trained.curve if metric.name == "validation_loss"}
    best = max(scores, key=lambda metric: (metric.value, -losses[metric.step]))
    assert trained.metrics["best_epoch"] == pytest.approx(best.epoch)
    assert trained.metrics["validation_score"] == best.value
    assert scores[-1].epoch < 40
    assert scores[-1].epoch - best.epoch == pytest.approx(2, abs=0.3)
    held_out = {metric.step: metric.value for metric in trained.curve if metric.name == "eval_accuracy"}
    assert trained.metrics["accuracy"] == held_out[best.step]  # the model that is kept is the one of then
    assert trained.metrics["num_train"] + trained.metrics["num_validation"] == 32
    assert trained.metrics["num_held_out"] == 8
    film = read_film(trained.folder.film)
    assert not [line for line in trained.log if "film" in line and "early" in line]
    at_best = film.answers[film.steps.tolist().index(best.step)]
    rows = {row.line: row.probabilities for row in read_predictions(trained.folder)}
    np.testing.assert_allclose([rows[item.line] for item in film.items], at_best, atol=1e-3)
