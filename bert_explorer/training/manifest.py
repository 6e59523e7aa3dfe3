"""run.json of an exported model, read back: checked field by field, since it may come from anybody."""

import json
import re
from dataclasses import dataclass
from typing import Any

from bert_explorer.errors import DataError, InputError
from bert_explorer.training.belongings import FORMAT, MANIFEST
from bert_explorer.training.config import FineTuneConfig

CLASSES = "text-classification"
MAX_CLASSES = 500
MIN_LABELS = {"question-answering": 0, "regression": 1}  # of other tasks 2
FIGURES = {  # task: the shares and errors that its runs measure
    "multi-label": ("micro_f1", "macro_f1", "accuracy"),
    "regression": ("spearman", "pearson", "mean_absolute_error", "root_mean_squared_error"),
    "token-classification": ("entity_f1", "entity_precision", "entity_recall", "macro_f1", "accuracy"),
    "question-answering": ("f1", "exact_match"),
}
CORRELATIONS = ("spearman", "pearson")
ERRORS = ("mean_absolute_error", "root_mean_squared_error")
SHA256 = re.compile(r"[0-9a-f]{64}")
SHARES = ("accuracy", "macro_f1", "majority_accuracy")
COUNTS = ("num_train", "num_held_out")
OPTIONAL_COUNTS = ("num_truncated", "trainable_weights")


@dataclass(frozen=True)
class Imported:
    """What is believed of a manifest."""

    name: str
    filename: str
    config: FineTuneConfig
    labels: tuple[str, ...]
    metrics: dict[str, Any]


def read_manifest(content: bytes) -> Imported:
    """Raises DataError that names the field where the manifest is not one that an export writes."""
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        raise _broken("it is not JSON") from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise _broken(f"its format is not {FORMAT}; update the program or export the model again")
    labels = values.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise _broken("its labels are not a list of names")
    name, filename = values.get("name"), values.get("filename")
    if not isinstance(name, str) or not isinstance(filename, str):
        raise _broken("its name or filename is missing")
    try:
        config = FineTuneConfig.from_json(json.dumps(values.get("config")))
    except (InputError, TypeError, AttributeError) as error:
        raise _broken(f"its config is not one of a run: {error}") from error
    if config.task != CLASSES and config.task not in FIGURES:
        raise _broken(f"models of the task {config.task} can be exported, but not imported")
    fewest = MIN_LABELS.get(config.task, 2)
    if not fewest <= len(labels) <= MAX_CLASSES:
        raise _broken(f"it has {len(labels):,} labels; {fewest} to {MAX_CLASSES} can be")
    metrics = _read_metrics(values.get("metrics"), labels, config.task)
    return Imported(name.strip() or filename, filename, config, tuple(labels), metrics)


def _read_metrics(values: Any, labels: list[str], task: str) -> dict[str, Any]:
    """The figures that pages show; what is unknown is left out."""
    if not isinstance(values, dict):
        raise _broken("its metrics are missing")
    kept = _read_scores(values, labels) if task == CLASSES else _read_figures(values, labels, task)
    for name in COUNTS:
        kept[name] = int(_number(values.get(name), f"metrics.{name}"))
    if kept["num_held_out"] < 1:
        raise _broken("metrics.num_held_out is 0")
    for name in OPTIONAL_COUNTS:
        if name in values:
            kept[name] = int(_number(values[name], f"metrics.{name}"))
    if SHA256.fullmatch(str(values.get("data_sha256"))):
        kept["data_sha256"] = values["data_sha256"]
    return kept


def _read_scores(values: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """Of a run with classes."""
    return {
        **{name: _number(values.get(name), f"metrics.{name}", highest=1) for name in SHARES},
        "confusion_matrix": _read_matrix(values.get("confusion_matrix"), len(labels)),
        "per_class": _read_classes(values.get("per_class"), labels),
    }


def _read_figures(values: dict[str, Any], labels: list[str], task: str) -> dict[str, Any]:
    """Of a run of another task: its figures, their intervals, and what there is label by label."""
    kept: dict[str, Any] = {
        name: _read_figure(values[name], name) for name in FIGURES[task] if name in values
    }
    if values.get("headline") not in kept:
        raise _broken("metrics.headline is none of its figures")
    kept["headline"] = values["headline"]
    if "per_class" in values:
        rows = values["per_class"]
        kept["per_class"] = _read_classes(rows, _names_of(rows))
    if task == "token-classification" and "confusion_matrix" in values:
        kept["confusion_matrix"] = _read_matrix(values["confusion_matrix"], len(labels))
    bounds = values.get("intervals")
    if isinstance(bounds, dict):
        kept["intervals"] = {name: _read_bounds(bounds[name], name) for name in kept if name in bounds}
    return kept


def _names_of(rows: Any) -> list[str]:
    """The labels of ``per_class``, which for names are the kinds and not the tags."""
    names = [row.get("label") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not 0 < len(names) <= MAX_CLASSES or not all(isinstance(name, str) for name in names):
        raise _broken("metrics.per_class has no entries with labels")
    return [str(name) for name in names]


def _read_figure(value: Any, name: str) -> float:
    lowest = -1.0 if name in CORRELATIONS else 0.0
    return _number(value, f"metrics.{name}", lowest=lowest, highest=1e12 if name in ERRORS else 1)


def _read_bounds(values: Any, name: str) -> list[float]:
    if not isinstance(values, list) or len(values) != 2:
        raise _broken(f"metrics.intervals.{name} is not two numbers")
    return [_read_figure(value, name) for value in values]


def _read_matrix(values: Any, size: int) -> list[list[int]]:
    is_square = isinstance(values, list) and len(values) == size
    if not is_square or any(not isinstance(row, list) or len(row) != size for row in values):
        raise _broken(f"metrics.confusion_matrix is not {size} rows of {size} numbers")
    return [[int(_number(cell, "metrics.confusion_matrix")) for cell in row] for row in values]


def _read_classes(values: Any, labels: list[str]) -> list[dict[str, Any]]:
    if not isinstance(values, list) or len(values) != len(labels):
        raise _broken("metrics.per_class does not have one entry a label")
    rows = []
    for label, row in zip(labels, values, strict=True):
        if not isinstance(row, dict):
            raise _broken("metrics.per_class has an entry that is no object")
        shares = {
            name: _number(row.get(name), f"per_class.{name}", highest=1)
            for name in ("precision", "recall", "f1")
        }
        rows.append(
            {"label": label, **shares, "support": int(_number(row.get("support"), "per_class.support"))}
        )
    return rows


def _number(value: Any, name: str, *, lowest: float = 0.0, highest: float = 1e12) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if (
        not is_number or not lowest <= value <= highest
    ):  # false for NaN, and safe for whole numbers of any size
        raise _broken(f"{name} is not a number from {lowest:g} to {highest:g}")
    return float(value)


def _broken(reason: str) -> DataError:
    return DataError(f"{MANIFEST} of this model cannot be used: {reason}. Export the model again.")
