"""The Trainer of Hugging Face, set up for one run: quiet, seeded, resumable."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import numpy as np
import torch
from transformers import PreTrainedModel, Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from bert_explorer.errors import RunError
from bert_explorer.models.loader import choose_device
from bert_explorer.results import FloatArray
from bert_explorer.training.best import PREFIX, Best, BestWeights, Validation, found_at
from bert_explorer.training.callback import MonitorCallback
from bert_explorer.training.frozen_outputs import Collate, Features
from bert_explorer.training.gradients import MAX_LOOKS, GradientWatch
from bert_explorer.training.job import Job
from bert_explorer.training.lora import merge_adapters
from bert_explorer.training.rates import make_optimizer
from bert_explorer.training.sampling import LengthPoolSampler

EVALUATIONS = 6  # in a run, or one an epoch where there are more epochs
MAX_LOGGED_LOSSES = 400
EVAL_BATCH_SIZE = 32


class LengthPoolTrainer(Trainer):
    """Reads the training rows in the order of LengthPoolSampler.

    Where ``class_weights`` are given, they weigh the loss that is trained on, and never what is measured.
    Where ``validation`` is given, its rows are measured after the held-out ones, and ``best`` keeps the
    weights that do best on them; ``patience`` epochs without a better result end the training.
    """

    class_weights: torch.Tensor | None = None
    validation: Validation | None = None
    best: BestWeights | None = None
    patience: int = 0
    watch: GradientWatch | None = None
    unwatched: Callable[[], AbstractContextManager[object]] = nullcontext  # see film.recorder

    def _clip_grad_norm(self, model: Any) -> Any:
        if self.watch is not None:  # before clipping, since afterwards no norm is above 1
            self.watch.look(self.state.global_step + 1, self.state.epoch or 0.0)
        return super()._clip_grad_norm(model)  # type: ignore[no-untyped-call]

    def evaluate(self, *args: Any, **options: Any) -> dict[str, float]:
        measured = super().evaluate(*args, **options)
        if self.validation is not None:
            self._choose(self.validation)
        return measured

    def _choose(self, validation: Validation) -> None:
        """Not as an evaluation that callbacks hear of: what they watch are the held-out rows."""
        held_out_metrics = self.compute_metrics
        self.compute_metrics = validation.compute_metrics
        rows = cast(Any, validation.rows)  # a list is all that it needs of a Dataset
        try:
            with self.unwatched():
                loop = self.evaluation_loop(self.get_eval_dataloader(rows), PREFIX, metric_key_prefix=PREFIX)
        finally:
            self.compute_metrics = held_out_metrics
        measured = loop.metrics or {}
        self.log(measured)
        assert self.best is not None
        epoch = self.state.epoch or 0.0
        found = found_at(self.state.global_step, epoch, measured, validation.score)
        best = self.best.offer(cast(PreTrainedModel, self.model), found)
        if epoch - best.epoch >= self.patience:
            self.control.should_training_stop = True

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **options: Any) -> Any:
        if self.class_weights is None or not model.training:
            return super().compute_loss(model, inputs, *args, **options)
        logits = model(**{name: value for name, value in inputs.items() if name != "labels"}).logits
        weights = self.class_weights.to(logits.device)
        return torch.nn.functional.cross_entropy(logits, inputs["labels"], weight=weights)

    def _get_train_sampler(self, train_dataset: Any = None) -> LengthPoolSampler:
        rows: Any = self.train_dataset if train_dataset is None else train_dataset
        lengths = [len(row["input_ids"]) for row in rows]
        return LengthPoolSampler(lengths, batch_size=self.args.train_batch_size, seed=self.args.seed)


def build_trainer(
    job: Job,
    model: PreTrainedModel,
    *,
    train_rows: Features,
    held_out_rows: Features,
    collate: Collate,
    compute_metrics: Callable[[Any], dict[str, float]],
    headline: str,
    class_weights: FloatArray | None = None,
    validation: Validation | None = None,
) -> Trainer:
    """A Trainer whose checkpoints lie in the run's folder and whose events reach the run's monitor.

    ``headline`` is the metric that the run's log names after an evaluation.
    """
    config = job.run.config
    steps_per_epoch = math.ceil(len(train_rows) / config.batch_size)
    trainer = LengthPoolTrainer(
        model=model,
        args=_make_arguments(job, steps_per_epoch),
        train_dataset=train_rows,
        eval_dataset=held_out_rows,
        data_collator=collate,
        compute_metrics=compute_metrics,
        callbacks=[_make_callback(job, headline, measures_end=validation is not None)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    looks_every = math.ceil(steps_per_epoch * config.epochs / MAX_LOOKS)
    trainer.watch = GradientWatch(model, job.monitor, interval=looks_every)
    if validation is not None:
        trainer.validation, trainer.best = validation, BestWeights(job.folder.checkpoints)
        trainer.patience = config.patience
    if class_weights is not None:
        trainer.class_weights = torch.from_numpy(class_weights)
    if config.layer_decay < 1:
        pulled = trainer.get_decay_parameter_names(model)
        rates = (config.learning_rate, config.layer_decay, config.weight_decay)
        trainer.optimizer = make_optimizer(model, *rates, pulled)
    return trainer


def _make_arguments(job: Job, steps_per_epoch: int) -> TrainingArguments:
    config = job.run.config
    steps = steps_per_epoch * config.epochs
    arguments = TrainingArguments(
        output_dir=str(job.folder.checkpoints),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=EVAL_BATCH_SIZE,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_steps=round(config.warmup_share * steps),
        seed=config.seed,
        logging_steps=math.ceil(steps / MAX_LOGGED_LOSSES),
        eval_strategy="steps",
        eval_steps=evaluation_interval(steps_per_epoch, config.epochs),
        save_strategy="no",  # the callback asks for checkpoints, by the clock
        save_total_limit=1,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,  # rows hold what the model and the collator read, and no more
        dataloader_pin_memory=False,
        use_cpu=choose_device(job.settings.device).type == "cpu",
        bf16=config.precision == "bfloat16",
    )
    _use_one_gpu(arguments)
    return arguments


def _make_callback(job: Job, headline: str, *, measures_end: bool) -> MonitorCallback:
    return MonitorCallback(
        job.monitor,
        checkpoint_interval_s=job.settings.checkpoint_interval_s,
        headline=headline,
        measures_end=measures_end,
    )


def _use_one_gpu(arguments: TrainingArguments) -> None:
    """A run trains on one GPU, however many the machine has.

    With several, the Trainer copies the model to each in every step, and the copies share what is fixed to
    the original: the last layer's narrowed forward method (see first_token) and the hooks of the film.
    """
    if arguments.n_gpu > 1:  # counted when it is first asked for, and not again
        arguments._n_gpu = 1  # as the Trainer itself does for a model that is spread over GPUs


def evaluation_interval(steps_per_epoch: int, epochs: int) -> int:
    """Steps between two evaluations: about EVALUATIONS in a run, and at least one an epoch.

    >>> evaluation_interval(steps_per_epoch=10, epochs=3)
    5
    """
    return math.ceil(steps_per_epoch / max(1, EVALUATIONS // epochs))


def train(trainer: Trainer, job: Job) -> bool:
    """Trains to the end; True if from the beginning, False if from the run's own last checkpoint.

    The model is then the one to keep: with the best weights, where they were looked for, and no adapters.
    """
    checkpoint = job.folder.last_checkpoint()
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    model = cast(PreTrainedModel, trainer.model)
    best = best_of(trainer)
    if best is not None:
        BestWeights(job.folder.checkpoints).put_into(model)
        trainer.state.global_step, trainer.state.epoch = best.step, best.epoch  # what follows is of then
        job.monitor.log(
            f"The best of the epochs was {best.epoch:.1f} (by rows set aside for this); its weights are kept."
        )
    if job.run.config.lora_rank:
        merge_adapters(model)
    return checkpoint is None


def best_of(trainer: Trainer) -> Best | None:
    """When the validation rows did best; None where there are none."""
    kept = trainer.best if isinstance(trainer, LengthPoolTrainer) else None
    return kept.read() if kept is not None else None


def check_finite(outputs: Any, rate: float) -> None:
    """Raises RunError where training has gone astray; ``outputs`` is an array or a tuple of arrays."""
    arrays = outputs if isinstance(outputs, tuple) else (outputs,)
    if not all(np.isfinite(np.asarray(array, dtype=np.float32)).all() for array in arrays):
        raise RunError(
            f"The weights grew without bound (learning rate {rate:g}), so the model is of no use. Start "
            f"a new run with a lower learning rate, such as {rate / 10:g}."
        )
