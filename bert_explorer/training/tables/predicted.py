"""A table with its predictions, as CSV that is safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.tables.table import Table

HELD_OUT_COLUMNS = ("line", "text", "second text", "label", "prediction")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def format_csv(table: Table, answers: Iterable[tuple[str, float | None]]) -> str:
    """The table with two columns more, safe to open in a spreadsheet."""
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator="\n")
    added = [_new_name(name, table.columns) for name in ("prediction", "probability")]
    writer.writerow([escape_formula(name) for name in (*table.columns, *added)])
    for row, (label, probability) in zip(table.rows, answers, strict=True):
        shown = "" if probability is None else f"{probability:.6f}"
        writer.writerow([*map(escape_formula, (*row, label)), shown])
    return content.getvalue()


def held_out_cells(rows: Iterable[HeldOutRow]) -> list[tuple[object, ...]]:
    """What HELD_OUT_COLUMNS head, a row each, safe to open in a spreadsheet."""
    return [
        (row.line, *map(escape_formula, (row.text, row.pair or "", row.true_label, row.predicted_label)))
        for row in rows
    ]


def escape_formula(cell: str) -> str:
    """The cell, with an apostrophe first where a spreadsheet would take it for a formula (CWE-1236)."""
    if PLAIN_NUMBER.fullmatch(cell):
        return cell
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _new_name(name: str, columns: Sequence[str]) -> str:
    number, candidate = 1, name
    while candidate in columns:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
