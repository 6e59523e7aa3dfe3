"""One run, or one analysis of a run, in a process of its own: python -m bert_explorer.training.worker ID

The run must be in state running (an executor starts this process after claiming it). What is printed goes
to the run's worker.log. The process ends with 0 whenever the run's state says what became of it.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.executor import PARENT_VARIABLE
from bert_explorer.training.failures import explain_failure
from bert_explorer.training.job import Job
from bert_explorer.training.monitor import Heartbeat, RunCancelled, RunMonitor
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.store import RunStore

logger = logging.getLogger(__name__)

TASK_MODULES = {  # by name: they import torch, and the last one stands above this package
    "text-classification": "bert_explorer.training.text_classification",
    "multi-label": "bert_explorer.training.multi_label",
    "regression": "bert_explorer.training.regression",
    "token-classification": "bert_explorer.training.token_classification",
    "question-answering": "bert_explorer.training.question_answering",
    "masked-words": "bert_explorer.pretraining.live",
}
ANALYSES = "bert_explorer.run_analyses.work"  # by name for the same reasons
LOWER_PRIORITY = 5  # pages answer first; at 10, a busy computer would hardly train at all
AUTOGROUP = Path("/proc/self/autogroup")
ORPHANED = "The program that started this run has ended. Resume it: it goes on from its last checkpoint."
ANALYSIS_ORPHANED = "The program that started this measurement has ended. Measure again."


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    if len(arguments) != 1:
        print("usage: python -m bert_explorer.training.worker ID", file=sys.stderr)  # noqa: T201
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _step_back()
    settings = get_settings()
    store = RunStore(settings.resolved_database_url)
    run = store.get(arguments[0])
    if run.state is not RunState.RUNNING:
        logger.warning("Run %s is %s; nothing to do", run.id, run.state)
        return 0
    work(run, store, settings)
    return 0


def _step_back() -> None:
    """Pages answer first.

    Linux shares processors among sessions before it looks at a process's own priority, and a worker leads a
    session of its own: there the priority of the session counts as well.
    """
    os.nice(LOWER_PRIORITY)
    with contextlib.suppress(OSError):  # no such file on other systems, or without this scheduling
        AUTOGROUP.write_text(str(2 * LOWER_PRIORITY), encoding="ascii")


def work(run: Run, store: RunStore, settings: Settings) -> None:
    """Trains the run, or makes the analysis, and writes what became of it into the store."""
    orphaned = ANALYSIS_ORPHANED if run.is_analysis else ORPHANED
    heartbeat = Heartbeat(
        store,
        run.id,
        parent=int(os.environ[PARENT_VARIABLE]) if PARENT_VARIABLE in os.environ else None,
        on_orphaned=lambda: store.mark_interrupted(run.id, orphaned),
    )
    heartbeat.start()
    folder = run_folder(run.id, settings)
    folder.discard_model()  # of an attempt that was interrupted between saving and saying so
    end: Callable[[], bool]
    try:
        metrics = _work_on(Job(run, folder, settings, RunMonitor(store, run.id)))
    except RunCancelled:
        logger.info("Asked to stop")
        folder.discard_model()  # before the state says that there is none
        end = partial(store.mark_cancelled, run.id)
    except Exception as error:
        logger.exception("The run failed")
        folder.discard_model()
        end = partial(store.fail, run.id, explain_failure(error, of_analysis=run.is_analysis))
    else:
        end = partial(store.finish, run.id, metrics)
    heartbeat.stop()
    if not end():
        logger.warning("The run was no longer running when it came to its end")
        folder.discard_model()
    folder.discard_checkpoints()


def _work_on(job: Job) -> dict[str, Any]:
    job.monitor.enter("starting", progress=0.0)
    _set_up_torch(job.settings)
    is_analysis, task = job.run.is_analysis, job.run.config.task
    metrics: dict[str, Any] = (import_module(ANALYSES).measure if is_analysis else load_task(task))(job)
    job.monitor.check()
    return metrics


def load_task(name: str) -> Callable[[Job], dict[str, Any]]:
    """What trains runs of this task."""
    fine_tune: Callable[[Job], dict[str, Any]] = import_module(TASK_MODULES[name]).fine_tune
    return fine_tune


def _set_up_torch(settings: Settings) -> None:
    """Imported here, so that heartbeats begin before these seconds."""
    import torch
    import transformers

    torch.set_flush_denormal(True)  # training wanders through tiny numbers, which cost a CPU dearly
    if settings.num_threads:
        torch.set_num_threads(settings.num_threads)
    transformers.logging.set_verbosity_warning()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # bars clutter the log


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
