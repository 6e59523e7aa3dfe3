"""A finished model as ONNX, which programs without torch or Python read: as a folder, or as one zip file.

model.onnx takes what the tokenizer gives (input_ids, attention_mask, for most models token_type_ids; each
(batch, length)) and gives ``logits``, or ``start_logits`` and ``end_logits`` for answers in a text. It is
made once, in a process of its own, and refused where it does not give the model's own numbers (onnx_worker).
"""

import secrets
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from bert_explorer.errors import RunError
from bert_explorer.settings import Settings, get_settings
from bert_explorer.training.config import MASKED_WORDS
from bert_explorer.training.executor import worker_environment
from bert_explorer.training.export import check_empty, finished_folder
from bert_explorer.training.run import Run

MODULE = "bert_explorer.training.onnx_worker"
ONNX_FILE = "model.onnx"
ZIP_NAME = "onnx.zip"
BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json", "README.md")
LIMIT_S = 900.0


def export_onnx_folder(run: Run, target: Path, settings: Settings | None = None) -> Path:
    """Writes model.onnx, its tokenizer and labels to ``target``, which must be new or empty; returns it."""
    settings = settings or get_settings()
    check_empty(target)
    files = [_make_onnx(run, settings), *_beside(run, settings)]
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in files:
            shutil.copy(path, target)
    except OSError as error:
        raise RunError(f"The model cannot be written to {target}: {error.strerror or error}.") from error
    return target


def export_onnx_zip(run: Run, settings: Settings | None = None) -> Path:
    """The same as one zip file in the folder of the run, made once: a finished model does not change."""
    settings = settings or get_settings()
    folder = finished_folder(run, settings)
    target = folder.path / ZIP_NAME
    if target.is_file():
        return target
    model = _make_onnx(run, settings)
    unfinished = folder.path / f"{ZIP_NAME}.{secrets.token_hex(4)}.unfinished"
    try:
        with zipfile.ZipFile(unfinished, "w") as archive:
            for path in (model, *_beside(run, settings)):
                archive.write(path, f"bert-explorer-{run.id}-onnx/{path.name}")
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise RunError(f"The zip file cannot be written to {folder.path}: {error.strerror}.") from error
    return target


def _make_onnx(run: Run, settings: Settings) -> Path:
    folder = finished_folder(run, settings)
    if run.config.task == MASKED_WORDS:
        raise RunError("A pretrained model has no task yet. Fine-tune it, and export that model as ONNX.")
    target = folder.path / ONNX_FILE
    if target.is_file():
        return target
    unfinished = folder.path / f"{secrets.token_hex(4)}.{ONNX_FILE}"
    command = [sys.executable, "-m", MODULE, str(folder.model), str(unfinished)]
    try:
        subprocess.run(
            command,
            env=worker_environment(settings),
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT_S,
        )
        if Path(f"{unfinished}.data").exists():
            raise RunError("This model is too large for one ONNX file (1.5 GB). Download the folder instead.")
        unfinished.replace(target)
    except subprocess.TimeoutExpired as error:
        raise RunError(f"Writing the model as ONNX took more than {LIMIT_S / 60:.0f} minutes.") from error
    except subprocess.CalledProcessError as error:
        lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
        reason = lines[-1][:200] if lines else f"its process ended with status {error.returncode}"
        raise RunError(f"This model cannot be written as ONNX: {reason}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
        Path(f"{unfinished}.data").unlink(missing_ok=True)
    return target


def _beside(run: Run, settings: Settings) -> list[Path]:
    model = finished_folder(run, settings).model
    return [model / name for name in BESIDE if (model / name).is_file()]
