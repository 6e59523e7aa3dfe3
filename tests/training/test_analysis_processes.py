"""Analyses in real worker processes, without torch (see light_analysis.py)."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training import supervisor
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from tests.training.conftest import OWNER, wait_for_state, wait_until
from tests.training.test_analyses import ask, make_finished
from tests.training.test_queue_processes import FAR_BELOW_ENDLESS_S, SERVER

pytestmark = pytest.mark.usefixtures("light_workers")


def measuring(run: Run) -> bool:
    return run.phase == "measuring"


def test_an_analysis_ends_well_and_leaves_what_it_found(queue: RunQueue, settings: Settings) -> None:
    subject = make_finished(queue)
    queue.start()
    job = queue.analyse(subject.id, ask(), OWNER)
    wait_for_state(queue, job.id, RunState.FINISHED)
    assert (run_folder(subject.id, settings).analyses / "found.json").is_file()
    assert queue.store.get(subject.id) == subject, "the run itself is as it was"


@pytest.mark.parametrize("verb", ["block", "steps"])
def test_a_running_analysis_is_stopped(
    queue: RunQueue, monkeypatch: pytest.MonkeyPatch, settings: Settings, verb: str
) -> None:
    if verb == "steps":  # it stops by itself: nobody ends it meanwhile
        monkeypatch.setattr(supervisor, "CANCEL_GRACE_S", FAR_BELOW_ENDLESS_S)
    queue.start()
    job = queue.analyse(make_finished(queue).id, ask(verb), OWNER)
    running = wait_until(queue, job.id, measuring)
    process = int(str(running.handle).rpartition(":")[2])
    assert os.getpriority(os.PRIO_PROCESS, process) >= os.getpriority(os.PRIO_PROCESS, 0) + 5
    began_at = time.monotonic()
    assert queue.cancel(job.id, OWNER).state is RunState.CANCELLED
    assert time.monotonic() - began_at < FAR_BELOW_ENDLESS_S
    assert ("Asked to stop" in run_folder(job.id, settings).log.read_text()) == (verb == "steps")


def test_a_killed_worker_leaves_an_interrupted_analysis(queue: RunQueue) -> None:
    queue.start()
    job = queue.analyse(make_finished(queue).id, ask("block"), OWNER)
    running = wait_until(queue, job.id, measuring)
    os.kill(int(str(running.handle).rpartition(":")[2]), signal.SIGKILL)
    ended = wait_for_state(queue, job.id, RunState.INTERRUPTED)
    assert "ended without a word at 50%" in str(ended.error)


def test_closing_the_program_interrupts_its_analyses(queue: RunQueue) -> None:
    queue.start()
    job = queue.analyse(make_finished(queue).id, ask("block"), OWNER)
    wait_until(queue, job.id, measuring)
    queue.stop()
    stopped = queue.store.get(job.id)
    assert stopped.state is RunState.INTERRUPTED
    assert stopped.error == supervisor.ANALYSIS_CLOSED


def test_a_killed_server_leaves_an_interrupted_analysis(queue: RunQueue) -> None:
    subject = make_finished(queue)
    job = queue.analyse(subject.id, ask("block"), OWNER)
    waiting = queue.analyse(subject.id, ask(), OWNER)
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=REPOSITORY)
    try:
        wait_until(queue, job.id, measuring)
    finally:
        server.kill()
        server.wait()
    ended = wait_for_state(queue, job.id, RunState.INTERRUPTED)
    assert "Measure again" in str(ended.error)
    queue.start()
    wait_for_state(queue, waiting.id, RunState.FINISHED)


@pytest.mark.parametrize(
    ("verb", "message"), [("disk", "The disk is full"), ("refuse", "One class for everything.")]
)
def test_failures_are_explained(queue: RunQueue, verb: str, message: str) -> None:
    queue.start()
    job = queue.analyse(make_finished(queue).id, ask(verb), OWNER)
    ended = wait_until(queue, job.id, lambda run: not run.state.is_active)
    assert ended.state is RunState.FAILED
    assert message in str(ended.error)
    assert "new run" not in str(ended.error)
