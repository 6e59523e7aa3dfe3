"""A finished model leaves the program: as a folder, or as one zip file.

Both open with plain transformers, without this project, and hold what ``belongings`` adds.
"""

import json
import secrets
import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from bert_explorer.errors import RunError, RunStateError
from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.belongings import CARD, MANIFEST, add_belongings, describe
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import RunFolder, run_folder

ZIP_NAME = "export.zip"


def export_folder(run: Run, target: Path, settings: Settings | None = None) -> Path:
    """Copies the model of a finished run to ``target``, which must be new or empty; returns it."""
    folder = finished_folder(run, settings)
    check_empty(target)
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder.model, unfinished)
        add_belongings(run, unfinished)
        if target.exists():
            target.rmdir()
        unfinished.rename(target)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise RunError(f"The model cannot be written to {target}: {error.strerror or error}.") from error
    return target


def export_zip(run: Run, settings: Settings | None = None) -> Path:
    """A zip file of the model, in the folder of the run, made anew where the run was renamed since.

    It holds one folder, named by the id of the run. Nothing is compressed: weights hardly shrink.
    """
    folder = finished_folder(run, settings)
    target = folder.path / ZIP_NAME
    if target.is_file() and _described_in(target, run) == describe(run):
        return target
    unfinished = folder.path / f"{ZIP_NAME}.{secrets.token_hex(4)}.unfinished"
    try:
        with TemporaryDirectory(dir=folder.path) as place, zipfile.ZipFile(unfinished, "w") as archive:
            added = Path(place)
            if (folder.model / CARD).is_file():
                shutil.copy(folder.model / CARD, added)
            add_belongings(run, added)
            files = {path.relative_to(folder.model): path for path in folder.model.rglob("*")}
            files |= {path.relative_to(added): path for path in added.iterdir()}
            for name, path in sorted(files.items()):
                archive.write(path, _top(run) / name)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise RunError(f"The zip file cannot be written to {folder.path}: {error.strerror}.") from error
    return target


def _top(run: Run) -> str:
    return f"bert-explorer-{run.id}"


def _described_in(archive_path: Path, run: Run) -> object:
    """What a zip file made earlier says of the run; None where it says nothing."""
    try:
        with zipfile.ZipFile(archive_path) as archive:
            return json.loads(archive.read(f"{_top(run)}/{MANIFEST}"))
    except (KeyError, ValueError, zipfile.BadZipFile):
        return None


def check_empty(target: Path) -> None:
    """Raises RunError for anything that an export could overwrite."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RunError(f"{target} exists already. Name a folder that does not, or an empty one.")


def finished_folder(run: Run, settings: Settings | None) -> RunFolder:
    """The folder of a run that has a model. Raises RunStateError or RunError where it has none."""
    if run.state is not RunState.FINISHED:
        raise RunStateError(f"The run is {run.state}. Only a finished run has a model to export.")
    folder = run_folder(run.id, settings or get_settings())
    if not folder.model.is_dir():
        raise RunError(f"The model of run {run.id} is no longer in {folder.path}.")
    return folder
