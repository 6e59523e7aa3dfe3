"""Runs trained in the process of the test, through queue and store as ever: a process costs seconds a run."""

import torch

from bert_explorer.settings import Settings
from bert_explorer.training import worker
from bert_explorer.training.executor import WorkerState
from bert_explorer.training.store import RunStore


class InlineExecutor:
    """``submit`` returns when the run has ended: give it to a queue that is stepped and not started."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, run_id: str) -> str:
        store = RunStore(self._settings.resolved_database_url)
        before = torch.get_num_threads()
        try:
            worker.work(store.get(run_id), store, self._settings)
        finally:
            torch.set_num_threads(before)
            torch.set_flush_denormal(False)  # a worker sets it, and leaves the process
            store.close()
        return f"inline:{run_id}"

    def cancel(self, run_id: str, handle: str | None) -> None:
        """Nothing of it goes on."""

    def poll(self, run_id: str, handle: str | None) -> WorkerState:  # noqa: ARG002 - the protocol's signature
        """Whoever asks does so while it trains: in another thread."""
        return WorkerState.ALIVE
