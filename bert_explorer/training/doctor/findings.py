"""Labelled rows as they are in the file, what a check says about them, and how its fix is applied."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bert_explorer.training.tables.table import Table

SHOWN_NAMES = 5  # labels that a sentence lists


class Severity(StrEnum):
    PROBLEM = "problem"  # training would refuse the file
    WARNING = "warning"  # the figures or the model would suffer
    NOTE = "note"  # good to know


@dataclass(frozen=True)
class Rows:
    """Cells exactly as in the file; ``pairs`` are the second texts, None where there are none."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    pairs: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def read(self, row: int) -> str:
        """Both texts of a row as one, to compare rows by."""
        return self.texts[row] if self.pairs is None else f"{self.texts[row]}\n{self.pairs[row]}"


@dataclass(frozen=True)
class Fix:
    """A change that the user may ask for: rows that go, and new labels by row. Nothing else changes."""

    title: str
    drop: tuple[int, ...] = ()
    relabel: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Finding:
    """``rows`` are indices of the table's rows, those to look at first first. ``name`` is the check's."""

    name: str
    severity: Severity
    title: str
    advice: str
    rows: tuple[int, ...] = ()
    fix: Fix | None = None


def rows_of(table: Table, text: str, label: str, pair: str | None = None) -> Rows:
    """The chosen columns of a table. Raises DataError for a column that is not there."""
    pairs = table.column(pair) if pair is not None else None
    return Rows(table.column(text), table.column(label), pairs)


def apply_fix(table: Table, label: str, fix: Fix) -> Table:
    """A new table; rows that stay keep their cells and their line numbers in the file."""
    new_labels, dropped = dict(fix.relabel), set(fix.drop)
    column = table.columns.index(label)
    kept = [row for row in range(len(table.rows)) if row not in dropped]

    def mend(row: int) -> tuple[str, ...]:
        cells = table.rows[row]
        return cells if row not in new_labels else (*cells[:column], new_labels[row], *cells[column + 1 :])

    return replace(
        table, rows=tuple(map(mend, kept)), line_numbers=tuple(table.line_numbers[row] for row in kept)
    )


def name_some(names: list[str]) -> str:
    """The first few in quotes, and how many more there are.

    >>> name_some(["a", "b", "c", "d", "e", "f", "g"])
    "'a', 'b', 'c', 'd', 'e' and 2 more"
    """
    shown = ", ".join(f"'{name}'" for name in names[:SHOWN_NAMES])
    return shown + (f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else "")


def count(number: int, thing: str) -> str:
    """``count(1, "row")`` is "1 row", ``count(2, "row")`` is "2 rows"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
