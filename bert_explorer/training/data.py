"""A table and the chosen columns -> labelled texts, or an error that says which row to mend.

``read_table`` and ``guess_columns`` are offered here too, so that this module is all that a page or
the command line needs for an uploaded file.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from bert_explorer.errors import DataError
from bert_explorer.results import IntArray
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.tables.columns import ColumnGuess
from bert_explorer.training.tables.parts import read_parts
from bert_explorer.training.tables.table import Table, guess_columns, read_table

__all__ = ["ColumnGuess", "LabelledTexts", "Table", "guess_columns", "labelled_texts", "read_table"]

MAX_CLASSES = 500
MIN_ROWS_PER_CLASS = 3  # on average; fewer, and the column is hardly one of classes
NAMED_CLASSES = 5  # how many an error message lists


@dataclass(frozen=True)
class LabelledTexts:
    """One example a row: ``label_ids[i]`` indexes ``labels``, the sorted names of the classes."""

    texts: tuple[str, ...]
    pairs: tuple[str, ...] | None
    labels: tuple[str, ...]
    label_ids: IntArray  # (num_examples,)
    line_numbers: tuple[int, ...]
    parts: tuple[str, ...] | None = None  # of the user's own split (see tables.parts)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def class_counts(self) -> dict[str, int]:
        counts = np.bincount(self.label_ids, minlength=len(self.labels))
        return dict(zip(self.labels, counts.tolist(), strict=True))


def labelled_texts(table: Table, config: FineTuneConfig) -> LabelledTexts:
    """Texts and labels of the chosen columns; labels lose blanks around them, texts stay as they are.

    Raises DataError for an empty text or label, a single class, a class of a single row, or so many
    classes that the column can hardly hold labels.
    """
    texts = filled_column(table, config.text_column, "text")
    pairs = None
    if config.pair_column is not None:
        pairs = filled_column(table, config.pair_column, "second text")
    names = [name.strip() for name in filled_column(table, config.label_column, "label")]
    _check_classes(table, config.label_column, names)
    labels = tuple(sorted(set(names), key=natural_order))
    index_of = {label: index for index, label in enumerate(labels)}
    label_ids = np.array([index_of[name] for name in names], dtype=np.int64)
    parts = read_parts(table, config.split_column) if config.split_column is not None else None
    return LabelledTexts(texts, pairs, labels, label_ids, table.line_numbers, parts)


def filled_column(table: Table, column: str, kind: str) -> tuple[str, ...]:
    cells = table.column(column)
    for line, cell in zip(table.line_numbers, cells, strict=True):
        if not cell.strip():
            raise DataError(
                f"The {kind} in column '{column}' is empty. Fill it in or remove the row.", line=line
            )
    return cells


def _check_classes(table: Table, column: str, names: list[str]) -> None:
    counts = Counter(names)
    if len(counts) == 1:
        only = next(iter(counts))
        raise DataError(
            f"Every row of column '{column}' has the label '{only}'. At least two classes are needed."
        )
    if len(counts) > MAX_CLASSES or len(counts) * MIN_ROWS_PER_CLASS > max(
        len(names), 2 * MIN_ROWS_PER_CLASS
    ):
        raise DataError(
            f"Column '{column}' has {len(counts):,} different labels in {len(names):,} rows. At most "
            f"{MAX_CLASSES} classes with {MIN_ROWS_PER_CLASS} rows each on average can be learned. Is this "
            "the right column? If so, add rows or merge classes."
        )
    single = [name for name, count in counts.items() if count == 1]
    if single:
        shown = ", ".join(f"'{name}'" for name in single[:NAMED_CLASSES])
        more = f" and {len(single) - NAMED_CLASSES} more" if len(single) > NAMED_CLASSES else ""
        raise DataError(
            f"Only one row has the label {shown}{more}. A class needs at least two rows, one to learn from "
            "and one to measure with. Add rows, merge the class with another or remove it.",
            line=table.line_numbers[names.index(single[0])],
        )


def natural_order(label: str) -> tuple[int, float, str]:
    """Numbers by their value before words by their letters: 1, 2, 10, bad, good."""
    try:
        value = float(label)
    except ValueError:
        value = math.nan
    return (0, value, label) if math.isfinite(value) else (1, 0.0, label)
