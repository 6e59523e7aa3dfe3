"""What a task is given to train one run."""

from dataclasses import dataclass

from bert_explorer.settings import Settings
from bert_explorer.training.monitor import RunMonitor
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import RunFolder


@dataclass(frozen=True)
class Job:
    """A claimed run, its place on the disk, and its line to the store."""

    run: Run
    folder: RunFolder
    settings: Settings
    monitor: RunMonitor
