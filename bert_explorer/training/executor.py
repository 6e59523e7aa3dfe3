"""Where workers run: a protocol of three verbs, and local processes as the first who speak it.

Whether a local worker lives is told by a file lock that it holds from its first to its last moment. The
kernel releases the lock however the process ends, so neither a reused process id nor a zombie can
deceive, and any process of this machine may ask, not only the parent.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bert_explorer.errors import RunStateError
from bert_explorer.settings import PREFIX, REPOSITORY, Settings
from bert_explorer.training.run_folder import run_folder

WORKER_COMMAND = (sys.executable, "-m", "bert_explorer.training.worker")
PARENT_VARIABLE = "BERT_EXPLORER_WORKER_PARENT"
LOCK_TIMEOUT_S = 1.0  # a process that only looks whether a worker lives holds the lock for microseconds
KILL_TIMEOUT_S = 5.0
POLL_S = 0.01
WORKER_DEADLINE_S = 3_600.0  # for one request of an analysis: it steps back for others, and no page waits


class WorkerState(StrEnum):
    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"  # cannot be told from here; the heartbeat must decide


class Executor(Protocol):
    """Starts, ends and watches the process that trains a run, wherever it is."""

    def submit(self, run_id: str) -> str:
        """Starts a worker for a run that is in state running. Returns a handle to keep with the run."""
        ...

    def cancel(self, run_id: str, handle: str | None) -> None:
        """Ends the worker now, and returns when it is gone. Nothing happens where there is none."""
        ...

    def poll(self, run_id: str, handle: str | None) -> WorkerState: ...


class LocalProcessExecutor:
    """Workers as processes of this machine, each the leader of its own session."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, run_id: str) -> str:
        folder = run_folder(run_id, self._settings)
        lock = _take_lock(folder.lock)
        try:
            with folder.log.open("ab") as log:
                child = subprocess.Popen(
                    [*WORKER_COMMAND, run_id],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=worker_environment(self._settings),
                    start_new_session=True,
                    pass_fds=[lock],  # the worker inherits the lock, so that there is no moment without
                )
        finally:
            os.close(lock)
        threading.Thread(target=child.wait, name=f"reap-{run_id}", daemon=True).start()  # leaves no zombie
        return f"{socket.gethostname()}:{child.pid}"

    def cancel(self, run_id: str, handle: str | None) -> None:
        if handle is None or self.poll(run_id, handle) is not WorkerState.ALIVE:
            return
        process_id = int(handle.rpartition(":")[2])
        try:
            os.killpg(process_id, signal.SIGKILL)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + KILL_TIMEOUT_S
        while self.poll(run_id, handle) is WorkerState.ALIVE and time.monotonic() < deadline:
            time.sleep(POLL_S)

    def poll(self, run_id: str, handle: str | None) -> WorkerState:
        if handle is not None and not handle.startswith(socket.gethostname() + ":"):
            return WorkerState.UNKNOWN
        is_alive = _is_locked(run_folder(run_id, self._settings).lock)
        return WorkerState.ALIVE if is_alive else WorkerState.GONE


def worker_environment(settings: Settings) -> dict[str, str]:
    """Our environment with these settings in it, threads bounded, and no way to the network."""
    environment = dict(os.environ)
    for item in fields(settings):
        value = getattr(settings, item.name)
        environment[PREFIX + item.name.upper()] = "" if value is None else str(value)
    search_path = [str(REPOSITORY), environment.get("PYTHONPATH", "")]
    return environment | {
        f"{PREFIX}DEADLINE_S": str(max(settings.deadline_s, WORKER_DEADLINE_S)),
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "OMP_NUM_THREADS": str(settings.num_threads or os.cpu_count() or 1),
        # Threads that wait shall sleep: spinning, they take the very cores that others need. Measured on two
        # cores busy with other programs: 4.5 to 7.2 s a step when spinning, 1.0 to 2.1 s when sleeping.
        "OMP_WAIT_POLICY": "passive",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        PARENT_VARIABLE: str(os.getpid()),
    }


def _take_lock(path: Path) -> int:
    """File descriptor that holds the lock. Raises RunStateError while another worker has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise RunStateError("A worker process of this run is still alive. Try again.") from None
            time.sleep(POLL_S)
        else:
            return descriptor


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
