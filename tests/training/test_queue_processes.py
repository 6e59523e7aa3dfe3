"""The queue with real processes, whose task does without torch (see light_task.py)."""

import subprocess
import sys
import time

import pytest

from bert_explorer.errors import RunError
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training import supervisor
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import RunState
from bert_explorer.training.run_folder import run_folder
from tests.training.conftest import OWNER, submit, wait_for_state, wait_until

FAR_BELOW_ENDLESS_S = 30.0  # a task would go on for ten minutes; a busy machine may take some seconds


@pytest.mark.usefixtures("light_workers")
def test_a_started_queue_works_through_its_runs(queue: RunQueue, settings: Settings) -> None:
    queue.start()
    queue.start()
    waiting = [submit(queue) for _ in range(3)]
    for run in waiting:
        finished = wait_for_state(queue, run.id, RunState.FINISHED)
        assert finished.metrics == {"accuracy": 1.0}
        assert (run_folder(run.id, settings).model / "config.json").is_file()


@pytest.mark.usefixtures("light_workers")
@pytest.mark.parametrize(
    "name", ["block:starting", "block:training", "block:measuring", "block:saving the model"]
)
def test_a_deaf_worker_is_ended(queue: RunQueue, settings: Settings, name: str) -> None:
    queue.start()
    run = submit(queue, name)
    phase = name.partition(":")[2]
    model = run_folder(run.id, settings).model
    wait_until(queue, run.id, lambda run: run.phase == phase and model.exists())
    began_at = time.monotonic()
    cancelled = queue.cancel(run.id, OWNER)
    assert time.monotonic() - began_at < FAR_BELOW_ENDLESS_S
    assert cancelled.state is RunState.CANCELLED
    assert not model.exists(), "a cancelled run has no model to offer"
    wait_for_state(queue, submit(queue).id, RunState.FINISHED)


@pytest.mark.usefixtures("light_workers")
def test_a_listening_worker_stops_by_itself(
    queue: RunQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "CANCEL_GRACE_S", FAR_BELOW_ENDLESS_S)  # nobody ends it meanwhile
    queue.start()
    run = submit(queue, "steps")
    wait_until(queue, run.id, lambda run: run.phase == "training" and bool(queue.store.metrics(run.id)))
    assert queue.cancel(run.id).state is RunState.CANCELLED
    assert "Asked to stop" in run_folder(run.id, settings).log.read_text()
    assert not run_folder(run.id, settings).model.exists()


@pytest.mark.usefixtures("light_workers")
def test_closing_the_program_interrupts_its_runs(queue: RunQueue) -> None:
    queue.start()
    run = submit(queue, "block:training")
    wait_until(queue, run.id, lambda run: run.phase == "training")
    queue.stop()
    stopped = queue.store.get(run.id)
    assert stopped.state is RunState.INTERRUPTED
    assert "The program was closed" in str(stopped.error)


SERVER = """
import sys, time
from bert_explorer.training import executor
executor.WORKER_COMMAND = (sys.executable, "-m", "tests.training.light_worker")
from bert_explorer.training.queue import get_run_queue
get_run_queue()
time.sleep(600)
"""


@pytest.mark.usefixtures("light_workers")
def test_a_killed_server_leaves_an_interrupted_run(queue: RunQueue) -> None:
    """kill -9 of the program: its worker ends too. Started again, it goes on with whoever waited."""
    run = submit(queue, "block:training")
    waiting = submit(queue)
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=REPOSITORY)
    try:
        wait_until(queue, run.id, lambda run: run.phase == "training")
    finally:
        server.kill()
        server.wait()
    ended = wait_for_state(queue, run.id, RunState.INTERRUPTED)
    assert "has ended" in str(ended.error)
    assert queue.store.get(waiting.id).state is RunState.QUEUED
    queue.start()
    wait_for_state(queue, waiting.id, RunState.FINISHED)
    assert queue.resume(run.id, OWNER).state is RunState.QUEUED


@pytest.mark.usefixtures("light_workers")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("disk", "The disk is full"),
        ("memory", "ran out of memory"),
        ("defect", r"nobody foresaw \(ZeroDivisionError: division by zero\)"),
    ],
)
def test_failures_are_explained(queue: RunQueue, settings: Settings, name: str, message: str) -> None:
    run = submit(queue, name)
    queue.step()
    deadline = time.monotonic() + 60
    while (failed := queue.store.get(run.id)).state is RunState.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert failed.state is RunState.FAILED
    with pytest.raises(RunError, match=message):
        raise RunError(failed.error)
    assert "Traceback" in run_folder(run.id, settings).log.read_text()
