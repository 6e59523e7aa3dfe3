"""Work of minutes beside the pages: a thread of its own, progress to look at, and a way to stop it.

A session has one such job at a time. It goes on while its reader looks at other pages, and ends when it is
stopped, done, or another one is started. Such jobs only ask engines, which are shared and bounded; what must
outlive the server (a training) goes through the run queue instead.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Generic, TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
MAX_JOBS = 2  # at a time in this process; others wait

_threads = ThreadPoolExecutor(max_workers=MAX_JOBS, thread_name_prefix="background")


class Stopped(Exception):
    """Not an error: the reader stopped the job."""


@dataclass(eq=False)
class BackgroundJob(Generic[T]):
    """``asked`` names what is computed; ``done`` of ``total`` steps are over."""

    asked: Hashable
    done: int = 0
    total: int = 0
    future: "Future[T]" = field(default_factory=Future)
    stopping: Event = field(default_factory=Event)

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0

    def stop(self) -> None:
        """End at the next step. Harmless when it is over."""
        self.stopping.set()
        self.future.cancel()

    def step(self, done: int, total: int) -> None:
        """For the work to call: counts, and raises Stopped where the job is to end."""
        self.done, self.total = done, total
        if self.stopping.is_set():
            raise Stopped


def start_job(asked: Hashable, work: Callable[[Progress], T]) -> BackgroundJob[T]:
    """Start ``work(progress)`` in the background; its result or error is in the job's future."""
    job: BackgroundJob[T] = BackgroundJob(asked)
    job.future = _threads.submit(lambda: work(job.step))
    return job
