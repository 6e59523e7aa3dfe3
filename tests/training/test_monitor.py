"""A run outlives a database that does not answer for a moment, and loses no measurement by it."""

import pytest
from sqlalchemy.exc import OperationalError

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.monitor import RunCancelled, RunMonitor
from bert_explorer.training.store import RunStore


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings.resolved_database_url)


def start_run(store: RunStore) -> str:
    config = FineTuneConfig(text_column="text", label_column="label")
    store.create(owner="me", name="run", filename="a.csv", config=config)
    run = store.claim_next(1)
    assert run is not None
    return run.id


def test_what_a_busy_database_refuses_is_written_later(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = start_run(store)
    monitor = RunMonitor(store, run_id)
    monitor.measured([TrainingMetric(1, 0.5, "loss", 0.7)])
    with monkeypatch.context() as broken:
        for name in ("report", "should_stop", "add_log_line"):
            broken.setattr(store, name, _fail)
        monitor.check()
        monitor.log("one line")
        monitor.advance(progress=0.5, eta_s=1.0)
    assert store.metrics(run_id) == ()
    monitor.flush()
    assert [metric.value for metric in store.metrics(run_id)] == [0.7]


def test_a_wish_to_stop_is_still_heard(store: RunStore) -> None:
    run_id = start_run(store)
    store.request_cancel(run_id)
    with pytest.raises(RunCancelled):
        RunMonitor(store, run_id).check()


def _fail(*_: object, **__: object) -> None:
    raise OperationalError("SELECT 1", {}, Exception("database is locked"))
