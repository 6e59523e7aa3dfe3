"""Starts the workers of waiting runs, looks after those at work, and ends them when they are told to stop."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from bert_explorer.errors import RunError
from bert_explorer.settings import Settings
from bert_explorer.training.executor import Executor, WorkerState
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.store import RunStore

logger = logging.getLogger(__name__)

CANCEL_GRACE_S = 0.3  # for the worker to stop by itself; then its process is ended
CANCEL_POLL_S = 0.05
START_GRACE_S = 10.0  # between claiming a run and knowing its worker's handle
HEARTBEAT_TIMEOUT_S = 60.0  # only where nothing better is known of a worker
RESUME = "Resume it: it goes on from its last checkpoint."
STOPPED = "The training process ended without a word"
STOPPED_CAUSES = "The computer may have been switched off or out of memory."
CLOSED = f"The program was closed while this run was training. {RESUME}"
ANALYSIS_STOPPED = "The measuring process ended without a word"
ANALYSIS_CLOSED = "The program was closed during this measurement. Measure again."


class Supervisor:
    """Thread-safe. Several may share a database: one starts the worker of a run, all look after it."""

    def __init__(self, store: RunStore, executor: Executor, settings: Settings) -> None:
        self._store = store
        self._executor = executor
        self._settings = settings
        self._lock = threading.Lock()
        self._started: set[str] = set()

    def check_running(self) -> None:
        """Marks runs whose worker has died as interrupted, and ends cancelled ones; starts nothing."""
        with self._lock:
            for run in self._store.running():
                self._look_after(run)

    def start_waiting(self, *, only: str | None = None) -> None:
        """Starts as many waiting runs as there is room for, or just the one called ``only``."""
        limit = self._settings.max_running_runs
        with self._lock:
            while (claimed := self._store.claim_next(limit, only=only)) is not None:
                self._start_worker(claimed)

    def cancel(self, run_id: str) -> None:
        """Stops a waiting or running run within a second; RunStateError for one that has ended otherwise."""
        run = self._store.request_cancel(run_id)
        deadline = time.monotonic() + CANCEL_GRACE_S
        while run.state is RunState.RUNNING and time.monotonic() < deadline:
            time.sleep(CANCEL_POLL_S)
            run = self._store.get(run_id)
        if run.state is RunState.RUNNING:
            self._end_worker(run, self._store.mark_cancelled)

    def end_started(self) -> None:
        """Ends the workers that were started here: their runs are interrupted."""
        for run in self._store.running():
            if run.id in self._started:
                message = ANALYSIS_CLOSED if run.is_analysis else CLOSED
                self._end_worker(run, partial(self._store.mark_interrupted, error=message))

    def _look_after(self, run: Run) -> None:
        if _age_s(run.cancel_requested_at) > CANCEL_GRACE_S:
            self._end_worker(run, self._store.mark_cancelled)
            return
        state = self._executor.poll(run.id, run.handle)
        no_handle_yet = run.handle is None and _age_s(run.started_at) < START_GRACE_S
        is_silent = _age_s(run.heartbeat_at) > HEARTBEAT_TIMEOUT_S
        if (state is WorkerState.GONE and not no_handle_yet) or (state is WorkerState.UNKNOWN and is_silent):
            self._end_worker(run, partial(self._store.mark_interrupted, error=_describe_stop(run)))

    def _start_worker(self, run: Run) -> None:
        try:
            self._started.add(run.id)
            self._store.set_handle(run.id, self._executor.submit(run.id))
        except (OSError, RunError) as error:
            logger.exception("The worker of run %s could not be started", run.id)
            self._store.fail(run.id, f"The training process could not be started: {error}")

    def _end_worker(self, run: Run, mark: Callable[[str], bool]) -> None:
        """Ends the process, tidies up, and only then changes the state: who sees it, sees no half model."""
        self._executor.cancel(run.id, run.handle)
        if self._store.get(run.id).state is not RunState.RUNNING:
            return  # it came to its end, or somebody else has ended it, just before
        run_folder(run.id, self._settings).discard_model()
        if mark(run.id) and self._store.get(run.id).state.is_final:
            run_folder(run.id, self._settings).discard_checkpoints()


def _describe_stop(run: Run) -> str:
    if run.is_analysis:
        return f"{ANALYSIS_STOPPED} at {run.progress:.0%}. {STOPPED_CAUSES} Measure again."
    return f"{STOPPED} at {run.progress:.0%}. {STOPPED_CAUSES} {RESUME}"


def _age_s(moment: datetime | None) -> float:
    """Seconds since then, negative infinity for never."""
    return (datetime.now(UTC) - moment).total_seconds() if moment is not None else float("-inf")
