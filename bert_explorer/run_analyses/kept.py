"""Answers about a finished run, kept in its folder: whoever may see the run finds them at once.

    runs/ID/analyses/NAME-HASH.json   the question, what its answer rests on, and the answer

A file is JSON of plain values, never a pickle. It goes where its run goes: into the bin and out of it, and is
removed with it. It never leaves in an export, since answers hold texts of whoever trained.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bert_explorer import results
from bert_explorer.json_values import from_json, to_json
from bert_explorer.run_analyses.questions import RunQuestion, write_question
from bert_explorer.settings import Settings
from bert_explorer.training.run_folder import run_folder

MAX_KEPT = 40  # answers of one run; the oldest goes


@dataclass(frozen=True)
class Kept:
    """An answer and when it was found; ``answer`` is None where it does not hold any more."""

    answer: Any
    measured_at: datetime
    elapsed_s: float


@dataclass(frozen=True)
class Measured:
    """An answer just found, what it rests on (see rests_on, asked before the work), and how long it took."""

    answer: Any
    rests_on: list[Any]
    elapsed_s: float


def keep_answer(run_id: str, question: RunQuestion, measured: Measured, settings: Settings) -> None:
    """Writes the file in one step. Raises OSError where the disk is full or the run is gone."""
    path = _path(run_id, question, settings)
    content = {
        "question": write_question(question),
        "rests_on": measured.rests_on,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "elapsed_s": measured.elapsed_s,
        "answer": to_json(measured.answer),
    }
    path.parent.mkdir(exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    try:
        unfinished.write_text(json.dumps(content), encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _forget_oldest(path.parent)


def find_kept(run_id: str, question: RunQuestion, settings: Settings) -> Kept | None:
    """The answer to just this question, None where there is none that can be read.

    It does not hold any more where a file that it rests on was exchanged, or another version measured it.
    """
    try:
        content = json.loads(_path(run_id, question, settings).read_text(encoding="utf-8"))
        if content["question"] != write_question(question):
            return None
        measured_at = datetime.fromisoformat(content["measured_at"])
        holds = content["rests_on"] == rests_on(question, settings)
        answer = from_json(content["answer"], (results,)) if holds else None
        kept = Kept(answer, measured_at, float(content["elapsed_s"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kept if not holds or isinstance(answer, question.ANSWER) else None


def rests_on(question: RunQuestion, settings: Settings) -> list[Any]:
    """What makes an answer old when it changes: how it is measured, and files beside the run.

    The run itself is left out, since a finished run never changes.
    """
    return [question.VERSION, *map(list, question.files(settings))]


def _path(run_id: str, question: RunQuestion, settings: Settings) -> Path:
    digest = hashlib.sha256(write_question(question).encode()).hexdigest()[:12]
    return run_folder(run_id, settings).analyses / f"{question.NAME}-{digest}.json"


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-MAX_KEPT]:
        path.unlink(missing_ok=True)
