"""Runs wait here for their turn: accepted, started, watched, cancelled, resumed. So do analyses of runs.

Several processes may each have a RunQueue on one database (the server, a command line): whoever claims
a run starts its worker, and everybody may watch and cancel. The state in the database is the only truth.
"""

import atexit
import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Sequence
from typing import Any

from bert_explorer.errors import RunError, RunNotFoundError, RunStateError
from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.acceptance import check_submission
from bert_explorer.training.analyses import RunAnalyses
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.executor import Executor, LocalProcessExecutor
from bert_explorer.training.run import Run, RunState, new_run_id
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.shelf import RunShelf
from bert_explorer.training.store import RunStore
from bert_explorer.training.supervisor import Supervisor

logger = logging.getLogger(__name__)

DISPATCH_INTERVAL_S = 0.5
EMPTY_BIN_INTERVAL_S = 60.0
MAX_NAME_CHARS = 100


class RunQueue:
    """Thread-safe. Methods with ``owner`` raise RunNotFoundError for the runs of others."""

    def __init__(self, store: RunStore, executor: Executor, settings: Settings) -> None:
        self.store = store
        self.shelf = RunShelf(store)
        self.analyses = RunAnalyses(store, settings)
        self.settings = settings
        self._supervisor = Supervisor(store, executor, settings)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.Lock()
        self._only: str | None = None
        self._bin_emptied_at = float("-inf")

    def submit(
        self,
        owner: str,
        name: str,
        filename: str,
        content: bytes,
        config: FineTuneConfig,
        *,
        tags: Sequence[str] = (),
    ) -> Run:
        """Accepts a run: from here on it is on the disk and will have its turn.

        Raises DataError, InputError, ModelError, RunError or QueueFullError, and keeps nothing then.
        """
        checked = check_submission(owner, filename, content, config, self.store, self.settings)
        run_id = new_run_id()
        folder = run_folder(run_id, self.settings)
        try:
            folder.keep_upload(filename, content)
            run = self.store.create(
                owner=owner,
                name=(name.strip() or filename)[:MAX_NAME_CHARS],
                filename=filename,
                config=config,
                run_id=run_id,
                labels=checked.labels,
                expected_s=checked.expected_s,
                tags=tags,
                max_queued=self.settings.max_queued_runs,
            )
        except OSError as error:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise RunError(f"The upload could not be kept in {folder.path}: {error.strerror}.") from error
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        self._wake.set()
        return run

    def analyse(self, run_id: str, question: str, owner: str) -> Run:
        """Accepts an analysis of a finished run that this owner may see, or finds the one under way.

        ``question`` is what the worker reads (see run_analyses). Raises RunNotFoundError, RunStateError,
        RunError or QueueFullError, and keeps nothing then.
        """
        run = self.store.get(run_id, owner)
        if run.state is not RunState.FINISHED:
            raise RunStateError(f"The run is {run.state}. Only a finished run has a model to look into.")
        job = self.analyses.accept(run, owner, question)
        self._wake.set()
        return job

    def cancel(self, run_id: str, owner: str | None = None) -> Run:
        """Stops a run within a second, and returns it as it then is (it may just have finished)."""
        self._own_run(run_id, owner)
        self._supervisor.cancel(run_id)
        self._wake.set()
        return self.store.get(run_id)

    def resume(self, run_id: str, owner: str | None = None) -> Run:
        """Puts an interrupted run back into the queue; RunStateError for any other."""
        self._own_run(run_id, owner)
        self.check_running()  # the worker may have died a moment ago, and nobody has noticed yet
        run = self.store.requeue(run_id, max_queued=self.settings.max_queued_runs)
        self._wake.set()
        return run

    def delete(self, run_id: str, owner: str | None = None) -> None:
        """Removes a run with its upload, its log and its model; RunStateError while it is active."""
        self._own_run(run_id, owner)
        self.store.delete(run_id)
        self._stop_analyses(run_id)
        self.analyses.forget(self.analyses.of_run(run_id))
        shutil.rmtree(run_folder(run_id, self.settings).path, ignore_errors=True)

    def discard(self, run_id: str, owner: str | None = None) -> None:
        """Puts a run into the bin, from where it can be taken back for a while (see shelf).

        What was measured of it comes back with it; what is just being measured is not waited for.
        """
        self._own_run(run_id, owner)
        self.shelf.discard(run_id)
        self._stop_analyses(run_id)

    def annotate(self, run_id: str, owner: str | None = None, **changes: Any) -> None:
        """Changes ``name``, ``note`` or ``tags``; InputError for what is too long."""
        self._own_run(run_id, owner)
        self.shelf.annotate(run_id, **changes)

    def empty_bin(self) -> None:
        """Removes for good what has been in the bin too long to be taken back, and analyses of long ago."""
        self.analyses.forget(self.analyses.outdated())
        for run_id in self.shelf.expired():
            if self.shelf.forget(run_id):
                self.analyses.forget(self.analyses.of_run(run_id))
                shutil.rmtree(run_folder(run_id, self.settings).path, ignore_errors=True)

    def share(self, run_id: str, shared: bool, owner: str | None = None) -> None:
        """Lets everybody see the run and use its model, or its owner alone."""
        self._own_run(run_id, owner)
        self.store.share(run_id, shared)

    def position(self, run_id: str) -> int | None:
        """1 for the next run to start, None for one that is not waiting."""
        return self.store.position(run_id)

    def expected_wait_s(self, run_id: str) -> float | None:
        """Seconds until a waiting run will start.

        None where one before it does not say how long it takes, and for a run that does not wait.
        """
        waiting = self.store.waiting()
        place = next((index for index, run in enumerate(waiting) if run.id == run_id), None)
        if place is None:
            return None
        ahead = [*self.store.running(), *waiting[:place]]
        if not ahead or any(run.eta_s is None for run in ahead):
            return None
        return sum(run.eta_s or 0.0 for run in ahead) / self.settings.max_running_runs

    def start(self, *, only: str | None = None) -> None:
        """Looks after the runs in a thread of this process, from now on. Twice is as good as once.

        With ``only``, no other run is started: a command line must not start the runs of a server, which
        would be interrupted when the command is done.
        """
        with self._thread_lock:
            if self._thread is not None:
                return
            self._stopping.clear()
            self._only = only
            self.step()  # orphans of an earlier process are marked before anybody lists the runs
            self._thread = threading.Thread(target=self._dispatch, name="run-queue", daemon=True)
            self._thread.start()
            atexit.register(self.stop)

    def stop(self) -> None:
        """Ends the thread, and the workers that this process started: their runs are interrupted."""
        with self._thread_lock:
            if self._thread is None:
                return
            self._stopping.set()
            self._wake.set()
            self._thread.join()
            self._thread = None
            atexit.unregister(self.stop)
        self._supervisor.end_started()

    def step(self) -> None:
        """One round: look after the running runs, then start as many waiting ones as there is room for."""
        self.check_running()
        if time.monotonic() - self._bin_emptied_at > EMPTY_BIN_INTERVAL_S:
            self._bin_emptied_at = time.monotonic()
            self.empty_bin()
        self._supervisor.start_waiting(only=self._only)

    def check_running(self) -> None:
        """Marks runs whose worker has died as interrupted, and ends cancelled ones; starts nothing."""
        self._supervisor.check_running()

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self.step()
            except Exception:  # the thread must outlive a database that is busy or away for a while
                logger.exception("The run queue failed in this round; it tries again")
            self._wake.wait(DISPATCH_INTERVAL_S)

    def _stop_analyses(self, run_id: str) -> None:
        for analysis in self.analyses.of_run(run_id):
            if analysis.state.is_active:
                with contextlib.suppress(RunStateError, RunNotFoundError):  # it just ended, or is gone
                    self.cancel(analysis.id)

    def _own_run(self, run_id: str, owner: str | None) -> None:
        run = self.store.get(run_id)
        if not run.is_analysis:
            self.store.get(run_id, owner)
        if owner is None or run.belongs_to(owner):
            return
        if run.subject is None or not self.store.get(run.subject).belongs_to(owner):
            raise RunNotFoundError(f"The run '{run_id}' belongs to somebody else, who shares it to look at.")


_queue: RunQueue | None = None
_queue_lock = threading.Lock()


def open_run_queue() -> RunQueue:
    """A queue on the process's settings that starts nothing by itself: for a command line.

    Runs whose worker has died read ``interrupted`` from here on.
    """
    settings = get_settings()
    queue = RunQueue(RunStore(settings.resolved_database_url), LocalProcessExecutor(settings), settings)
    queue.check_running()
    return queue


def get_run_queue() -> RunQueue:
    """The queue of this process, made and started at the first call: for a server."""
    global _queue
    with _queue_lock:
        if _queue is None:
            queue = open_run_queue()
            queue.start()
            _queue = queue
        return _queue
