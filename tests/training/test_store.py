"""States, owners, and what happens when many want the same run at once."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update

from bert_explorer.errors import QueueFullError, RunNotFoundError, RunStateError, SettingsError
from bert_explorer.results import TrainingMetric
from bert_explorer.settings import REPOSITORY
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.schema import store_info
from bert_explorer.training.store import RunStore

CONFIG = FineTuneConfig(text_column="text", label_column="label")
ALICE, BOB = "secret of Alice", "secret of Bob"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'runs.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[RunStore]:
    opened = RunStore(url)
    yield opened
    opened.close()


def create(store: RunStore, owner: str = ALICE, **changes: object) -> Run:
    values: dict[str, object] = {"name": "run", "filename": "a.csv", "config": CONFIG, **changes}
    return store.create(owner=owner, **values)  # type: ignore[arg-type]  # tests vary the values freely


def test_a_new_run_waits(store: RunStore) -> None:
    run = create(store, labels=("ham", "späm"))
    assert (run.state, run.config, run.labels) == (RunState.QUEUED, CONFIG, ("ham", "späm"))
    assert run.started_at is run.ended_at is run.metrics is None
    assert store.get(run.id, ALICE) == run
    assert run.ref == f"run:{run.id}"


def test_runs_of_others_do_not_exist(store: RunStore) -> None:
    mine, theirs = create(store, ALICE), create(store, BOB)
    assert store.list(ALICE) == (mine,)
    assert {run.id for run in store.list()} == {mine.id, theirs.id}
    with pytest.raises(RunNotFoundError):
        store.get(theirs.id, ALICE)
    store.share(theirs.id, True)
    assert store.get(theirs.id, ALICE).shared
    assert store.list(ALICE) == (mine,)
    assert {run.id for run in store.list(ALICE, include_shared=True)} == {mine.id, theirs.id}
    store.share(theirs.id, False)
    with pytest.raises(RunNotFoundError):
        store.get(theirs.id, ALICE)


def test_the_secret_is_not_in_the_database(store: RunStore, url: str) -> None:
    run = create(store, ALICE)
    assert run.belongs_to(ALICE)
    assert not run.belongs_to(BOB)
    store.close()
    folder = Path(url.removeprefix("sqlite:///")).parent
    assert all(ALICE.encode() not in path.read_bytes() for path in folder.iterdir())


def test_first_come_first_served(store: RunStore) -> None:
    first, second, third = create(store), create(store), create(store)
    assert [store.position(run.id) for run in (first, second, third)] == [1, 2, 3]
    claimed = store.claim_next(max_running=2)
    assert claimed is not None
    assert (claimed.id, claimed.state) == (first.id, RunState.RUNNING)
    assert [store.position(run.id) for run in (first, second, third)] == [None, 1, 2]
    assert store.claim_next(max_running=1) is None
    assert store.claim_next(max_running=2) == store.get(second.id)
    assert [run.id for run in store.running()] == [first.id, second.id]


def test_queue_is_bounded(store: RunStore) -> None:
    create(store, max_queued=1)
    with pytest.raises(QueueFullError, match="1 runs and measurements are waiting"):
        create(store, max_queued=1)
    store.claim_next(max_running=1)
    create(store, max_queued=1)


ENDINGS: dict[RunState, Callable[[RunStore, str], bool]] = {
    RunState.FINISHED: lambda store, run_id: store.finish(run_id, {"accuracy": 0.9}),
    RunState.FAILED: lambda store, run_id: store.fail(run_id, "The disk is full."),
    RunState.CANCELLED: lambda store, run_id: store.mark_cancelled(run_id),
    RunState.INTERRUPTED: lambda store, run_id: store.mark_interrupted(run_id, "killed"),
}


@pytest.mark.parametrize("state", ENDINGS)
def test_an_end_is_an_end(store: RunStore, state: RunState) -> None:
    run_id = create(store).id
    assert not ENDINGS[state](store, run_id), "a waiting run cannot end so"
    store.claim_next(max_running=1)
    assert ENDINGS[state](store, run_id)
    ended = store.get(run_id)
    assert ended.state == state
    assert ended.ended_at is not None
    for other in ENDINGS.values():
        assert not other(store, run_id)
    if state is RunState.CANCELLED:
        assert store.request_cancel(run_id) == ended
    else:
        with pytest.raises(RunStateError, match=f"The run is {state}"):
            store.request_cancel(run_id)
    assert not store.report(run_id, progress=0.5)
    assert store.claim_next(max_running=1) is None
    assert store.get(run_id) == ended


@pytest.mark.parametrize("state", ENDINGS)
def test_only_interrupted_runs_resume(store: RunStore, state: RunState) -> None:
    run_id = create(store).id
    with pytest.raises(RunStateError, match="The run is queued"):
        store.requeue(run_id)
    store.claim_next(max_running=1)
    ENDINGS[state](store, run_id)
    if state is RunState.INTERRUPTED:
        resumed = store.requeue(run_id)
        assert (resumed.state, resumed.error, resumed.ended_at) == (RunState.QUEUED, None, None)
    else:
        with pytest.raises(RunStateError, match=f"The run is {state}"):
            store.requeue(run_id)


def test_cancel(store: RunStore) -> None:
    waiting, running = create(store), create(store)
    assert store.request_cancel(waiting.id).state == RunState.CANCELLED
    store.claim_next(max_running=1)
    assert not store.should_stop(running.id)
    asked = store.request_cancel(running.id)
    assert asked.state == RunState.RUNNING
    assert asked.cancel_requested_at is not None
    assert store.request_cancel(running.id).cancel_requested_at == asked.cancel_requested_at
    assert store.should_stop(running.id)
    assert store.mark_cancelled(running.id)
    assert store.should_stop(running.id)


def test_delete(store: RunStore) -> None:
    run_id = create(store).id
    with pytest.raises(RunStateError, match="Cancel it before"):
        store.delete(run_id)
    store.request_cancel(run_id)
    store.add_log_line(run_id, "private")
    store.delete(run_id)
    assert store.log_lines(run_id) == ()
    assert store.should_stop(run_id)
    with pytest.raises(RunNotFoundError):
        store.delete(run_id)


def test_what_the_worker_reports(store: RunStore) -> None:
    run_id = create(store).id
    measured = [TrainingMetric(step, step / 4, "loss", 1 / step) for step in (1, 2, 3)]
    assert not store.report(run_id, measured), "not running yet"
    store.claim_next(max_running=1)
    assert store.report(run_id, measured, progress=0.75, eta_s=2.0, phase="training", labels=("a", "b"))
    run = store.get(run_id)
    assert (run.progress, run.eta_s, run.phase, run.labels) == (0.75, 2.0, "training", ("a", "b"))
    assert store.metrics(run_id) == tuple(measured)
    store.forget_metrics(run_id, after_step=1)
    assert store.metrics(run_id) == (measured[0],)
    store.add_log_line(run_id, "first")
    store.add_log_line(run_id, "second")
    assert [line.text for line in store.log_lines(run_id)] == ["first", "second"]


def test_threads_claim_each_run_once(store: RunStore) -> None:
    expected = {create(store).id for _ in range(40)}
    claimed: list[str] = []

    def claim_all() -> None:
        while (run := store.claim_next(max_running=1000)) is not None:
            claimed.append(run.id)

    threads = [threading.Thread(target=claim_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(expected)
    assert set(claimed) == expected


CLAIMER = """
import sys
from bert_explorer.training.store import RunStore
store = RunStore(sys.argv[1])
while (run := store.claim_next(max_running=int(sys.argv[2]))) is not None:
    print(run.id, flush=True)
"""


@pytest.mark.parametrize(("max_running", "num_claimed"), [(1000, 30), (7, 7)])
def test_processes_claim_each_run_once(store: RunStore, url: str, max_running: int, num_claimed: int) -> None:
    """Two processes on one database: no run twice, and together no more than the bound."""
    expected = {create(store).id for _ in range(30)}
    command = [sys.executable, "-c", CLAIMER, url, str(max_running)]
    claimers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) for _ in range(2)
    ]
    claimed = [run_id for claimer in claimers for run_id in claimer.communicate(timeout=60)[0].split()]
    assert len(claimed) == len(set(claimed)) == num_claimed
    assert set(claimed) <= expected


def test_finish_and_cancel_race_has_one_winner(store: RunStore) -> None:
    for _ in range(20):
        run_id = create(store).id
        store.claim_next(max_running=1)
        won: list[RunState] = []
        barrier = threading.Barrier(2)

        def end(state: RunState, run_id: str = run_id, won: list[RunState] = won, barrier=barrier) -> None:
            barrier.wait()
            if ENDINGS[state](store, run_id):
                won.append(state)

        threads = [
            threading.Thread(target=end, args=[state]) for state in (RunState.FINISHED, RunState.CANCELLED)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [store.get(run_id).state]


def test_two_may_create_the_database_at_once(url: str) -> None:
    opened: list[RunStore] = []
    threads = [threading.Thread(target=lambda: opened.append(RunStore(url))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    create(opened[0])
    assert all(len(store.list()) == 1 for store in opened)
    for store in opened:
        store.close()


@pytest.mark.usefixtures("store")
def test_sqlite_is_in_wal_mode(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


@pytest.mark.usefixtures("store")
def test_newer_database_is_refused(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(store_info).values(schema_version=99))
    engine.dispose()
    with pytest.raises(SettingsError, match="has version 99"):
        RunStore(url)


@pytest.mark.parametrize("url", ["nonsense", "nosuchdatabase://x/y", "sqlite:////proc/none/runs.sqlite3"])
def test_impossible_urls(url: str) -> None:
    with pytest.raises(SettingsError):
        RunStore(url)
