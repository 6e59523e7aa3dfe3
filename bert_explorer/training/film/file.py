"""A film as one npz file: arrays, and what they are about as JSON."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bert_explorer.errors import RunError
from bert_explorer.results import FilmItem, TrainingFilm

VERSION = 1
ARRAYS = ("steps", "epochs", "vectors", "answers", "rights", "weight_changes", "head_changes")


def write_film(path: Path, film: TrainingFilm) -> None:
    """Replaces the file in one step."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        arrays: dict[str, Any] = {name: getattr(film, name) for name in ARRAYS}
        np.savez(file, about=np.array(json.dumps(_about(film))), **arrays)
    unfinished.replace(path)


def read_film(path: Path) -> TrainingFilm:
    """Raises RunError where there is no film, or one that this program cannot read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            about = json.loads(str(content["about"]))
            if about.pop("version") != VERSION:
                raise RunError("The film of this run was recorded by another version of BERT Explorer.")
            arrays = {name: content[name] for name in ARRAYS}
    except FileNotFoundError:
        raise RunError(
            "This run has no film: it was trained before films were recorded, imported, or recorded nothing "
            "because BERT_EXPLORER_RECORD_FILMS is off. Train it again to watch it."
        ) from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise RunError("The film of this run is damaged. Train the run again to watch it.") from None
    items = tuple(FilmItem(**item) for item in about.pop("items"))
    texts: dict[str, Sequence[Any]] = {name: tuple(about.pop(name)) for name in ("labels", "layers", "parts")}
    return TrainingFilm(items=items, **texts, **about, **arrays)  # type: ignore[arg-type]  # named by the file


def _about(film: TrainingFilm) -> dict[str, Any]:
    return {
        "version": VERSION,
        "task": film.task,
        "labels": film.labels,
        "items": [asdict(item) for item in film.items],
        "layers": film.layers,
        "parts": film.parts,
        "spent_s": film.spent_s,
    }
