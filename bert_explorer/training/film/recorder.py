"""Records the film of a training while it happens: one moment before it, some in it, one at its end.

Evaluations pass all held-out rows through the model anyway; there a moment is only picked up. Others are
short passes over the watched rows alone, without gradients, dropout or random numbers: the training comes
out the same with and without a film. What recording may cost is planned ahead (see plan) and watched by the
clock.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import numpy as np
import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from bert_explorer.errors import RunError
from bert_explorer.results import FloatArray, IntArray, TrainingFilm
from bert_explorer.settings import MB
from bert_explorer.training.examples import Examples
from bert_explorer.training.film.answers import read_answers
from bert_explorer.training.film.changes import WeightChanges
from bert_explorer.training.film.file import ARRAYS, read_film, write_film
from bert_explorer.training.film.items import Watched, choose_items
from bert_explorer.training.film.passes import PassWatcher, Seen
from bert_explorer.training.film.plan import FilmPlan, plan_film
from bert_explorer.training.job import Job
from bert_explorer.training.trainer import LengthPoolTrainer

logger = logging.getLogger(__name__)

MAX_SHARE = 0.08  # of the time of the training: moments that would go beyond are left out
MAX_FILM_BYTES = 45 * MB
PASS_SIZE = 32


@contextmanager
def record_film(
    job: Job,
    trainer: Trainer,
    examples: Examples,
    example_of: IntArray,
    pieces: Sequence[Mapping[int, int]] = (),
) -> Iterator[None]:
    """Record what ``trainer`` does inside; its held-out row i belongs to example ``example_of[i]``.

    The film is kept however the training ends. A film that fails ends early, and the training goes on.
    """
    if not job.settings.record_films:
        yield
        return
    if job.run.config.lora_rank:
        job.monitor.log("This training has no film: with LoRA the layers themselves stay as they are.")
        yield
        return
    try:
        recorder = FilmRecorder(job, trainer, examples, example_of, pieces)
    except Exception:
        logger.exception("The film could not be begun")
        job.monitor.log("This training has no film: its held-out examples could not be watched.")
        yield
        return
    trainer.add_callback(recorder)
    if isinstance(trainer, LengthPoolTrainer):
        trainer.unwatched = recorder.unwatched
    with recorder.watching():
        try:
            recorder.take(0, 0.0)
            yield
        finally:
            recorder.end()


class FilmRecorder(TrainerCallback):
    """Made before the first step: what is there now is what everything is compared with."""

    def __init__(
        self,
        job: Job,
        trainer: Trainer,
        examples: Examples,
        example_of: IntArray,
        pieces: Sequence[Mapping[int, int]],
    ) -> None:
        self._job, self._examples = job, examples
        self._model = cast(Any, trainer.model)
        self._collate = cast(Any, trainer.data_collator)
        self._rows = cast(Any, trainer.eval_dataset)
        self._began_at, self._fails = time.monotonic(), False
        config, size = job.run.config, self._model.config
        self._plan = _plan(job, trainer)
        moment_bytes = 2 * self._plan.num_moments * size.num_hidden_layers * size.hidden_size  # an item
        count = min(self._plan.num_items, max(1, MAX_FILM_BYTES // moment_bytes))
        self._watched: list[Watched] = choose_items(
            config.task, self._rows, examples, example_of, count, pieces
        )
        self._items = tuple(item.item for item in self._watched)
        first = _first_learning(config.freeze, size.num_hidden_layers)
        self._watcher = PassWatcher(self._model, self._watched, len(self._rows), first)
        self._changes = WeightChanges(self._model)
        self._start: FloatArray | None = None
        self._moments: dict[int, dict[str, Any]] = {}  # step -> a slice of each of ARRAYS
        self._pass_s = 0.0  # what the last moment has cost that was no evaluation
        self._spent_s = time.monotonic() - self._began_at  # the copy of the weights counts too

    @contextmanager
    def watching(self) -> Iterator[None]:
        with self._watcher.attach():
            yield

    def unwatched(self) -> AbstractContextManager[None]:
        """Inside, rows go through the model that are not the held-out ones."""
        return self._watcher.paused()

    # -- the Trainer's events -------------------------------------------------------------------

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if state.global_step:
            self._attempt(lambda: self._go_on(state.global_step))

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if state.global_step in self._plan.steps and self._may_cost(state.global_step / state.max_steps):
            self.take(state.global_step, state.epoch or 0.0)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        def pick_up() -> None:
            seen = self._watcher.finish()
            if state.global_step % self._plan.free_every == 0 or state.global_step >= state.max_steps:
                self._add(state.global_step, state.epoch or 0.0, seen)

        self._attempt(pick_up)

    def on_predict(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any, **_: Any
    ) -> None:
        self._attempt(lambda: self._add(state.global_step, state.epoch or 0.0, self._watcher.finish()))

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._attempt(self._write)

    # -- moments --------------------------------------------------------------------------------

    def take(self, step: int, epoch: float) -> None:
        """A moment by a pass over the watched rows alone."""
        before_s = self._spent_s
        self._attempt(lambda: self._add(step, epoch, self._pass()))
        self._pass_s = self._spent_s - before_s

    def end(self) -> None:
        """Writes the film, and says what it is; of one that failed has been told already."""
        self._attempt(self._write)
        if self._moments and not self._fails:
            self._job.monitor.log(
                f"The film of this training has {len(self._moments)} moments of {len(self._watched)} "
                f"held-out examples; recording took {self._spent_s:.1f} s."
            )

    def _pass(self) -> Seen | None:
        rows = sorted({item.row for item in self._watched})
        self._watcher.begin(rows)
        was_training = self._model.training
        self._model.eval()
        try:
            with torch.no_grad():
                for start in range(0, len(rows), PASS_SIZE):
                    batch = self._collate([dict(self._rows[row]) for row in rows[start : start + PASS_SIZE]])
                    self._model(**{name: value.to(self._model.device) for name, value in batch.items()})
        finally:
            self._model.train(was_training)
        return self._watcher.finish()

    def _add(self, step: int, epoch: float, seen: Seen | None) -> None:
        if seen is None:
            raise RunError(f"after step {step} not all watched examples went through the model.")
        answers, rights = read_answers(self._job.run.config.task, self._watched, seen.logits, self._rows)
        if self._start is None:
            self._start = seen.contexts
        self._moments[step] = {
            "steps": step,
            "epochs": epoch,
            "vectors": seen.vectors.astype(np.float16),
            "answers": answers,
            "rights": rights,
            "weight_changes": self._changes.measure(),
            "head_changes": self._head_changes(self._start, seen.contexts),
        }

    def _head_changes(self, start: FloatArray, now: FloatArray) -> FloatArray:
        """(num_layers, num_heads): 0 in frozen layers, NaN where heads cannot be told apart."""
        config = self._model.config
        changes = np.zeros((config.num_hidden_layers, config.num_attention_heads), dtype=np.float32)
        if not self._watcher.knows_heads:
            return np.full_like(changes, np.nan)
        if len(now):
            by_head = (*now.shape[:2], config.num_attention_heads, -1)
            changes[-len(now) :] = relative_moves(start.reshape(by_head), now.reshape(by_head))
        return changes

    def _write(self) -> None:
        if self._moments:
            moments = [self._moments[step] for step in sorted(self._moments)]
            write_film(
                self._job.folder.film,
                TrainingFilm(
                    task=self._job.run.config.task,
                    labels=tuple(self._examples.labels),
                    items=self._items,
                    layers=self._watcher.layers,
                    parts=self._changes.parts,
                    spent_s=self._spent_s,
                    **{name: np.stack([moment[name] for moment in moments]) for name in ARRAYS},
                ),
            )

    def _go_on(self, step: int) -> None:
        """Takes up the moments that an interrupted attempt recorded until its checkpoint.

        There is no file where the attempt ended between its first checkpoint and the film beside it.
        """
        if not self._job.folder.film.is_file():
            return
        kept = read_film(self._job.folder.film)
        if kept.items == self._items and kept.layers == self._watcher.layers:
            for index in np.flatnonzero((kept.steps > 0) & (kept.steps <= step)).tolist():
                self._moments[int(kept.steps[index])] = {name: getattr(kept, name)[index] for name in ARRAYS}

    def _may_cost(self, done: float) -> bool:
        """Whether recording stays in its share of what the training will take, with one moment more."""
        elapsed_s = time.monotonic() - self._began_at
        return self._spent_s + self._pass_s <= MAX_SHARE * elapsed_s / done

    def _attempt(self, work: Callable[[], None]) -> None:
        """Counts the time. A failure ends the film, is told, and ends nothing else."""
        if self._fails:
            return
        began_at = time.monotonic()
        try:
            work()
        except Exception as error:
            logger.exception("The film could not be recorded")
            self._job.monitor.log(f"The film of this training ends early: {error}")
            self._fails = True
        finally:
            self._spent_s += time.monotonic() - began_at


def relative_moves(start: FloatArray, now: FloatArray) -> FloatArray:
    """Mean over items of |now - start| / |start|: from (layers, items, heads, size) to (layers, heads)."""
    lengths = np.maximum(np.linalg.norm(start, axis=-1), np.finfo(np.float32).tiny)
    return np.asarray((np.linalg.norm(now - start, axis=-1) / lengths).mean(axis=1), dtype=np.float32)


def _first_learning(freeze: str, num_layers: int) -> int:
    """The number of the lowest layer that learns, from 1; one more than there are where none does."""
    return num_layers + 1 if freeze == "all" else int(freeze) + 1 if freeze.isdigit() else 1


def _plan(job: Job, trainer: Trainer) -> FilmPlan:
    rows: Any = trainer.train_dataset
    epochs, evaluated_every = job.run.config.epochs, int(trainer.args.eval_steps or 0)
    num_steps = math.ceil(len(rows) / trainer.args.train_batch_size) * epochs
    return plan_film(
        num_train=len(rows),
        epochs=epochs,
        num_steps=num_steps,
        evaluated_every=evaluated_every or num_steps,
        num_held_out=len(trainer.eval_dataset),  # type: ignore[arg-type]  # a list
    )
