"""What a run is: its states, and the frozen picture of it that the store gives out.

    queued -> running -> finished
      |          |-----> failed
      |          |-----> interrupted -> queued (resume)
      +----------+-----> cancelled

finished, failed and cancelled are final. interrupted is what became of a run whose process ended
without a word (power cut, restart, kill); the only way out of it is to resume the run, or delete it.

An analysis of a finished run goes through the same states; it is no run to anybody but the queue.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bert_explorer.training.config import FineTuneConfig

CLI_OWNER = "cli"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        return self in (RunState.FINISHED, RunState.CANCELLED, RunState.FAILED)

    @property
    def is_active(self) -> bool:
        """Waiting or at work: something will still happen without anybody asking."""
        return self in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True)
class Run:
    """A fine-tuning run as it was when it was read. Times are UTC.

    ``owner`` is the hash of the owner's secret (see ``hash_owner``). ``phase`` says in a few words what
    the worker is doing. ``metrics`` is filled when the run has finished (see metrics.py). ``handle``
    is the executor's name for the worker process. Of an analysis, ``subject`` is the id of the run that is
    looked into, ``question`` what is asked of it, and ``config`` that run's.
    """

    id: str
    owner: str
    name: str
    state: RunState
    config: FineTuneConfig
    filename: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    heartbeat_at: datetime | None
    progress: float  # 0 to 1
    eta_s: float | None
    phase: str
    error: str | None
    metrics: dict[str, Any] | None
    labels: tuple[str, ...]
    shared: bool
    cancel_requested_at: datetime | None
    handle: str | None
    note: str = ""
    tags: tuple[str, ...] = ()
    deleted_at: datetime | None = None
    subject: str | None = None
    question: str | None = None

    @property
    def is_analysis(self) -> bool:
        return self.question is not None

    @property
    def ref(self) -> str:
        """How the model layer calls the model of this run."""
        return f"run:{self.id}"

    def belongs_to(self, owner: str) -> bool:
        """True for the secret of the browser (or ``cli``) that made the run."""
        return self.owner == hash_owner(owner)


@dataclass(frozen=True)
class LogLine:
    """One line of a run's story, fit to show to its owner."""

    at: datetime
    text: str


def hash_owner(owner: str) -> str:
    """The database must not hold the secret itself: whoever reads it could pose as the owner."""
    return hashlib.sha256(f"bert-explorer-owner:{owner}".encode()).hexdigest()


def new_run_id() -> str:
    """12 random hex digits."""
    return secrets.token_hex(6)
