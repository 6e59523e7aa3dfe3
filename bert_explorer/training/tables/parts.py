"""The user's own split: a column that says of every row whether it is to learn from or to measure with."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bert_explorer.errors import DataError
from bert_explorer.training.tables.columns import normalise_name

if TYPE_CHECKING:
    from bert_explorer.training.tables.table import Table

TRAIN, VALIDATION, TEST = "train", "validation", "test"
COLUMN = "split"  # what such a column is called when it is written here
COLUMN_NAMES = frozenset({"split", "set", "part", "partition", "subset", "datasplit"})
WORDS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), VALIDATION),
    **dict.fromkeys(("test", "testing", "heldout", "eval", "evaluation"), TEST),
}


def find_split_column(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """A column with the name of a split, and with cells that are one."""
    for index, name in enumerate(columns):
        if normalise_name(name) in COLUMN_NAMES and is_split([row[index] for row in rows]):
            return name
    return None


def is_split(cells: Iterable[str]) -> bool:
    """Whether all are known words for parts, and some rows are to learn from and others are not."""
    parts = {WORDS.get(normalise_name(cell.strip())) for cell in cells}
    return None not in parts and TRAIN in parts and len(parts) > 1


def read_parts(table: "Table", column: str) -> tuple[str, ...]:
    """TRAIN, VALIDATION or TEST for each row; where no row is for testing, those for validation are.

    Raises DataError, with the line, for a cell that is none of them, or where a part is missing.
    """
    return name_parts(table.column(column), table.line_numbers, column)


def name_parts(cells: Sequence[str], lines: Sequence[int], column: str) -> tuple[str, ...]:
    """The same for what stands in a file without columns; ``column`` is what it calls the split."""
    parts = []
    for line, cell in zip(lines, cells, strict=True):
        part = WORDS.get(normalise_name(cell.strip()))
        if part is None:
            raise DataError(
                f"'{cell[:40]}' in the split column '{column}' is no part of a split. Write train, test or "
                "validation.",
                line=line,
            )
        parts.append(part)
    if TEST not in parts:
        parts = [TEST if part == VALIDATION else part for part in parts]
    for needed, purpose in ((TRAIN, "to learn from"), (TEST, "to measure with")):
        if needed not in parts:
            raise DataError(f"Column '{column}' has no row of the part '{needed}', {purpose}. Add some.")
    return tuple(parts)


def join_held_out(table: "Table", held_out: "Table") -> "Table":
    """One table of both, with a column that keeps them apart; for a file of held-out rows beside another.

    Lines of the second count on after the first. Raises DataError where columns differ.
    """
    missing = [name for name in table.columns if name not in held_out.columns]
    if missing:
        raise DataError(
            f"The file of held-out rows has no column '{missing[0]}'. It needs those of the other file: "
            f"{', '.join(table.columns)}."
        )
    if COLUMN in table.columns:
        raise DataError(f"The file has a column '{COLUMN}' already. Choose that split, or rename the column.")
    order = [held_out.columns.index(name) for name in table.columns]
    rows = [(*row, TRAIN) for row in table.rows]
    rows += [(*(row[index] for index in order), TEST) for row in held_out.rows]
    lines = tuple(range(2, len(rows) + 2))
    return replace(
        table, columns=(*table.columns, COLUMN), rows=tuple(rows), line_numbers=lines, has_header=True
    )
