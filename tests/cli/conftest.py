"""Runs command lines in this process, and reads what they wrote."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bert_explorer.cli import main
from bert_explorer.training import queue as queue_module
from bert_explorer.training.queue import RunQueue
from tests.training.inline_executor import InlineExecutor


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What is on stdout; fails unless it is exactly one JSON value."""
        assert self.status == 0, self.err
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("fill-mask", text, "--json")`` as ``python -m bert_explorer`` would."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Outcome(status, written.out, written.err)

    return call


def train_inline(patch: pytest.MonkeyPatch) -> None:
    """From now on commands train in this process, through queue and store as ever."""
    patch.setattr(queue_module, "LocalProcessExecutor", InlineExecutor)
    patch.setattr(RunQueue, "start", lambda queue, **_: queue.step())  # no thread of it stays behind


def assert_one_line_error(outcome: Outcome, status: int, *parts: str) -> None:
    """The promise to scripts: nothing on stdout, one line on stderr, the status."""
    assert outcome.status == status
    assert outcome.out == ""
    assert outcome.err.startswith("Error: ")
    assert outcome.err.count("\n") == 1
    for part in parts:
        assert part in outcome.err
