"""Measures what was asked of a run and keeps the answer: in the queue's worker, or where a command runs."""

import time
from typing import Any

from bert_explorer.errors import RunNotFoundError
from bert_explorer.models.cache import open_model
from bert_explorer.run_analyses.kept import Measured, keep_answer, rests_on
from bert_explorer.run_analyses.questions import Progress, RunQuestion, read_question
from bert_explorer.settings import Settings
from bert_explorer.training.job import Job
from bert_explorer.training.monitor import RunMonitor
from bert_explorer.training.store import RunStore


def measure(job: Job) -> dict[str, Any]:
    """What the worker does for an analysis (see training.worker). Its answer is a file, not figures."""
    subject, asked = job.run.subject, job.run.question
    if subject is None or asked is None:
        raise RunNotFoundError(f"'{job.run.id}' asks nothing of a run.")
    store = RunStore(job.settings.resolved_database_url)
    try:
        run = store.get(subject)
    finally:
        store.close()
    job.monitor.enter("reading the model", progress=0.0)
    measure_and_keep(run.id, read_question(asked), job.settings, _make_progress(job.monitor))
    return {}


def measure_and_keep(run_id: str, question: RunQuestion, settings: Settings, progress: Progress) -> Any:
    """The answer, which lies in the folder of the run from now on. Raises OSError where it cannot."""
    measured = measure_now(run_id, question, settings, progress)
    keep_answer(run_id, question, measured, settings)
    return measured.answer


def measure_now(run_id: str, question: RunQuestion, settings: Settings, progress: Progress) -> Measured:
    """The answer, kept nowhere yet."""
    before, started_at = rests_on(question, settings), time.monotonic()
    with open_model(f"run:{run_id}") as engine:
        answer = question.measure(engine, run_id, settings, progress)
    return Measured(answer, before, time.monotonic() - started_at)


def _make_progress(monitor: RunMonitor) -> Progress:
    """Reports to the store, and ends the work where somebody asked to."""
    started_at: float | None = None
    first_done = 0  # what was done before the clock began

    def tell(done: int, total: int) -> None:
        nonlocal started_at, first_done
        if started_at is None:
            started_at, first_done = time.monotonic(), done
            monitor.enter("measuring", progress=done / total)
            return
        monitor.check()
        elapsed_s = time.monotonic() - started_at
        monitor.advance(done / total, elapsed_s / max(1, done - first_done) * (total - done))

    return tell
