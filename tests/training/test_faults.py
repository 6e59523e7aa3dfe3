"""Whatever happens to a run: it ends in a true state, keeps what it measured, and nothing waits for ever.

The worker is a real process, with the light task in it; test_worker.py kills one that really trains.
"""

import errno
import os
import threading
import time
from dataclasses import replace

import pytest

from bert_explorer.errors import RunError, RunNotFoundError, RunStateError
from bert_explorer.results import TrainingMetric
from bert_explorer.settings import Settings
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from tests.training.conftest import OWNER, PATIENCE_S, FakeExecutor, make_queue, submit

PHASES = ("opening the model", "training", "measuring", "saving the model")
LOSS = (TrainingMetric(1, 0.1, "loss", 0.5),)
STRANGER = "another browser"


@pytest.mark.usefixtures("light_workers")
def test_killed_or_out_of_disk_at_any_moment(settings: Settings) -> None:
    """Eight runs at once: kill -9 in each phase, and a full disk in each."""
    with make_queue(replace(settings, max_running_runs=8)) as queue:
        killed = {phase: submit(queue, f"die:{phase}") for phase in PHASES}
        full = {phase: submit(queue, f"full:{phase}") for phase in PHASES}
        queue.start()
        for run in killed.values():
            ended = _wait_for_end(queue, run, RunState.INTERRUPTED)
            assert "Resume it" in str(ended.error)
        for run in full.values():
            ended = _wait_for_end(queue, run, RunState.FAILED)
            assert "The disk is full" in str(ended.error)
        for run in (*killed.values(), *full.values()):
            folder = run_folder(run.id, settings)
            assert queue.store.metrics(run.id) == LOSS
            assert not list(folder.path.glob("model*")), "half a model"
            assert folder.read_upload()
            assert folder.checkpoints.exists() == (run in killed.values()), "only what may go on keeps them"
        resumed = killed["saving the model"]
        queue.annotate(resumed.id, OWNER, name="finish")
        queue.resume(resumed.id, OWNER)
        assert _wait_for_end(queue, resumed, RunState.FINISHED).error is None


def _wait_for_end(queue: RunQueue, run: Run, state: RunState) -> Run:
    deadline = time.monotonic() + PATIENCE_S
    while (now := queue.store.get(run.id)).state.is_active:
        assert time.monotonic() < deadline, f"still {now.state}, {now.phase}"
        time.sleep(0.02)
    assert now.state is state, now.error
    return now


def test_a_full_disk_accepts_nothing(
    idle_queue: RunQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match="could not be kept"):
        submit(idle_queue)
    assert idle_queue.store.list() == ()
    assert not list(settings.runs_path.iterdir())


@pytest.mark.parametrize("end", ["finish", "fail", "interrupt", "cancel"])
def test_cancelled_after_the_end(idle_queue: RunQueue, end: str) -> None:
    """What has ended stays as it ended, however often somebody presses the button that was there."""
    run = submit(idle_queue)
    idle_queue.step()
    idle_queue.store.report(run.id, LOSS)
    ways = {
        "finish": lambda: idle_queue.store.finish(run.id, {"accuracy": 1.0}),
        "fail": lambda: idle_queue.store.fail(run.id, "reason"),
        "interrupt": lambda: idle_queue.store.mark_interrupted(run.id, "reason"),
        "cancel": lambda: idle_queue.cancel(run.id, OWNER),
    }
    ways[end]()
    before = idle_queue.store.get(run.id)
    for _ in range(2):
        if end == "cancel":
            assert idle_queue.cancel(run.id, OWNER) == before
        else:
            with pytest.raises(RunStateError, match=f"The run is {before.state}"):
                idle_queue.cancel(run.id, OWNER)
    assert idle_queue.store.get(run.id) == before
    assert idle_queue.store.metrics(run.id) == LOSS


def test_two_tabs_cancel_at_once(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    run = submit(idle_queue)
    idle_queue.step()
    states: list[RunState] = []
    tabs = [
        threading.Thread(target=lambda: states.append(idle_queue.cancel(run.id, OWNER).state))
        for _ in range(2)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert states == [RunState.CANCELLED] * 2
    assert set(fake.cancelled) == {run.id}
    idle_queue.step()
    assert idle_queue.store.get(run.id).state is RunState.CANCELLED
    assert submit(idle_queue).state is RunState.QUEUED


def test_two_browsers_look_at_one_run(idle_queue: RunQueue) -> None:
    """Shared, it is seen by both all the way to its end; only its owner ends it."""
    run = submit(idle_queue)
    idle_queue.step()
    with pytest.raises(RunNotFoundError):
        idle_queue.store.get(run.id, STRANGER)
    idle_queue.share(run.id, True, OWNER)
    idle_queue.store.report(run.id, LOSS, progress=0.5, phase="training")
    seen = [idle_queue.store.get(run.id, owner) for owner in (OWNER, STRANGER)]
    assert seen[0] == seen[1]
    assert (seen[1].progress, seen[1].phase) == (0.5, "training")
    with pytest.raises(RunNotFoundError, match="shares it to look at"):
        idle_queue.cancel(run.id, STRANGER)
    assert idle_queue.store.get(run.id, STRANGER).cancel_requested_at is None
    idle_queue.cancel(run.id, OWNER)
    assert idle_queue.store.get(run.id, STRANGER).state is RunState.CANCELLED
    assert idle_queue.store.metrics(run.id) == LOSS
