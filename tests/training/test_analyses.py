"""Analyses of runs in the queue: their turn, their bounds, and what becomes of them with their run."""

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bert_explorer.errors import QueueFullError, RunError, RunNotFoundError, RunStateError
from bert_explorer.settings import Settings
from bert_explorer.training import shelf
from bert_explorer.training.analyses import MAX_OF_ONE_OWNER
from bert_explorer.training.executor import WorkerState
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.records import TRAININGS_WAIT_S
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.schema import runs
from tests.training.conftest import OWNER, FakeExecutor, submit

STRANGER, THIRD = "secret of a stranger", "secret of a third"


def ask(verb: str = "find") -> str:
    return json.dumps({"ask": verb})


def make_finished(queue: RunQueue) -> Run:
    """A finished run without having been trained."""
    run = submit(queue)
    queue.store.claim_next(9, only=run.id)
    queue.store.finish(run.id, {"accuracy": 1.0})
    return queue.store.get(run.id)


@pytest.fixture
def subject(idle_queue: RunQueue) -> Run:
    return make_finished(idle_queue)


def later(queue: RunQueue, run: Run, seconds: float) -> None:
    """As if it had been queued so much later."""
    with queue.store.engine.begin() as connection:
        values = {"queued_at": runs.c.queued_at + seconds, "ended_at": runs.c.ended_at + seconds}
        connection.execute(update(runs).where(runs.c.id == run.id).values(**values))


def test_an_analysis_is_no_run(idle_queue: RunQueue, subject: Run) -> None:
    job = idle_queue.analyse(subject.id, ask(), OWNER)
    assert (job.state, job.subject, job.question) == (RunState.QUEUED, subject.id, ask())
    assert [run.id for run in idle_queue.store.list(OWNER)] == [subject.id]
    assert idle_queue.analyses.of_run(subject.id) == (job,)
    with pytest.raises(RunNotFoundError):
        idle_queue.store.get(job.id, OWNER)
    with pytest.raises(RunNotFoundError):
        idle_queue.analyse(job.id, ask(), OWNER)


def test_who_may_ask_and_stop(idle_queue: RunQueue, subject: Run) -> None:
    with pytest.raises(RunNotFoundError):
        idle_queue.analyse(subject.id, ask(), STRANGER)
    idle_queue.share(subject.id, True, OWNER)
    job = idle_queue.analyse(subject.id, ask(), STRANGER)
    assert idle_queue.analyse(subject.id, ask(), OWNER) == job, "equal questions are measured once"
    with pytest.raises(RunNotFoundError):
        idle_queue.cancel(job.id, THIRD)
    assert idle_queue.cancel(job.id, OWNER).state is RunState.CANCELLED, "it is the owner's run"
    again = idle_queue.analyse(subject.id, ask(), STRANGER)
    assert idle_queue.cancel(again.id, STRANGER).state is RunState.CANCELLED
    unfinished = submit(idle_queue)
    with pytest.raises(RunStateError, match="Only a finished run"):
        idle_queue.analyse(unfinished.id, ask(), OWNER)


def test_the_bounds_of_the_queue_count_both(
    idle_queue: RunQueue, subject: Run, settings: Settings, fake: FakeExecutor
) -> None:
    limit = settings.max_queued_runs
    idle_queue.share(subject.id, True, OWNER)
    for number in range(limit - 1):
        idle_queue.analyse(subject.id, ask(str(number)), f"somebody {number}")
    submit(idle_queue)
    folders = set(settings.runs_path.iterdir())
    with pytest.raises(QueueFullError):
        idle_queue.analyse(subject.id, ask("one too many"), OWNER)
    assert set(settings.runs_path.iterdir()) == folders
    idle_queue.step()
    assert len(fake.submitted) == settings.max_running_runs == 1


def test_the_bound_of_one_owner(idle_queue: RunQueue, subject: Run, settings: Settings) -> None:
    idle_queue.share(subject.id, True, OWNER)
    jobs = [idle_queue.analyse(subject.id, ask(str(number)), OWNER) for number in range(MAX_OF_ONE_OWNER)]
    folders = set(settings.runs_path.iterdir())
    with pytest.raises(QueueFullError, match=r"^3 measurements of yours .* or stop one\.$"):
        idle_queue.analyse(subject.id, ask("one too many"), OWNER)
    assert set(settings.runs_path.iterdir()) == folders
    assert idle_queue.analyse(subject.id, ask("0"), OWNER) == jobs[0], "it is under way already"
    idle_queue.analyse(subject.id, ask("another's"), STRANGER)
    idle_queue.cancel(jobs[0].id, OWNER)
    idle_queue.analyse(subject.id, ask("one less"), OWNER)


def test_a_refused_question_leaves_what_became_of_the_last(
    idle_queue: RunQueue,
    subject: Run,
    settings: Settings,
    fake: FakeExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = idle_queue.analyse(subject.id, ask(), OWNER)
    idle_queue.step()
    idle_queue.store.fail(failed.id, "The disk is full.")
    log = run_folder(failed.id, settings).log
    log.write_text("why")
    submit(idle_queue)
    bounded = RunQueue(idle_queue.store, fake, replace(settings, max_queued_runs=1))
    with pytest.raises(QueueFullError):
        bounded.analyse(subject.id, ask(), OWNER)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        with pytest.raises(RunError, match="No space left"):
            idle_queue.analyse(subject.id, ask(), OWNER)
    kept = idle_queue.analyses.latest(subject.id, ask())
    assert kept is not None
    assert (kept.id, kept.error) == (failed.id, "The disk is full.")
    assert log.read_text() == "why"
    job = idle_queue.analyse(subject.id, ask(), OWNER)
    assert idle_queue.analyses.of_run(subject.id) == (job,)
    assert not log.exists()


def test_analyses_go_first_but_not_for_ever(idle_queue: RunQueue, subject: Run, fake: FakeExecutor) -> None:
    training = submit(idle_queue)
    soon, late = (idle_queue.analyse(subject.id, ask(verb), OWNER) for verb in ("soon", "late"))
    later(idle_queue, soon, TRAININGS_WAIT_S - 5)
    later(idle_queue, late, TRAININGS_WAIT_S + 5)
    assert [idle_queue.position(run.id) for run in (soon, training, late)] == [1, 2, 3]
    for run in (soon, training, late):
        idle_queue.step()
        assert fake.submitted[-1] == run.id
        idle_queue.store.finish(run.id, {})


def test_the_wait_is_expected_from_the_last_of_its_kind(idle_queue: RunQueue, subject: Run) -> None:
    first = idle_queue.analyse(subject.id, ask(), OWNER)
    assert first.eta_s is None
    idle_queue.step()
    idle_queue.store.finish(first.id, {})
    with idle_queue.store.engine.begin() as connection:
        took = {"started_at": 1_000.0, "ended_at": 1_042.0}
        connection.execute(update(runs).where(runs.c.id == first.id).values(**took))
    other = make_finished(idle_queue)
    second = idle_queue.analyse(other.id, ask(), OWNER)
    third = idle_queue.analyse(other.id, ask("other"), OWNER)
    assert second.eta_s == 42.0
    assert idle_queue.expected_wait_s(third.id) == 42.0
    assert idle_queue.analyse(subject.id, ask(), OWNER).eta_s == 42.0, "of the same run too"
    idle_queue.step()
    assert idle_queue.store.get(second.id).state is RunState.RUNNING
    assert idle_queue.expected_wait_s(second.id) is None, "it does not wait any more"


def test_cancel_while_waiting_and_after_the_end(
    idle_queue: RunQueue, subject: Run, fake: FakeExecutor
) -> None:
    job = idle_queue.analyse(subject.id, ask(), OWNER)
    assert idle_queue.cancel(job.id, OWNER).state is RunState.CANCELLED
    idle_queue.step()
    assert fake.submitted == []
    again = idle_queue.analyse(subject.id, ask(), OWNER)
    assert idle_queue.analyses.of_run(subject.id) == (again,), "a new one takes the place of the old one"
    idle_queue.step()
    idle_queue.store.finish(again.id, {})
    with pytest.raises(RunStateError):
        idle_queue.cancel(again.id, OWNER)


def test_a_dead_worker_is_noticed(idle_queue: RunQueue, subject: Run, fake: FakeExecutor) -> None:
    job = idle_queue.analyse(subject.id, ask(), OWNER)
    idle_queue.step()
    fake.states[job.id] = WorkerState.GONE
    idle_queue.step()
    ended = idle_queue.analyses.latest(subject.id, ask())
    assert ended is not None
    assert ended.state is RunState.INTERRUPTED
    assert "Measure again" in str(ended.error)
    assert "Resume" not in str(ended.error)


def test_analyses_go_with_their_run(
    idle_queue: RunQueue,
    subject: Run,
    settings: Settings,
    fake: FakeExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Into the bin and back with what was found; what runs is stopped; for good, nothing stays."""
    waiting, running = (idle_queue.analyse(subject.id, ask(verb), OWNER) for verb in ("waits", "runs"))
    idle_queue.cancel(waiting.id, OWNER)
    idle_queue.step()
    found = run_folder(subject.id, settings).analyses / "found.json"
    found.parent.mkdir()
    found.write_text("{}")
    idle_queue.discard(subject.id, OWNER)
    assert fake.cancelled == [running.id]
    assert {job.state for job in idle_queue.analyses.of_run(subject.id)} == {RunState.CANCELLED}
    with pytest.raises(RunNotFoundError):
        idle_queue.analyse(subject.id, ask(), OWNER)
    idle_queue.shelf.restore(subject.id, OWNER)
    assert found.is_file()
    idle_queue.discard(subject.id, OWNER)
    monkeypatch.setattr(shelf, "UNDO_S", -1.0)
    idle_queue.empty_bin()
    assert list(settings.runs_path.iterdir()) == []
    assert idle_queue.analyses.of_run(subject.id) == ()


def test_delete_at_once(idle_queue: RunQueue, subject: Run, settings: Settings, fake: FakeExecutor) -> None:
    job = idle_queue.analyse(subject.id, ask(), OWNER)
    idle_queue.step()
    idle_queue.delete(subject.id, OWNER)
    assert fake.cancelled == [job.id]
    assert list(settings.runs_path.iterdir()) == []
    assert idle_queue.analyses.of_run(subject.id) == ()


def test_ended_ones_are_forgotten_after_a_day(idle_queue: RunQueue, subject: Run, settings: Settings) -> None:
    old, new, active = (idle_queue.analyse(subject.id, ask(verb), OWNER) for verb in ("a", "b", "c"))
    idle_queue.cancel(old.id)
    idle_queue.cancel(new.id)
    later(idle_queue, old, -25 * 3600)
    later(idle_queue, active, -25 * 3600)
    idle_queue.empty_bin()
    assert {job.id for job in idle_queue.analyses.of_run(subject.id)} == {new.id, active.id}
    assert not run_folder(old.id, settings).path.exists()
    assert idle_queue.store.get(subject.id) == subject
    assert run_folder(subject.id, settings).path.is_dir()
