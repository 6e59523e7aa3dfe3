"""Requests on their way: each with its future and deadline, in a bounded line before one worker."""

import threading
import time
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from bert_explorer.errors import BertExplorerError, BusyError, DeadlineError, QueueFullError
from bert_explorer.models.requests import AnyRequest
from bert_explorer.models.tokenization import EncodedText, EncodedTexts


@dataclass(eq=False)
class Job:
    """One request and who waits for it. ``deadline`` is a time of the monotonic clock."""

    request: AnyRequest
    deadline: float
    future: "Future[Any]" = field(default_factory=Future)
    encoded: EncodedText | EncodedTexts | None = None

    @property
    def expired(self) -> bool:
        return time.monotonic() > self.deadline


class JobQueue:
    """The jobs of one engine in the order of their arrival. Thread-safe.

    The worker looks at all waiting jobs, takes some out, and says when they are done; a job counts as
    waiting, and takes one of ``limit`` places, until it is taken out.
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._waiting: dict[Job, None] = {}  # in order
        self._num_running = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def idle(self) -> bool:
        with self._changed:
            return not self._waiting and self._num_running == 0

    def put(self, job: Job, *, wait: bool = False) -> None:
        """Add a job.

        A full queue raises QueueFullError at once, or DeadlineError at the job's deadline where the caller
        would rather ``wait``. A closed one raises BusyError.
        """
        with self._changed:
            while wait and self._is_full() and not job.expired:
                self._changed.wait(max(0.0, job.deadline - time.monotonic()))
            if self._closed:
                raise BusyError(f"'{self._name}' was just closed to make room. Ask again.")
            if self._is_full():
                if wait:
                    raise DeadlineError(
                        f"No place became free in the queue of '{self._name}'. Try again later."
                    )
                raise QueueFullError(
                    f"{self._limit} requests are waiting for '{self._name}', which is the limit. "
                    "Try again in a moment."
                )
            self._waiting[job] = None
            self._changed.notify_all()

    def wait_for_jobs(self) -> list[Job]:
        """All waiting jobs, oldest first, as soon as there is one; none once the queue is closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return list(self._waiting)

    def take(self, jobs: Collection[Job]) -> list[Job]:
        """Move jobs from waiting to running; those that were still waiting are the caller's to answer."""
        with self._changed:
            taken = [job for job in jobs if job in self._waiting]
            for job in taken:
                del self._waiting[job]
            self._num_running += len(taken)
            self._changed.notify_all()
            return taken

    def done(self, jobs: Collection[Job]) -> None:
        """Running jobs have their answers."""
        with self._changed:
            self._num_running -= len(jobs)

    def close(self) -> None:
        """Refuse new jobs and fail the waiting ones."""
        with self._changed:
            self._closed = True
            jobs, self._waiting = list(self._waiting), {}
            self._changed.notify_all()
        for job in jobs:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(BusyError(f"'{self._name}' was closed before this was answered."))

    def _is_full(self) -> bool:
        return len(self._waiting) >= self._limit and not self._closed


def deadline_error(name: str, deadline_s: float) -> BertExplorerError:
    """For a request of which the answer did not come in time."""
    return DeadlineError(
        f"'{name}' did not answer within {deadline_s:g} s: many requests are waiting, or this one is large. "
        "Try again later, or ask for less at once."
    )
