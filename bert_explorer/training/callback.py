"""The Trainer's events -> the run's monitor: progress, numbers, log lines, and the wish to stop."""

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from bert_explorer.results import TrainingMetric
from bert_explorer.training.monitor import RunMonitor

SPEED = "examples_per_s"
LOGGED = ("loss", "learning_rate", "grad_norm", SPEED)
NOT_LOGGED = ("_runtime", "_samples_per_second", "_steps_per_second", "_model_preparation_time")
PROGRESS_OPEN = 0.01
PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.95  # what the steps are of the whole run


class MonitorCallback(TrainerCallback):
    """Reports to a RunMonitor, which raises RunCancelled out of the Trainer when the run shall stop.

    Checkpoints are written by the clock, not by the step: what a crash can lose is then the same for
    all models. The evaluation after the last step is left out, since the held-out rows are predicted
    once more anyway when the training is over, which gives the last point of the curves; unless the best
    moment is to be found, which may be this one (``measures_end``).
    """

    def __init__(
        self,
        monitor: RunMonitor,
        *,
        checkpoint_interval_s: float,
        headline: str,
        measures_end: bool = False,
    ) -> None:
        self._monitor = monitor
        self._measures_end = measures_end
        self._headline = headline
        self._checkpoint_interval_s = checkpoint_interval_s
        self._saved_at = self._began_at = time.monotonic()
        self._first_step = 0
        self._num_rows = 0
        self._step_began_at = 0.0
        self._rows_done, self._rows_took_s = 0, 0.0  # since the last number of the speed

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        self._num_rows = len(more["train_dataloader"].dataset)
        self._saved_at = self._began_at = time.monotonic()
        self._first_step = state.global_step
        self._monitor.restart_at(state.global_step)
        if state.global_step:
            self._monitor.log(f"Going on from the checkpoint after step {state.global_step}.")

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._monitor.check()
        self._step_began_at = time.monotonic()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        self._rows_took_s += time.monotonic() - self._step_began_at
        self._rows_done += rows_of_step(state.global_step, self._num_rows, args.train_batch_size)
        done = state.global_step / state.max_steps
        elapsed_s = time.monotonic() - self._began_at
        eta_s = elapsed_s / (state.global_step - self._first_step) * (state.max_steps - state.global_step)
        self._monitor.advance(PROGRESS_BEFORE + (PROGRESS_AFTER - PROGRESS_BEFORE) * done, eta_s)
        is_last = state.global_step >= state.max_steps
        if is_last:
            control.should_evaluate = self._measures_end
        elif time.monotonic() - self._saved_at >= self._checkpoint_interval_s:
            control.should_save = True
        return control

    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._monitor.check()

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._saved_at = time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        logs = dict(logs or {})
        if "loss" in logs and self._rows_took_s > 0:
            logs[SPEED] = self._rows_done / self._rows_took_s
            self._rows_done, self._rows_took_s = 0, 0.0
        epoch = state.epoch or 0.0
        self._monitor.measured(
            [
                TrainingMetric(state.global_step, epoch, name, float(value))
                for name, value in logs.items()
                if _is_kept(name) and math.isfinite(value)
            ]
        )
        if f"eval_{self._headline}" in logs:
            self._monitor.log(
                f"Epoch {epoch:.1f}: held-out {self._headline.replace('_', ' ')} "
                f"{logs['eval_' + self._headline]:.3f}, loss {logs['eval_loss']:.3f}."
            )

        if control.should_save:
            self._monitor.flush()  # what was measured before a checkpoint shall not be lost with its process

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._monitor.flush()


def rows_of_step(step: int, num_rows: int, batch_size: int) -> int:
    """How many rows this step, counted from 1, learns from: the last one of an epoch takes what is left.

    >>> [rows_of_step(step, num_rows=10, batch_size=4) for step in (1, 2, 3, 4)]
    [4, 4, 2, 4]
    """
    place = (step - 1) % math.ceil(num_rows / batch_size)
    return min(batch_size, num_rows - place * batch_size)


def _is_kept(name: str) -> bool:
    """What curves are drawn of: held-out metrics, whatever the task calls them, and a few others."""
    return name in LOGGED or (name.startswith(("eval_", "validation_")) and not name.endswith(NOT_LOGGED))
