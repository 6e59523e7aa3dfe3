"""The worker's line to the store: what it is doing, what it measured, and whether it shall stop.

A heartbeat thread shows that the worker lives, also while it imports torch or reads a large model.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bert_explorer.results import TrainingMetric
from bert_explorer.training.store import RunStore

logger = logging.getLogger(__name__)

WRITE_INTERVAL_S = 0.25  # between two writes of progress
HEARTBEAT_INTERVAL_S = 0.5


class RunCancelled(Exception):
    """A request, not an error: the run was asked to stop, or is no longer ours to train."""


class RunMonitor:
    """One run's reports to the store. Numbers are collected and written a few times a second.

    A database that is away for a moment costs no run: what could not be written is written later.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._waiting: list[TrainingMetric] = []
        self._written_at = 0.0

    def enter(self, phase: str, *, progress: float) -> None:
        """Says what comes next. Raises RunCancelled where nothing shall."""
        self.check()
        self._write(phase=phase, progress=progress)

    def log(self, text: str) -> None:
        """One line for the owner of the run."""
        logger.info(text)
        with _tolerance("This log line"):
            self._store.add_log_line(self._run_id, text)

    def check(self) -> None:
        """Raises RunCancelled if the run shall stop."""
        with _tolerance("The question whether to stop"):
            if self._store.should_stop(self._run_id):
                raise RunCancelled

    def measured(self, metrics: Sequence[TrainingMetric]) -> None:
        self._waiting += metrics

    def advance(self, progress: float, eta_s: float | None) -> None:
        if time.monotonic() - self._written_at >= WRITE_INTERVAL_S:
            self._write(progress=progress, eta_s=eta_s)
            self._written_at = time.monotonic()

    def flush(self) -> None:
        """Writes what is still waiting."""
        self._write()

    def _write(self, **progress: Any) -> None:
        with _tolerance("This progress"):
            self._store.report(self._run_id, self._waiting, **progress)
            self._waiting = []

    def restart_at(self, step: int) -> None:
        """Forgets what an interrupted attempt measured after the checkpoint of this step."""
        self._store.forget_metrics(self._run_id, after_step=step)


class Heartbeat:
    """A thread that reports every half second and ends the process when it is of no use any more.

    That is when the run is not in state running (somebody cancelled or deleted it), or when the process
    that started this one has died: closing the program shall not leave it training in secret.
    """

    def __init__(
        self, store: RunStore, run_id: str, *, parent: int | None, on_orphaned: Callable[[], object]
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._parent = parent
        self._on_orphaned = on_orphaned
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After this returns, the thread does nothing any more."""
        self._stopping.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopping.wait(HEARTBEAT_INTERVAL_S):
            if self._parent is not None and os.getppid() != self._parent:
                logger.warning("The program that started this worker has ended; the worker ends too")
                try:
                    self._on_orphaned()
                finally:
                    os._exit(1)
            if not self._report():
                logger.warning("The run is not running any more; the worker ends")
                os._exit(1)

    def _report(self) -> bool:
        """False if the run is not running; a database that is away for a moment is no reason to end."""
        with _tolerance("This heartbeat"):
            return self._store.report(self._run_id)
        return True


@contextmanager
def _tolerance(what: str) -> Iterator[None]:
    """A database that does not answer is written into the log, and is no reason to end a training."""
    try:
        yield
    except SQLAlchemyError:
        logger.exception("%s did not reach the database", what)
