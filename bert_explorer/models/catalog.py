"""What can be opened: the bundled model, finished runs, local folders and models of the hub.

Needs neither torch nor transformers, so that a page can list models at once.
"""

import logging
from collections.abc import Collection, Iterator
from pathlib import Path

from bert_explorer.errors import HubUnreachableError, ModelError, ModelNotFoundError
from bert_explorer.models import hub
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.models.reference import ModelReference, parse_reference
from bert_explorer.results import ModelInfo
from bert_explorer.settings import BUNDLED_MODEL, Settings

logger = logging.getLogger(__name__)


def describe_model(ref: str, settings: Settings) -> ModelInfo:
    """What a model is and can do, before its weights are read.

    A hub model that is not on this disk is downloaded first. Raises ModelError and its children.
    """
    reference = parse_reference(ref)
    return inspect_folder(find_folder(reference, settings), str(reference), _name(reference))


def list_models(settings: Settings, *, run_ids: Collection[str] | None = None) -> list[ModelInfo]:
    """All models on this disk that can be opened now, the bundled one first.

    ``run_ids`` restricts the finished runs, for pages that show an owner's runs only. Broken folders
    are left out here (and logged); opening one by its reference says what is wrong with it.
    """
    models = []
    for reference, folder in _on_disk(settings, run_ids):
        try:
            models.append(inspect_folder(folder, str(reference), _name(reference)))
        except ModelError as error:
            logger.info("Left out of the list of models: %s: %s", reference, error)
    return models


def find_folder(reference: ModelReference, settings: Settings) -> Path:
    """The folder of a model, downloaded first where it is the hub's.

    Raises ModelNotFoundError, HubUnreachableError or what the hub's files deserve.
    """
    if reference.kind == "hub":
        try:
            return hub.find_snapshot(reference, settings)
        except HubUnreachableError as error:
            raise HubUnreachableError(f"{error} Available without it: {_available(settings)}.") from error
    if reference.kind == "bundled":
        folder, remedy = settings.bundled_model_path, "Install BERT Explorer again with its assets folder."
    elif reference.kind == "local":
        folder = settings.local_models_path / reference.name
        remedy = (
            f"Put the model's folder into {settings.local_models_path}. There now: {_local_names(settings)}."
        )
    else:
        folder = settings.runs_path / reference.name / "model"
        remedy = "The run may be unfinished or deleted: see the list of runs."
    if not (folder / "config.json").is_file() and (reference.kind == "run" or not folder.is_dir()):
        raise ModelNotFoundError(f"There is no model '{reference}' here. {remedy}")
    return folder


def _on_disk(settings: Settings, run_ids: Collection[str] | None) -> Iterator[tuple[ModelReference, Path]]:
    if settings.bundled_model_path.is_dir():
        yield ModelReference("bundled"), settings.bundled_model_path
    for folder in _folders(settings.local_models_path):
        yield from _named("local:" + folder.name, folder)
    for folder in _folders(settings.runs_path):
        if (folder / "model" / "config.json").is_file() and (run_ids is None or folder.name in run_ids):
            yield from _named("run:" + folder.name, folder / "model")
    yield from hub.cached_snapshots(settings)


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _named(ref: str, folder: Path) -> Iterator[tuple[ModelReference, Path]]:
    """Folders whose names are no references (a blank, a dot first) cannot be opened, so they are skipped."""
    try:
        yield parse_reference(ref), folder
    except ModelError as error:
        logger.info("Left out of the list of models: %s", error)


def _name(reference: ModelReference) -> str:
    return {"bundled": BUNDLED_MODEL, "run": f"run {reference.name}"}.get(reference.kind, reference.name)


def _available(settings: Settings) -> str:
    return ", ".join(info.ref for info in list_models(settings, run_ids=())) or "none"


def _local_names(settings: Settings) -> str:
    return ", ".join(folder.name for folder in _folders(settings.local_models_path)) or "nothing"
