"""The task "text-classification": one label for a text, or for a pair of texts.

Follows Devlin et al. 2018, section 3.2: the encoder is trained further together with a new linear layer
on the vector of [CLS]. What it does not do: choose the best of several epochs by the held-out rows,
since these would then be part of the training, and their accuracy too good to be true (see best).
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from transformers import (
    DataCollatorWithPadding,
    EvalPrediction,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    set_seed,
)

from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import FloatArray, IntArray, ModelInfo, TrainingMetric
from bert_explorer.training.baselines import measure_words
from bert_explorer.training.best import Validation
from bert_explorer.training.callback import PROGRESS_AFTER, PROGRESS_BEFORE
from bert_explorer.training.card import write_card
from bert_explorer.training.classifier import load_classifier, load_tokenizer, save_classifier, tokenize
from bert_explorer.training.course import (
    IMPORT_S,
    PROGRESS_OPEN,
    choose_weights,
    describe_best,
    describe_split,
    leave_out,
)
from bert_explorer.training.data import LabelledTexts, labelled_texts, read_table
from bert_explorer.training.estimate import remember_speed
from bert_explorer.training.examples import split_examples
from bert_explorer.training.film.recorder import record_film
from bert_explorer.training.freezing import TrainableCount
from bert_explorer.training.frozen_outputs import Collate, Features
from bert_explorer.training.job import Job
from bert_explorer.training.metrics import compute_report, compute_scores, softmax
from bert_explorer.training.predictions import HeldOutRow, write_predictions
from bert_explorer.training.split import Split
from bert_explorer.training.trainer import best_of, build_trainer, predict_logits, train


@dataclass(frozen=True)
class _Rows:
    """Tokenized rows; in ``split``, those to measure with from short to long: they need little padding."""

    data: LabelledTexts
    split: Split
    features: Features
    num_truncated: int

    @property
    def mean_tokens(self) -> float:
        return float(np.mean([len(row["input_ids"]) for row in self.features]))

    @property
    def train(self) -> IntArray:
        return self.split.train

    @property
    def held_out(self) -> IntArray:
        return self.split.held_out

    def select(self, indices: IntArray) -> list[Mapping[str, Any]]:
        return [self.features[index] for index in indices]


@dataclass(frozen=True)
class _Parts:
    """What one run is made of."""

    info: ModelInfo
    tokenizer: PreTrainedTokenizerFast
    rows: _Rows
    model: PreTrainedModel
    weights: TrainableCount


def fine_tune(job: Job) -> dict[str, Any]:
    """Trains the run's model, leaves model and predictions in the run's folder, returns the metrics.

    Raises RunCancelled at the next step after the run was asked to stop.
    """
    began_at = time.monotonic()
    job.monitor.enter("opening the model", progress=PROGRESS_OPEN)
    parts = _open(job)

    training_began_at = time.monotonic()
    rows, collate = _leave_out(job, parts)
    job.monitor.enter("training", progress=PROGRESS_BEFORE)
    weighs_classes = job.run.config.class_weights == "balanced"
    trainer = build_trainer(
        job,
        parts.model,
        train_rows=rows.select(rows.train),
        held_out_rows=rows.select(rows.held_out),
        collate=collate,
        compute_metrics=_compute_metrics,
        class_weights=balance_classes(rows.data.label_ids[rows.train]) if weighs_classes else None,
        validation=_validation(rows),
    )
    with record_film(job, trainer, rows.data, rows.held_out):
        is_whole = train(trainer, job)
        job.monitor.enter("measuring", progress=PROGRESS_AFTER)
        logits = predict_logits(trainer, rows.select(rows.held_out))
    training_s = time.monotonic() - training_began_at
    metrics = _report(rows, logits)
    metrics |= {
        "data_sha256": job.folder.hash_upload(),
        "trainable_weights": parts.weights.trainable,
        "training_s": training_s,
        **describe_best(best := best_of(trainer), rows.split),
    }
    if best is None:  # else every moment of the curves is measured already
        last = {"step": trainer.state.max_steps, "epochs": job.run.config.epochs}
        job.monitor.measured(_final_metrics(rows, logits, metrics, **last))
        job.monitor.flush()
    job.monitor.log(f"Held-out accuracy {metrics['accuracy']:.1%}, macro F1 {metrics['macro_f1']:.3f}.")

    job.monitor.enter("saving the model", progress=0.97)
    write_predictions(job.folder, _held_out_rows(rows, softmax(logits)))
    card = write_card(job.run, parts.info, metrics)
    job.folder.publish_model(lambda target: save_classifier(target, parts.model, parts.tokenizer, card))
    if is_whole and best is None:
        _remember_speed(job, parts, training_s, other_s=time.monotonic() - began_at - training_s)
    return metrics


def _open(job: Job) -> _Parts:
    config = job.run.config
    set_seed(config.seed)  # the new head is random
    info = describe_model(config.model, job.settings)
    folder = find_folder(parse_reference(config.model), job.settings)
    tokenizer = load_tokenizer(folder, info)
    rows = _read_rows(job, tokenizer, max_length=min(config.max_length, info.max_length))
    model = load_classifier(folder, info, rows.data.labels)
    weights = choose_weights(model, config)
    job.monitor.log(f"{info.name}: {weights.trainable:,} of {weights.total:,} weights learn.")
    return _Parts(info, tokenizer, rows, model, weights)


def _leave_out(job: Job, parts: _Parts) -> tuple[_Rows, Collate]:
    """Rows and collator to train with."""
    collate: Collate = DataCollatorWithPadding(parts.tokenizer)
    features, collate = leave_out(job, parts.model, parts.rows.features, collate)
    return replace(parts.rows, features=features), collate


def _remember_speed(job: Job, parts: _Parts, training_s: float, *, other_s: float) -> None:
    remember_speed(
        len(parts.rows.data),
        parts.rows.mean_tokens,
        job.run.config,
        parts.info,
        job.settings,
        training_s=training_s,
        overhead_s=other_s + IMPORT_S,
    )


def _read_rows(job: Job, tokenizer: PreTrainedTokenizerFast, *, max_length: int) -> _Rows:
    config = job.run.config
    table = read_table(job.run.filename, job.folder.read_upload(), job.settings)
    data = labelled_texts(table, config)
    split = split_examples(data, config)
    job.monitor.log(describe_split(split))
    features, num_truncated = tokenize(tokenizer, data, max_length=max_length)
    if num_truncated:
        job.monitor.log(f"{num_truncated} rows are longer than {max_length} tokens: their ends are not read.")
    by_length = np.argsort([len(features[index]["input_ids"]) for index in split.held_out], kind="stable")
    return _Rows(data, replace(split, held_out=split.held_out[by_length]), features, num_truncated)


def _validation(rows: _Rows) -> Validation | None:
    if not len(rows.split.validation):
        return None
    return Validation(rows.select(rows.split.validation), _compute_metrics, "accuracy")


def balance_classes(label_ids: IntArray) -> FloatArray:
    """N / (K n_k) for the n_k of N rows in each of K classes: all classes then weigh the same."""
    counts = np.bincount(label_ids)
    return np.asarray(len(label_ids) / (len(counts) * counts), dtype=np.float32)


def _compute_metrics(prediction: EvalPrediction) -> dict[str, float]:
    logits = np.asarray(prediction.predictions)
    return compute_scores(np.asarray(prediction.label_ids), logits.argmax(axis=-1), logits.shape[-1])


def _report(rows: _Rows, logits: FloatArray) -> dict[str, Any]:
    label_ids = rows.data.label_ids
    report = compute_report(
        label_ids[rows.held_out], logits.argmax(axis=-1), label_ids[rows.train], rows.data.labels
    )
    words = measure_words(rows.data, rows.train, rows.held_out)
    return report | {"num_truncated": rows.num_truncated, "baselines": [asdict(words)]}


def _final_metrics(
    rows: _Rows, logits: FloatArray, metrics: dict[str, Any], *, step: int, epochs: int
) -> list[TrainingMetric]:
    """The last points of the held-out curves: the loss is the mean of -log p(true label)."""
    true = rows.data.label_ids[rows.held_out]
    probabilities = softmax(logits)[np.arange(len(true)), true]
    values = {
        "eval_loss": float(-np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)).mean()),
        "eval_accuracy": metrics["accuracy"],
        "eval_macro_f1": metrics["macro_f1"],
    }
    return [TrainingMetric(step, float(epochs), name, value) for name, value in values.items()]


def _held_out_rows(rows: _Rows, probabilities: FloatArray) -> list[HeldOutRow]:
    """In the order of the uploaded file."""
    data = rows.data
    return [
        HeldOutRow(
            line=data.line_numbers[index],
            text=data.texts[index],
            pair=data.pairs[index] if data.pairs is not None else None,
            true_label=data.labels[data.label_ids[index]],
            predicted_label=data.labels[int(probabilities[row].argmax())],
            probabilities=tuple(probabilities[row].tolist()),
        )
        for index, row in sorted(zip(rows.held_out.tolist(), range(len(rows.held_out)), strict=True))
    ]
