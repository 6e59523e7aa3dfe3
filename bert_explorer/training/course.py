"""The course of a run, the same for every task: open, compute what is frozen, train, measure, save.

A task gives a Recipe (see recipe): how its examples become features, and what the answers are worth.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerFast, set_seed

from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import FloatArray, IntArray, ModelInfo, TrainingMetric
from bert_explorer.training.best import Best, Validation
from bert_explorer.training.callback import PROGRESS_AFTER, PROGRESS_BEFORE, PROGRESS_OPEN
from bert_explorer.training.classifier import load_tokenizer, save_classifier
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.estimate import remember_speed
from bert_explorer.training.examples import read_examples, split_examples
from bert_explorer.training.film.recorder import record_film
from bert_explorer.training.freezing import TrainableCount, freeze_layers
from bert_explorer.training.frozen_outputs import Features
from bert_explorer.training.job import Job
from bert_explorer.training.lora import add_adapters
from bert_explorer.training.predictions import write_predictions
from bert_explorer.training.recipe import Answers, Material, Recipe
from bert_explorer.training.savings import leave_out
from bert_explorer.training.split import Split
from bert_explorer.training.trainer import best_of, build_trainer, check_finite, train

IMPORT_S = 6.0  # of python, torch and transformers, over before this module can look at a clock


@dataclass(frozen=True)
class _Opened:
    """What one run is made of."""

    info: ModelInfo
    tokenizer: PreTrainedTokenizerFast
    model: PreTrainedModel
    weights: TrainableCount
    split: Split
    material: Material


@dataclass(frozen=True)
class _Outcome:
    """Answers to the held-out features, their loss, when the validation rows did best (None without such
    rows), and whether all of the training happened just now."""

    answers: Answers
    loss: float
    best: Best | None
    is_whole: bool


def follow(recipe: Recipe, job: Job) -> dict[str, Any]:
    """Trains the run's model, leaves model and predictions in its folder, returns the metrics.

    Raises RunCancelled at the next step after the run was asked to stop.
    """
    began_at = time.monotonic()
    opened = _open(recipe, job)
    training_began_at = time.monotonic()
    outcome = _train(recipe, job, opened)
    training_s = time.monotonic() - training_began_at
    metrics = _report(recipe, job, opened, outcome) | {"training_s": training_s}
    job.monitor.enter("saving the model", progress=0.97)
    write_predictions(job.folder, recipe.describe(outcome.answers))
    card = recipe.write_card(job.run, opened.info, metrics)
    job.folder.publish_model(lambda target: save_classifier(target, opened.model, opened.tokenizer, card))
    if outcome.is_whole and outcome.best is None:
        _remember_speed(job, opened, training_s, other_s=time.monotonic() - began_at - training_s)
    return metrics


def _open(recipe: Recipe, job: Job) -> _Opened:
    config = job.run.config
    job.monitor.enter("opening the model", progress=PROGRESS_OPEN)
    set_seed(config.seed)  # the new head is random
    info = describe_model(config.model, job.settings)
    folder = find_folder(parse_reference(config.model), job.settings)
    tokenizer = load_tokenizer(folder, info)
    examples = read_examples(job.run.filename, job.folder.read_upload(), config, job.settings)
    split = split_examples(examples, config)
    job.monitor.log(_describe_split(split))
    longest = min(config.max_length, info.max_length)
    material = recipe.prepare(tokenizer, examples, longest)
    if material.num_truncated:
        job.monitor.log(
            f"{material.num_truncated} rows are longer than {longest} tokens: their ends are not read."
        )
    model = recipe.load(folder, info, examples, split.train)
    weights = _choose_weights(model, config)
    job.monitor.log(f"{info.name}: {weights.trainable:,} of {weights.total:,} weights learn.")
    return _Opened(info, tokenizer, model, weights, split, material)


def _train(recipe: Recipe, job: Job, opened: _Opened) -> _Outcome:
    material = opened.material
    features, collate = leave_out(job, opened.model, material.features, recipe.collator(opened.tokenizer))
    train_ids = _feature_ids(material, opened.split.train)
    held_out_ids = _by_length(material, _feature_ids(material, opened.split.held_out))
    validation_ids = _by_length(material, _feature_ids(material, opened.split.validation))

    def judge(ids: IntArray, given: Any) -> dict[str, float]:
        return _numbers(recipe.judge(Answers(material, ids, given.predictions)))

    held_out = _select(features, held_out_ids)
    job.monitor.enter("training", progress=PROGRESS_BEFORE)
    trainer = build_trainer(
        job,
        opened.model,
        train_rows=_select(features, train_ids),
        held_out_rows=held_out,
        collate=collate,
        compute_metrics=partial(judge, held_out_ids),
        headline=recipe.headline,
        class_weights=_weigh_classes(recipe, job.run.config, opened),
        validation=Validation(
            _select(features, validation_ids), partial(judge, validation_ids), recipe.headline
        )
        if len(validation_ids)
        else None,
    )
    notes = [material.notes[index] for index in held_out_ids.tolist()] if material.notes else ()
    with record_film(job, trainer, material.examples, material.example_of[held_out_ids], notes):
        is_whole = train(trainer, job)
        job.monitor.enter("measuring", progress=PROGRESS_AFTER)
        predicted = trainer.predict(cast(Any, held_out))  # a list is all that it needs of a Dataset
    check_finite(predicted.predictions, job.run.config.learning_rate)
    answers = Answers(material, held_out_ids, predicted.predictions)
    loss = float((predicted.metrics or {})["test_loss"])
    return _Outcome(answers, loss, best_of(trainer), is_whole)


def _select(features: Features, ids: IntArray) -> Features:
    return [features[index] for index in ids.tolist()]


def _report(recipe: Recipe, job: Job, opened: _Opened, outcome: _Outcome) -> dict[str, Any]:
    """The run's metrics; the numbers among them are the last points of the held-out curves.

    Where the best moment was chosen, the curves have a point at every one of them already.
    """
    judged = recipe.judge(outcome.answers)
    if outcome.best is None:
        steps = math.ceil(len(_feature_ids(opened.material, opened.split.train)) / job.run.config.batch_size)
        step, epoch = steps * job.run.config.epochs, float(job.run.config.epochs)
        curve = {f"eval_{name}": value for name, value in _numbers(judged).items()}
        curve = {"eval_loss": outcome.loss} | curve
        job.monitor.measured([TrainingMetric(step, epoch, name, value) for name, value in curve.items()])
        job.monitor.flush()
    job.monitor.log(f"Held-out {recipe.headline.replace('_', ' ')} {judged[recipe.headline]:.3f}.")
    return {
        **judged,
        **recipe.compare(opened.material.examples, opened.split),
        "headline": recipe.headline,
        "labels": list(opened.material.examples.labels),
        "num_train": len(opened.split.train),
        "num_held_out": len(opened.split.held_out),
        "num_truncated": opened.material.num_truncated,
        "trainable_weights": opened.weights.trainable,
        "data_sha256": job.folder.hash_upload(),
        **_describe_best(outcome.best, opened.split),
    }


def _describe_split(split: Split) -> str:
    """For the log."""
    chosen = f", {len(split.validation)} to choose the best epoch by" if len(split.validation) else ""
    total = len(split.train) + len(split.held_out) + len(split.validation)
    return f"{total} rows: {len(split.train)} to learn from{chosen}, {len(split.held_out)} to measure with."


def _describe_best(best: Best | None, split: Split) -> dict[str, Any]:
    """What the metrics say of how the epoch was chosen; nothing where none was."""
    if best is None:
        return {}
    return {
        "best_epoch": best.epoch,
        "validation_score": best.score,
        "num_validation": len(split.validation),
    }


def _choose_weights(model: PreTrainedModel, config: FineTuneConfig) -> TrainableCount:
    """Leaves to learn what the configuration says, or matrices beside it."""
    if config.lora_rank:
        return add_adapters(model, rank=config.lora_rank, alpha=config.lora_alpha)
    return freeze_layers(model, config.freeze)


def _weigh_classes(recipe: Recipe, config: FineTuneConfig, opened: _Opened) -> FloatArray | None:
    if recipe.weigh is None or config.class_weights != "balanced":
        return None
    return recipe.weigh(opened.material.examples, opened.split.train)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if isinstance(value, (int, float))}


def _remember_speed(job: Job, opened: _Opened, training_s: float, *, other_s: float) -> None:
    features = opened.material.features
    remember_speed(
        len(features),
        float(np.mean([len(feature["input_ids"]) for feature in features])),
        job.run.config,
        opened.info,
        job.settings,
        training_s=training_s,
        overhead_s=other_s + IMPORT_S,
    )


def _feature_ids(material: Material, rows: IntArray) -> IntArray:
    return np.flatnonzero(np.isin(material.example_of, rows))


def _by_length(material: Material, feature_ids: IntArray) -> IntArray:
    """From short to long: little padding."""
    lengths = [len(material.features[index]["input_ids"]) for index in feature_ids.tolist()]
    return feature_ids[np.argsort(lengths, kind="stable")]
