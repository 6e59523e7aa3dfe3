"""Names, notes, tags and the bin; and databases of the version before."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bert_explorer.errors import InputError, RunNotFoundError, RunStateError
from bert_explorer.settings import Settings
from bert_explorer.training import shelf as shelf_module
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, hash_owner
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.store import RunStore
from tests.training.conftest import OWNER, submit

STRANGER = "somebody else"
VERSION_1 = """
CREATE TABLE store_info (
    id INTEGER NOT NULL PRIMARY KEY, schema_version INTEGER NOT NULL, num_changes INTEGER NOT NULL
);
CREATE TABLE runs (
    id VARCHAR(32) NOT NULL PRIMARY KEY, owner VARCHAR(64) NOT NULL, name TEXT NOT NULL,
    state VARCHAR(16) NOT NULL, config TEXT NOT NULL, filename TEXT NOT NULL, created_at DOUBLE NOT NULL,
    queued_at DOUBLE NOT NULL, started_at DOUBLE, ended_at DOUBLE, heartbeat_at DOUBLE,
    progress DOUBLE NOT NULL, eta_s DOUBLE, phase TEXT NOT NULL, error TEXT, metrics TEXT,
    labels TEXT NOT NULL, shared BOOLEAN NOT NULL, cancel_requested_at DOUBLE, handle TEXT
);
CREATE TABLE run_metrics (
    run_id VARCHAR(32) NOT NULL, step INTEGER NOT NULL, name VARCHAR(64) NOT NULL, epoch DOUBLE NOT NULL,
    value DOUBLE NOT NULL, PRIMARY KEY (run_id, step, name)
);
CREATE TABLE run_log (
    id INTEGER NOT NULL PRIMARY KEY, run_id VARCHAR(32) NOT NULL, at DOUBLE NOT NULL, text TEXT NOT NULL
);
INSERT INTO store_info VALUES (1, 1, 0);
"""


@pytest.fixture
def old_url(tmp_path: Path) -> str:
    """A database as version 1 made it, with one finished run."""
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    engine = create_engine(url)
    config = FineTuneConfig(text_column="text", label_column="label").to_json()
    with engine.begin() as connection:
        for statement in filter(str.strip, VERSION_1.split(";")):
            connection.execute(text(statement))
        row = {"owner": hash_owner(OWNER), "config": config}
        connection.execute(
            text(
                "INSERT INTO runs VALUES ('abc', :owner, 'old', 'finished', :config, 'a.csv', 1, 1, 1, 2, 2, "
                "1.0, 0, '', NULL, '{\"accuracy\": 0.5}', '[\"x\"]', 0, NULL, NULL)"
            ),
            row,
        )
    engine.dispose()
    return url


def test_an_old_database_opens_with_everything_in_it(old_url: str) -> None:
    for _ in range(2):  # the second time there is nothing to migrate
        store = RunStore(old_url)
        (run,) = store.list(OWNER)
        assert (run.id, run.name, run.labels, run.metrics) == ("abc", "old", ("x",), {"accuracy": 0.5})
        assert (run.note, run.tags, run.deleted_at) == ("", (), None)
        assert not run.is_analysis
        store.close()


def test_two_may_open_an_old_database_at_once(old_url: str) -> None:
    opened: list[RunStore] = []
    threads = [threading.Thread(target=lambda: opened.append(RunStore(old_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.get("abc").name for store in opened] == ["old"] * 4
    for store in opened:
        store.close()


@pytest.fixture
def ended(idle_queue: RunQueue) -> Iterator[Run]:
    """A run of OWNER's that has ended."""
    run = submit(idle_queue)
    yield idle_queue.cancel(run.id, OWNER)
    idle_queue.store.close()


def test_name_note_and_tags(idle_queue: RunQueue, ended: Run) -> None:
    idle_queue.annotate(ended.id, OWNER, name=" best ", note="<b>why</b>", tags=["a", " b", "a", ""])
    run = idle_queue.store.get(ended.id)
    assert (run.name, run.note, run.tags) == ("best", "<b>why</b>", ("a", "b"))
    idle_queue.annotate(ended.id, OWNER, tags=[])
    assert idle_queue.store.get(ended.id).note == "<b>why</b>"
    assert idle_queue.store.get(ended.id).tags == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "empty"),
        ({"name": "x" * 101}, "at most 100"),
        ({"note": "x" * 2001}, "at most 2,000"),
        ({"tags": ["x" * 31]}, "at most 30"),
        ({"tags": [str(i) for i in range(11)]}, "at most 10"),
    ],
)
def test_what_is_too_long_changes_nothing(
    idle_queue: RunQueue, ended: Run, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        idle_queue.annotate(ended.id, OWNER, **changes)
    assert idle_queue.store.get(ended.id) == ended


def test_a_run_in_the_bin_is_nowhere_else(idle_queue: RunQueue, ended: Run, settings: Settings) -> None:
    idle_queue.share(ended.id, True, OWNER)
    idle_queue.discard(ended.id, OWNER)
    assert idle_queue.store.list(OWNER) == idle_queue.store.list() == ()
    for owner in (None, OWNER, STRANGER):
        with pytest.raises(RunNotFoundError):
            idle_queue.store.get(ended.id, owner)
    assert [run.id for run in idle_queue.shelf.discarded(OWNER)] == [ended.id]
    idle_queue.empty_bin()
    assert run_folder(ended.id, settings).path.is_dir(), "it can still be taken back"
    idle_queue.shelf.restore(ended.id, OWNER)
    assert idle_queue.store.get(ended.id, OWNER).deleted_at is None
    assert not idle_queue.store.get(ended.id).shared


def test_strangers_neither_see_nor_touch(idle_queue: RunQueue, ended: Run) -> None:
    for act in (idle_queue.discard, idle_queue.annotate, idle_queue.delete):
        with pytest.raises(RunNotFoundError):
            act(ended.id, STRANGER)
    idle_queue.share(ended.id, True, OWNER)  # to look at, not to change
    for act in (idle_queue.discard, idle_queue.annotate):
        with pytest.raises(RunNotFoundError):
            act(ended.id, STRANGER)
    idle_queue.discard(ended.id, OWNER)
    assert idle_queue.shelf.discarded(STRANGER) == ()
    with pytest.raises(RunNotFoundError):
        idle_queue.shelf.restore(ended.id, STRANGER)


def test_after_a_while_it_is_gone_for_good(
    idle_queue: RunQueue, ended: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle_queue.discard(ended.id, OWNER)
    monkeypatch.setattr(shelf_module, "UNDO_S", 0.0)
    assert idle_queue.shelf.discarded(OWNER) == ()
    with pytest.raises(RunNotFoundError, match="removed for good"):
        idle_queue.shelf.restore(ended.id, OWNER)
    idle_queue.step()
    assert not run_folder(ended.id, settings).path.exists()
    assert idle_queue.shelf.expired() == ()


def test_a_waiting_run_cannot_be_thrown_away(idle_queue: RunQueue) -> None:
    run = submit(idle_queue)
    with pytest.raises(RunStateError, match="Cancel it"):
        idle_queue.discard(run.id, OWNER)
    assert idle_queue.store.get(run.id) == run
