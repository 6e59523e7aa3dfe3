"""The Trainer's events -> the run's monitor: progress, numbers, log lines, and the wish to stop."""

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from bert_explorer.results import TrainingMetric
from bert_explorer.training.monitor import RunMonitor

LOGGED = ("loss", "learning_rate", "grad_norm")
NOT_LOGGED = (
    "eval_runtime",
    "eval_samples_per_second",
    "eval_steps_per_second",
    "eval_model_preparation_time",
)
PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.95  # what the steps are of the whole run


class MonitorCallback(TrainerCallback):
    """Reports to a RunMonitor, which raises RunCancelled out of the Trainer when the run shall stop.

    Checkpoints are written by the clock, not by the step: what a crash can lose is then the same for
    all models. The evaluation after the last step is left out, since the held-out rows are predicted
    once more anyway when the training is over, which gives the last point of the curves.
    """

    def __init__(
        self, monitor: RunMonitor, *, checkpoint_interval_s: float, headline: str = "accuracy"
    ) -> None:
        self._monitor = monitor
        self._headline = headline
        self._checkpoint_interval_s = checkpoint_interval_s
        self._saved_at = self._began_at = time.monotonic()
        self._first_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._saved_at = self._began_at = time.monotonic()
        self._first_step = state.global_step
        self._monitor.restart_at(state.global_step)
        if state.global_step:
            self._monitor.log(f"Going on from the checkpoint after step {state.global_step}.")

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._monitor.check()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        done = state.global_step / state.max_steps
        elapsed_s = time.monotonic() - self._began_at
        eta_s = elapsed_s / (state.global_step - self._first_step) * (state.max_steps - state.global_step)
        self._monitor.advance(PROGRESS_BEFORE + (PROGRESS_AFTER - PROGRESS_BEFORE) * done, eta_s)
        is_last = state.global_step >= state.max_steps
        if is_last:
            control.should_evaluate = False
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
        logs = logs or {}
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


def _is_kept(name: str) -> bool:
    """What curves are drawn of: held-out metrics, whatever the task calls them, and a few others."""
    return name in LOGGED or (name.startswith("eval_") and name not in NOT_LOGGED)
