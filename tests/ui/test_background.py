"""Work beside the pages: counted, stopped, failed."""

import threading

import pytest

from bert_explorer.errors import InputError
from bert_explorer.ui.background import Progress, Stopped, start_job


def test_a_job_counts_its_steps_and_keeps_its_result() -> None:
    def work(progress: Progress) -> str:
        for done in range(1, 5):
            progress(done, 8)
        return "result"

    job = start_job(("model", 4), work)
    assert job.future.result(60) == "result"
    assert (job.asked, job.done, job.total, job.share) == (("model", 4), 4, 8, 0.5)


def test_a_stopped_job_ends_at_its_next_step() -> None:
    started, release = threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        progress(1, 2)
        started.set()
        release.wait(60)
        progress(2, 2)

    job = start_job("x", work)
    assert job.share >= 0
    assert started.wait(60)
    job.stop()
    release.set()
    with pytest.raises(Stopped):
        job.future.result(60)


def test_an_error_waits_in_the_future() -> None:
    def work(_progress: Progress) -> None:
        raise InputError("too few")

    with pytest.raises(InputError, match="too few"):
        start_job("x", work).future.result(60)
