"""What is said to somebody who waits for the queue."""

import pytest

from bert_explorer.training.queue import RunQueue
from bert_explorer.ui import waiting
from bert_explorer.ui.waiting import describe_waiting
from tests.training.conftest import FakeExecutor, fake, idle_queue, submit

__all__ = ["FakeExecutor", "fake", "idle_queue"]


def test_a_run_whose_turn_just_came_does_not_wait_for_itself(
    idle_queue: RunQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "get_run_queue", lambda: idle_queue)
    first, second = submit(idle_queue), submit(idle_queue)
    assert describe_waiting(first) == "Starting"
    assert describe_waiting(second).startswith("Waiting for one other run")
    idle_queue.step()
    assert describe_waiting(first) == "Starting", "it was read before it was claimed"
    assert describe_waiting(second).startswith("Waiting for one other run")
