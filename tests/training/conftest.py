"""Queues whose workers never outlive their test."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bert_explorer.settings import Settings
from bert_explorer.training import executor as executor_module
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.executor import LocalProcessExecutor, WorkerState
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.store import RunStore

OWNER = "secret of the tests"
CONFIG = FineTuneConfig(
    text_column="text", label_column="label", epochs=40, batch_size=8, learning_rate=1e-2, seed=3
)
PATIENCE_S = 120.0  # the machine may be busy


def make_upload(num_rows: int = 40) -> bytes:
    """Texts that the tiny vocabulary knows; one word gives the class away."""
    rows = []
    for index in range(num_rows):
        good = index % 2 == 0
        word, other = ("good", "cat") if good else ("bad", "dog")
        rows.append(f"this film is {word} , the {other} {'sat ' * (index % 7)}{index},{'+' if good else '-'}")
    lines = [row.replace(" ,", " ;") for row in rows]
    return "\n".join(["text,label", *lines]).encode()


class FakeExecutor:
    """Notes what is asked of it; ``states`` are what ``poll`` answers."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.cancelled: list[str] = []
        self.states: dict[str, WorkerState] = {}

    def submit(self, run_id: str) -> str:
        self.submitted.append(run_id)
        self.states[run_id] = WorkerState.ALIVE
        return f"handle of {run_id}"

    def cancel(self, run_id: str, handle: str | None) -> None:
        if handle is not None:
            self.cancelled.append(run_id)

    def poll(self, run_id: str, handle: str | None) -> WorkerState:
        assert handle is None or handle.endswith(run_id)
        return self.states.get(run_id, WorkerState.GONE)


@pytest.fixture
def fake() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
def idle_queue(settings: Settings, fake: FakeExecutor) -> RunQueue:
    return RunQueue(RunStore(settings.resolved_database_url), fake, settings)


@pytest.fixture
def light_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers start without torch; the name of a run says what they do (see light_task.py)."""
    monkeypatch.setattr(
        executor_module, "WORKER_COMMAND", (sys.executable, "-m", "tests.training.light_worker")
    )


@contextmanager
def make_queue(settings: Settings) -> Iterator[RunQueue]:
    """A queue that is not started, whose workers are ended in the end."""
    store = RunStore(settings.resolved_database_url)
    executor = LocalProcessExecutor(settings)
    made = RunQueue(store, executor, settings)
    try:
        yield made
    finally:
        made.stop()
        for run in store.running():
            executor.cancel(run.id, run.handle)
        store.close()


@pytest.fixture
def queue(settings: Settings) -> Iterator[RunQueue]:
    """Tests call ``start`` or ``step``."""
    with make_queue(settings) as made:
        yield made


def submit(queue: RunQueue, name: str = "finish", **changes: object) -> Run:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]  # tests vary the values freely
    return queue.submit(OWNER, name, "films.csv", make_upload(), config)


def wait_until(
    queue: RunQueue, run_id: str, condition: Callable[[Run], bool], *, within_s: float = PATIENCE_S
) -> Run:
    """The run as soon as it fulfils the condition; fails when that takes too long or it ends otherwise."""
    deadline = time.monotonic() + within_s
    while True:
        run = queue.store.get(run_id)
        if condition(run):
            return run
        assert run.state is not RunState.FAILED, run.error
        assert time.monotonic() < deadline, f"still {run.state}, {run.phase}"
        time.sleep(0.01)


def wait_for_state(queue: RunQueue, run_id: str, state: RunState) -> Run:
    return wait_until(queue, run_id, lambda run: run.state is state)
