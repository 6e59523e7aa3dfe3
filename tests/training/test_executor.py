"""Local worker processes, seen from their parent and from elsewhere."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.errors import RunStateError
from bert_explorer.settings import PREFIX, Settings, load_settings
from bert_explorer.training.executor import LocalProcessExecutor, WorkerState, worker_environment
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from tests.training.conftest import submit, wait_until

pytestmark = pytest.mark.usefixtures("light_workers")


def start(queue: RunQueue, name: str) -> Run:
    run = submit(queue, name)
    queue.step()
    return wait_until(queue, run.id, lambda run: run.progress == 0.5)


def process_id(run: Run) -> int:
    assert run.handle is not None
    return int(run.handle.rpartition(":")[2])


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Whether it does within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_stranger_sees_and_ends_a_worker(queue: RunQueue, settings: Settings) -> None:
    run = start(queue, "block:training")
    stranger = LocalProcessExecutor(settings)
    assert stranger.poll(run.id, run.handle) is WorkerState.ALIVE
    with pytest.raises(RunStateError, match="still alive"):
        stranger.submit(run.id)
    stranger.cancel(run.id, run.handle)
    assert stranger.poll(run.id, run.handle) is WorkerState.GONE
    stranger.cancel(run.id, run.handle)


def test_a_killed_worker_is_gone(queue: RunQueue, settings: Settings) -> None:
    run = start(queue, "block:training")
    os.kill(process_id(run), signal.SIGKILL)
    stranger = LocalProcessExecutor(settings)
    assert becomes_true(lambda: stranger.poll(run.id, run.handle) is WorkerState.GONE)
    assert becomes_true(lambda: not Path(f"/proc/{process_id(run)}").exists())  # no zombie stays behind


def test_children_of_a_worker_end_with_it(queue: RunQueue, settings: Settings) -> None:
    run = start(queue, "family")
    child = int(run.phase.removeprefix("child "))
    LocalProcessExecutor(settings).cancel(run.id, run.handle)
    assert becomes_true(lambda: not _is_alive(child))


def _is_alive(process_id: int) -> bool:
    """False for a zombie too: init may take its time."""
    status = Path(f"/proc/{process_id}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_workers_of_other_machines_cannot_be_judged(settings: Settings) -> None:
    executor = LocalProcessExecutor(settings)
    assert executor.poll("0123", "elsewhere:17") is WorkerState.UNKNOWN
    executor.cancel("0123", "elsewhere:1")


def test_a_worker_has_lower_priority_and_a_session_of_its_own(queue: RunQueue) -> None:
    run = start(queue, "block:training")
    assert os.getpriority(os.PRIO_PROCESS, process_id(run)) >= os.getpriority(os.PRIO_PROCESS, 0) + 5
    assert os.getsid(process_id(run)) == process_id(run)


def test_settings_reach_the_worker(settings: Settings) -> None:
    environment = worker_environment(settings)
    assert load_settings(environment) == replace(settings, deadline_s=3_600.0), "no page waits for a worker"
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["OMP_WAIT_POLICY"] == "passive"
    assert environment["TOKENIZERS_PARALLELISM"] == "false"
    assert environment["OMP_NUM_THREADS"] == str(settings.num_threads)
    assert all(isinstance(value, str) for value in environment.values())
    assert PREFIX + "HOME" in environment
