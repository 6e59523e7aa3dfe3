"""An exported model comes back: a zip file, which may come from anybody, becomes a finished run.

Nothing in it is believed. Only files that an export writes are unpacked, each under its bare name; pickles,
code, paths that lead elsewhere, links and archives that unpack to more than allowed are refused by name.
predict.py is left in the zip. The folder is then inspected as every model is before transformers sees it.
"""

import io
import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from bert_explorer.errors import BertExplorerError, DataError, UnsafeModelError
from bert_explorer.models.hub import TOKENIZER_FILES
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.results import Capability
from bert_explorer.settings import MB, Settings
from bert_explorer.training.belongings import CARD, MANIFEST, SCRIPT
from bert_explorer.training.manifest import Imported, read_manifest
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, new_run_id
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.task_names import task_of

MODEL_FILES = frozenset(
    {"config.json", "model.safetensors", *TOKENIZER_FILES, "spiece.model", "sentencepiece.bpe.model", CARD}
)
LEFT_IN_THE_ZIP = frozenset({SCRIPT, MANIFEST})
HEADS = {
    "token-classification": Capability.TOKEN_CLASSIFICATION,
    "question-answering": Capability.QUESTION_ANSWERING,
}
MAX_FILES = 40
MAX_SMALL_BYTES = 50 * MB  # of every file but the weights
CHUNK_BYTES = 1_000_000
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def import_run(owner: str, filename: str, content: bytes, queue: RunQueue) -> Run:
    """The run that the zip file becomes, its owner's alone. Raises DataError or ModelError."""
    settings = queue.settings
    settings.runs_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = Path(tempfile.mkdtemp(prefix=".import-", dir=settings.runs_path))
    try:
        imported = _unpack(content, place / "model", settings)
        _check_model(place / "model", imported)
        run_id = new_run_id()
        place.rename(run_folder(run_id, settings).path)
        place = run_folder(run_id, settings).path
        queue.shelf.add_imported(
            run_id=run_id, owner=owner, name=imported.name, filename=filename, imported=imported
        )
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return queue.store.get(run_id)


def _unpack(content: bytes, target: Path, settings: Settings) -> Imported:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _check_entries(archive.infolist(), settings.max_import_bytes)
            if MANIFEST not in files:
                raise DataError(
                    f"The zip file has no {MANIFEST}, so it was not exported by BERT Explorer. To open "
                    f"another model, unpack its folder into {settings.local_models_path}."
                )
            imported = read_manifest(_read_small(archive, files[MANIFEST]))
            target.mkdir()
            for name in sorted(files.keys() - LEFT_IN_THE_ZIP):
                _copy(archive, files[name], target / name)
    except BertExplorerError:
        raise
    except UNREADABLE as error:
        raise DataError("This is not a whole zip file. Download or export it again.") from error
    return imported


def _check_entries(entries: list[zipfile.ZipInfo], max_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """Entries by their bare names, once each is known to be a file that an export writes."""
    if len(entries) > MAX_FILES:
        raise DataError(
            f"The zip file has {len(entries):,} files; an exported model has at most {MAX_FILES}."
        )
    total = sum(entry.file_size for entry in entries)
    if total > max_bytes:
        raise DataError(
            f"The zip file unpacks to {total / MB:,.0f} MB; at most {max_bytes / MB:,.0f} MB are unpacked. "
            "Raise BERT_EXPLORER_MAX_IMPORT_BYTES if you trust it."
        )
    files: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.is_dir():
            continue
        name = _bare_name(entry)
        if name in files:
            raise UnsafeModelError(f"The zip file has '{name}' twice. Export the model again.")
        if name != "model.safetensors" and entry.file_size > MAX_SMALL_BYTES:
            raise DataError(f"'{name}' unpacks to {entry.file_size / MB:,.0f} MB, which no export writes.")
        files[name] = entry
    return files


def _bare_name(entry: zipfile.ZipInfo) -> str:
    """The file's name without its one folder. Raises UnsafeModelError for what an export never holds."""
    path = PurePosixPath(entry.filename)
    leads_elsewhere = (
        path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename
    )
    if leads_elsewhere or len(path.parts) > 2:
        raise UnsafeModelError(f"The zip file holds '{entry.filename}', a path that leads elsewhere.")
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
        raise UnsafeModelError(f"The zip file holds '{entry.filename}', which is a link and not a file.")
    if entry.flag_bits & 0x1:
        raise DataError(
            f"'{entry.filename}' in the zip file is encrypted. Export the model without a password."
        )
    if path.name not in MODEL_FILES | LEFT_IN_THE_ZIP:
        raise UnsafeModelError(
            f"The zip file holds '{path.name}', which no export writes: weights are safetensors here, and "
            "other files could run code when they are opened."
        )
    return path.name


def _read_small(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as source:
        return source.read(MAX_SMALL_BYTES)


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Never more bytes than the entry declares, which is what was added up before."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("wb") as file:
        while chunk := source.read(min(CHUNK_BYTES, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise DataError(
                    f"'{entry.filename}' unpacks to more than it declares. Export the model again."
                )
            file.write(chunk)


def _check_model(folder: Path, imported: Imported) -> None:
    info = inspect_folder(folder, "run:imported", imported.name)
    task = imported.config.task
    has_head = HEADS.get(task, Capability.SEQUENCE_CLASSIFICATION) in info.capabilities
    if not has_head or task_of(info) != task:
        raise DataError(
            f"The model in the zip file is not for {task}, as its {MANIFEST} says. Export it again."
        )
    if task != "question-answering" and info.labels != imported.labels:
        raise DataError(
            f"The model in the zip file does not have the labels that its {MANIFEST} names. Export it again."
        )
