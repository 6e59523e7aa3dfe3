"""The artefacts of one run on the disk.

runs/ID/
    upload.csv          the user's file, byte for byte
    worker.log          what the worker printed, tracebacks included
    worker.lock         locked for as long as a worker process lives; of an analysis these two are all
    checkpoints/        of the Trainer, only while the run may go on
    predictions.json    the held-out rows and what the model says about them
    film.npz            moments of the training, where they were recorded
    baseline.json       what the frozen starting model reaches, once somebody asked
    cloze.json          of a pretraining: the answers to the reader's own sentences at every evaluation
    analyses/           what was measured of the finished model, one JSON file a question
    model/              the finished model, a normal Hugging Face folder; there or not there, never half
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from bert_explorer.errors import RunError
from bert_explorer.settings import Settings

CHECKPOINT_PREFIX = "checkpoint-"
CHECKPOINT_STATE = "trainer_state.json"  # the Trainer writes it last: without it a checkpoint is incomplete


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run. ``path`` may not exist yet."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "worker.log"

    @property
    def lock(self) -> Path:
        return self.path / "worker.lock"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.json"

    @property
    def film(self) -> Path:
        return self.path / "film.npz"

    @property
    def baseline(self) -> Path:
        return self.path / "baseline.json"

    @property
    def cloze(self) -> Path:
        return self.path / "cloze.json"

    @property
    def analyses(self) -> Path:
        return self.path / "analyses"

    @property
    def model(self) -> Path:
        return self.path / "model"

    def keep_upload(self, filename: str, content: bytes) -> None:
        """Makes the folder, for this user's eyes only, and keeps the file on the disk for certain."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.mkdir(mode=0o700)
        upload = self.path / f"upload{PurePath(filename).suffix.lower()}"
        with upload.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self.path)
        _sync_folder(self.path.parent)

    def read_upload(self) -> bytes:
        """The user's file. Raises RunError where it is gone."""
        found = sorted(self.path.glob("upload.*"))
        if not found:
            raise RunError(f"The uploaded file is no longer in {self.path}. Upload it again as a new run.")
        return found[0].read_bytes()

    def hash_upload(self) -> str:
        """SHA-256 of the user's file in hex: names the training data for certain, and tells nothing of it."""
        return hashlib.sha256(self.read_upload()).hexdigest()

    def last_checkpoint(self) -> Path | None:
        """The newest checkpoint that was written to its end."""
        complete = [path for path in self.checkpoints.glob(CHECKPOINT_PREFIX + "*") if _is_complete(path)]
        return max(complete, key=lambda path: int(path.name.removeprefix(CHECKPOINT_PREFIX)), default=None)

    def publish_model(self, write: Callable[[Path], None]) -> None:
        """Lets ``write`` fill a temporary folder, then makes it ``model`` in one step."""
        unfinished = self.path / "model.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        write(unfinished)
        for path in sorted(unfinished.rglob("*")):
            _sync_file(path) if path.is_file() else _sync_folder(path)
        _sync_folder(unfinished)
        shutil.rmtree(self.model, ignore_errors=True)
        unfinished.rename(self.model)
        _sync_folder(self.path)

    def discard_model(self) -> None:
        """Removes a model, whole or half, of a run that did not get to its end."""
        shutil.rmtree(self.model, ignore_errors=True)
        shutil.rmtree(self.path / "model.unfinished", ignore_errors=True)

    def discard_checkpoints(self) -> None:
        shutil.rmtree(self.checkpoints, ignore_errors=True)


def run_folder(run_id: str, settings: Settings) -> RunFolder:
    return RunFolder(settings.runs_path / run_id)


def _is_complete(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / CHECKPOINT_STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return checkpoint.name.removeprefix(CHECKPOINT_PREFIX).isdigit()


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """A new name in a folder is only safe from a power cut once the folder itself is flushed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
