"""Tables whose labels are not one class a row: several labels at once, or a number.

a question; with a number   |  question, number        labels between '|', ';' or ','; may be empty
a cat sat.   a cat slept.   |  3.2                     how alike, or any other number
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bert_explorer.errors import DataError
from bert_explorer.results import FloatArray
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import MAX_CLASSES, filled_column, natural_order
from bert_explorer.training.tables.parts import read_parts
from bert_explorer.training.tables.table import Table

SEPARATORS = ("|", ";", ",")
NO_LABELS = frozenset({"", "-", "none"})
MIN_ROWS = 10


@dataclass(frozen=True)
class TargetTexts:
    """``targets`` (num_examples, num_labels): 0 or 1 for each label, or one column of numbers."""

    texts: tuple[str, ...]
    pairs: tuple[str, ...] | None
    labels: tuple[str, ...]
    targets: FloatArray
    line_numbers: tuple[int, ...]
    parts: tuple[str, ...] | None = None  # of the user's own split (see tables.parts)

    def __len__(self) -> int:
        return len(self.texts)


def read_label_sets(table: Table, config: FineTuneConfig) -> TargetTexts:
    """Raises DataError for an empty text, fewer than two labels, or a label that one row alone has."""
    texts, pairs = _read_texts(table, config)
    cells = table.column(config.label_column)
    separator = find_separator(cells)
    sets = [_split(cell, separator) for cell in cells]
    labels = tuple(sorted(set().union(*sets), key=natural_order))
    _check_labels(labels, sets, config.label_column, table.line_numbers)
    targets = np.array([[label in chosen for label in labels] for chosen in sets], dtype=np.float32)
    return TargetTexts(texts, pairs, labels, targets, table.line_numbers, _read_parts(table, config))


def read_numbers(table: Table, config: FineTuneConfig) -> TargetTexts:
    """Raises DataError for an empty text, a label that is no number, or numbers that are all the same."""
    texts, pairs = _read_texts(table, config)
    _check_row_count(len(texts))
    values = []
    for line, cell in zip(table.line_numbers, table.column(config.label_column), strict=True):
        values.append(_to_number(cell, config.label_column, line))
    if len(set(values)) == 1:
        raise DataError(
            f"Every row of column '{config.label_column}' has the number {values[0]:g}: there is nothing to "
            "learn. Choose another column."
        )
    targets = np.array(values, dtype=np.float32)[:, None]
    label, parts = (config.label_column,), _read_parts(table, config)
    return TargetTexts(texts, pairs, label, targets, table.line_numbers, parts)


def find_separator(cells: Sequence[str]) -> str:
    """The first of SEPARATORS that stands in any cell; the last where none does."""
    found = (separator for separator in SEPARATORS if any(separator in cell for cell in cells))
    return next(found, SEPARATORS[-1])


def _read_texts(table: Table, config: FineTuneConfig) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    texts = filled_column(table, config.text_column, "text")
    if config.pair_column is None:
        return texts, None
    return texts, filled_column(table, config.pair_column, "second text")


def _read_parts(table: Table, config: FineTuneConfig) -> tuple[str, ...] | None:
    return read_parts(table, config.split_column) if config.split_column is not None else None


def _split(cell: str, separator: str) -> set[str]:
    return {part.strip() for part in cell.split(separator) if part.strip().lower() not in NO_LABELS}


def _check_labels(labels: Sequence[str], sets: Sequence[set[str]], column: str, lines: Sequence[int]) -> None:
    _check_row_count(len(sets))
    if not 2 <= len(labels) <= MAX_CLASSES:
        raise DataError(
            f"Column '{column}' has {len(labels):,} different labels; from 2 to {MAX_CLASSES} can be "
            "learned. Several labels of a row stand between '|', ';' or ','."
        )
    for label in labels:
        rows = [row for row, chosen in enumerate(sets) if label in chosen]
        if len(rows) == 1:
            raise DataError(
                f"Only one row has the label '{label}'. Two are needed, one to learn from and one to measure "
                "with. Add rows or remove the label.",
                line=lines[rows[0]],
            )


def _check_row_count(count: int) -> None:
    if count < MIN_ROWS:
        raise DataError(f"There are {count} rows; at least {MIN_ROWS} are needed. Add rows.")


def _to_number(cell: str, column: str, line: int) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(
            f"'{cell[:40]}' in column '{column}' is not a number. Write numbers with a point, such as 3.5.",
            line=line,
        )
    return value
