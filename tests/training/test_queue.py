"""The queue, with an executor that starts nothing."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, update

from bert_explorer.errors import (
    QueueFullError,
    RunNotFoundError,
    RunStateError,
)
from bert_explorer.settings import Settings
from bert_explorer.training import supervisor
from bert_explorer.training.executor import WorkerState
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.schema import runs
from bert_explorer.training.store import RunStore
from tests.training.conftest import OWNER, FakeExecutor, submit


def state_of(queue: RunQueue, run: Run) -> RunState:
    return queue.store.get(run.id).state


def test_one_run_at_a_time_in_order(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    first, second, third = (submit(idle_queue, name) for name in ("a", "b", "c"))
    assert [idle_queue.position(run.id) for run in (first, second, third)] == [1, 2, 3]
    idle_queue.step()
    idle_queue.step()
    assert fake.submitted == [first.id]
    assert idle_queue.store.get(first.id).handle == f"handle of {first.id}"
    idle_queue.store.finish(first.id, {})
    idle_queue.step()
    assert fake.submitted == [first.id, second.id]
    assert idle_queue.position(third.id) == 1


def test_bounds_of_the_queue(idle_queue: RunQueue, settings: Settings, fake: FakeExecutor) -> None:
    bounded = replace(settings, max_running_runs=2, max_queued_runs=3)
    queue = RunQueue(idle_queue.store, fake, bounded)
    for _ in range(3):
        submit(queue)
    with pytest.raises(QueueFullError):
        submit(queue)
    assert len(list(settings.runs_path.iterdir())) == 3
    queue.step()
    assert len(fake.submitted) == 2


def test_others_cannot_touch_a_run(idle_queue: RunQueue) -> None:
    run = submit(idle_queue)
    for shared in (False, True):
        idle_queue.share(run.id, shared, OWNER)
        for verb in (idle_queue.cancel, idle_queue.resume, idle_queue.delete):
            with pytest.raises(RunNotFoundError):
                verb(run.id, "another")
        with pytest.raises(RunNotFoundError):
            idle_queue.share(run.id, True, "another")
    assert state_of(idle_queue, run) is RunState.QUEUED


def test_cancel_a_waiting_run(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    run = submit(idle_queue)
    assert idle_queue.cancel(run.id, OWNER).state is RunState.CANCELLED
    idle_queue.step()
    assert fake.submitted == []


def test_a_cancel_asked_for_elsewhere_is_enforced(
    idle_queue: RunQueue, fake: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = submit(idle_queue)
    idle_queue.step()
    idle_queue.store.request_cancel(run.id)
    monkeypatch.setattr(supervisor, "CANCEL_GRACE_S", 60)
    idle_queue.step()
    assert fake.cancelled == [], "the worker first gets a moment to stop by itself"
    monkeypatch.setattr(supervisor, "CANCEL_GRACE_S", 0)
    idle_queue.step()
    assert fake.cancelled == [run.id]
    assert state_of(idle_queue, run) is RunState.CANCELLED


def test_a_dead_worker_is_noticed_and_its_run_resumed(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    run = submit(idle_queue)
    idle_queue.step()
    fake.states[run.id] = WorkerState.GONE
    idle_queue.step()
    interrupted = idle_queue.store.get(run.id)
    assert interrupted.state is RunState.INTERRUPTED
    assert interrupted.error is not None
    assert "Resume it" in interrupted.error
    assert idle_queue.resume(run.id, OWNER).state is RunState.QUEUED
    idle_queue.step()
    assert fake.submitted == [run.id, run.id]


def test_resume_notices_a_dead_worker_itself(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    """A command line has no thread that looks after the runs."""
    run = submit(idle_queue)
    idle_queue.step()
    with pytest.raises(RunStateError, match="The run is running"):
        idle_queue.resume(run.id, OWNER)
    fake.states[run.id] = WorkerState.GONE
    assert idle_queue.resume(run.id, OWNER).state is RunState.QUEUED


def change(settings: Settings, run: Run, **values: float | None) -> None:
    engine = create_engine(settings.resolved_database_url)
    with engine.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(**values))
    engine.dispose()


@pytest.mark.parametrize(
    ("poll", "silent_s", "expected"),
    [
        (WorkerState.UNKNOWN, 10, RunState.RUNNING),
        (WorkerState.UNKNOWN, 100, RunState.INTERRUPTED),
        (WorkerState.ALIVE, 100, RunState.RUNNING),  # the computer slept
    ],
)
def test_heartbeat_decides_where_nothing_else_can(
    idle_queue: RunQueue,
    fake: FakeExecutor,
    settings: Settings,
    poll: WorkerState,
    silent_s: float,
    expected: RunState,
) -> None:
    run = submit(idle_queue)
    idle_queue.step()
    fake.states[run.id] = poll
    change(settings, run, heartbeat_at=time.time() - silent_s)
    idle_queue.step()
    assert state_of(idle_queue, run) is expected


def test_nobody_sees_a_cancelled_run_with_a_model(
    idle_queue: RunQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = submit(idle_queue)
    idle_queue.step()
    folder = run_folder(run.id, settings)
    folder.publish_model(lambda target: (target / "config.json").touch())
    mark = idle_queue.store.mark_cancelled

    def mark_and_look(run_id: str) -> bool:
        assert not folder.model.exists()
        return mark(run_id)

    monkeypatch.setattr(idle_queue.store, "mark_cancelled", mark_and_look)
    assert idle_queue.cancel(run.id, OWNER).state is RunState.CANCELLED


def test_a_run_between_claim_and_start_is_no_orphan(idle_queue: RunQueue, settings: Settings) -> None:
    """Another process has claimed it and is about to start its worker; or it died just then."""
    run = submit(idle_queue)
    idle_queue.store.claim_next(max_running=1)
    idle_queue.step()
    assert state_of(idle_queue, run) is RunState.RUNNING
    change(settings, run, started_at=time.time() - 60)
    idle_queue.step()
    assert state_of(idle_queue, run) is RunState.INTERRUPTED


def test_a_worker_that_cannot_start(
    idle_queue: RunQueue, fake: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_run_id: str) -> str:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(fake, "submit", refuse)
    run = submit(idle_queue)
    idle_queue.step()
    failed = idle_queue.store.get(run.id)
    assert failed.state is RunState.FAILED
    assert "Resource temporarily unavailable" in str(failed.error)


def test_delete(idle_queue: RunQueue, settings: Settings) -> None:
    run = submit(idle_queue)
    with pytest.raises(RunStateError):
        idle_queue.delete(run.id, OWNER)
    idle_queue.cancel(run.id, OWNER)
    idle_queue.delete(run.id, OWNER)
    assert list(settings.runs_path.iterdir()) == []
    assert idle_queue.store.list() == ()


def test_a_command_line_starts_its_own_run_only(idle_queue: RunQueue, fake: FakeExecutor) -> None:
    """Its workers end with it, and the runs of a server must not."""
    of_the_server, own = submit(idle_queue, "older"), submit(idle_queue, "own")
    try:
        idle_queue.start(only=own.id)
        assert fake.submitted == [own.id]
        idle_queue.store.finish(own.id, {})
        idle_queue.step()
        assert fake.submitted == [own.id]
        assert state_of(idle_queue, of_the_server) is RunState.QUEUED
    finally:
        idle_queue.stop()


def test_two_queues_start_each_run_once(settings: Settings) -> None:
    bounded = replace(settings, max_running_runs=3)
    executors = [FakeExecutor(), FakeExecutor()]
    queues = [RunQueue(RunStore(settings.resolved_database_url), fake, bounded) for fake in executors]
    expected = {submit(queues[0]).id for _ in range(10)}

    def work(queue: RunQueue, fake: FakeExecutor) -> None:
        while any(run.state.is_active for run in queue.store.list()):
            fake.states = dict.fromkeys(expected, WorkerState.ALIVE)
            queue.step()
            assert len(queue.store.running()) <= 3
            for run in queue.store.running():
                if run.handle is not None:
                    queue.store.finish(run.id, {})

    threads = [threading.Thread(target=work, args=pair) for pair in zip(queues, executors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    started = [run_id for fake in executors for run_id in fake.submitted]
    assert len(started) == len(expected)
    assert set(started) == expected


def test_the_expected_wait_is_what_is_left_of_those_before(idle_queue: RunQueue) -> None:
    first, second, third = (submit(idle_queue, name) for name in ("first", "second", "third"))
    assert second.eta_s is not None
    assert second.eta_s > 0
    idle_queue.step()
    idle_queue.store.report(first.id, eta_s=30.0)
    assert idle_queue.expected_wait_s(second.id) == 30.0
    assert idle_queue.expected_wait_s(third.id) == 30.0 + second.eta_s
    idle_queue.store.report(first.id, eta_s=None)
    assert idle_queue.expected_wait_s(second.id) is None  # the one before does not say
