"""What an analysis of a finished run reads: its held-out rows, and the model that it began from."""

from collections.abc import Callable
from dataclasses import replace

from bert_explorer.analysis.moved import check_comparable
from bert_explorer.errors import ModelError, RunError, RunStateError
from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import ModelInfo
from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.config import FROM_NOTHING
from bert_explorer.training.predictions import HeldOutRow, read_predictions
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder

Text = tuple[str, str | None]  # a text, and its second text


def held_out_rows(run_id: str, settings: Settings) -> tuple[HeldOutRow, ...]:
    """In the order of the file. Raises RunError for a run without."""
    return read_predictions(run_folder(run_id, settings))


def held_out_texts(run_id: str, settings: Settings, limit: int | None = None) -> list[Text]:
    """The first ``limit`` of them. Raises RunError for a run without."""
    return [(row.text, row.pair) for row in held_out_rows(run_id, settings)[:limit]]


def describe_base(run: Run, describe: Callable[[str], ModelInfo | None]) -> ModelInfo:
    """The model that a finished run began from, as ``describe`` finds it.

    Raises RunError where the run has no model, or its base is gone, not to be seen, or was exchanged.
    """
    if run.state != "finished":
        raise RunStateError(f"The run is {run.state}. Only a finished run has a model to compare.")
    if run.config.model == FROM_NOTHING:
        raise RunError("This model began from nothing: there is none before it to compare it with.")
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


def pin_base(ref: str, settings: Settings) -> str:
    """The reference of a base for a question: of a model of the hub, with the commit that is read here.

    Each process asks the hub anew what an id means: without the commit, the worker might read other files.
    """
    reference = parse_reference(ref)
    if reference.kind != "hub":
        return ref
    return str(replace(reference, revision=find_folder(reference, settings).name))
