"""A run trained in the process of the test, without queue or worker: quick, for what a task computes."""

from dataclasses import dataclass
from typing import Any

import torch

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.job import Job
from bert_explorer.training.monitor import RunMonitor
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import RunFolder, run_folder
from bert_explorer.training.store import RunStore
from bert_explorer.training.worker import load_task

OWNER = "tests"


@dataclass(frozen=True)
class Trained:
    """What a run has left behind."""

    run: Run
    folder: RunFolder
    metrics: dict[str, Any]
    curve: tuple[TrainingMetric, ...]
    log: tuple[str, ...]

    def values(self, name: str) -> list[float]:
        """One metric, step by step."""
        return [metric.value for metric in self.curve if metric.name == name]


def train_here(
    settings: Settings, filename: str, content: bytes, config: FineTuneConfig, owner: str = OWNER
) -> Trained:
    """Trains on one thread, as a worker does."""
    store = RunStore(settings.resolved_database_url)
    created = store.create(owner=owner, name="here", filename=filename, config=config)
    folder = run_folder(created.id, settings)
    folder.keep_upload(filename, content)
    run = store.claim_next(1, only=created.id)
    assert run is not None
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        metrics = load_task(config.task)(Job(run, folder, settings, RunMonitor(store, run.id)))
    finally:
        torch.set_num_threads(before)
    store.finish(run.id, metrics)
    log = tuple(line.text for line in store.log_lines(run.id))
    trained = Trained(store.get(run.id), folder, metrics, store.metrics(run.id), log)
    store.close()
    return trained
