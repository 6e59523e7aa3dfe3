"""What the page about a run's changes asks: the run names everything, since it never changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.errors import ModelError, RunError, RunStateError
from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import ModelInfo, ModelMoves, ProbePair
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine
    from bert_explorer.training.run import Run

Progress = Callable[[int, int], None]


def describe_base(run: "Run", describe: Callable[[str], ModelInfo | None]) -> ModelInfo:
    """The model that a finished run began from, as ``describe`` finds it.

    Raises RunError where the run has no model, or its base is gone, not to be seen, or was exchanged.
    """
    from bert_explorer.analysis.moved import check_comparable

    if run.state != "finished":
        raise RunStateError(f"The run is {run.state}. Only a finished run has a model to compare.")
    try:
        base = describe(run.config.model)
    except ModelError as error:
        raise RunError(
            f"The model that this run began from, '{run.config.model}', cannot be opened, so there is "
            f"nothing to compare the run with: {error}"
        ) from error
    if base is None:
        raise RunError(f"It is not known yet who may see '{run.config.model}'. Try again.")
    check_comparable(base, describe_model(run.ref, get_settings()))
    return base


@dataclass(frozen=True)
class MovesQuestion:
    """What did the training of this run change, on its held-out texts?"""

    run_id: str
    base: str

    def ask(self, engine: "Engine", progress: Progress | None = None) -> ModelMoves:
        from bert_explorer.analysis.moved import compute_moves
        from bert_explorer.models.cache import open_model
        from bert_explorer.models.weight_changes import compare_weights
        from bert_explorer.training.predictions import read_predictions
        from bert_explorer.training.run_folder import run_folder

        settings = get_settings()
        rows = read_predictions(run_folder(self.run_id, settings))
        before = find_folder(parse_reference(self.base), settings)
        weights = compare_weights(before, run_folder(self.run_id, settings).model, engine.info)
        texts = [row.text for row in rows]
        pairs = [row.pair or "" for row in rows] if rows and rows[0].pair is not None else None
        with open_model(self.base) as base:
            return compute_moves(base, engine, texts, pairs, weights, progress=progress)

    def code(self) -> str:
        return f"python -m bert_explorer runs moved {self.run_id} --json"


@dataclass(frozen=True)
class RunProbesQuestion:
    """What can be read off each layer of the base and of the tuned model?"""

    run_id: str
    base: str

    def ask(self, engine: "Engine", progress: Progress | None = None) -> ProbePair:
        from bert_explorer.analysis.run_probes import probe_both
        from bert_explorer.models.cache import open_model
        from bert_explorer.training.run_rows import read_run_rows
        from bert_explorer.training.store import RunStore

        settings = get_settings()
        store = RunStore(settings.resolved_database_url)
        try:
            found = read_run_rows(store.get(self.run_id), settings)
        finally:
            store.close()
        with open_model(self.base) as base:
            return probe_both(base, engine, found.task, found.rows, found.held_out, progress=progress)

    def code(self) -> str:
        return f"python -m bert_explorer runs probe {self.run_id} --json"
