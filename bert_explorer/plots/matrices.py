"""Matrices to look into, cell by cell: what one picture of the walk is made of.

Only a window of a matrix is kept here and sent to the browser: at most MAX_TOKENS tokens and MAX_DIMENSIONS
dimensions, however large the whole is. ``how`` says of each cell where its number came from.

    clamp_window(384, start=380, width=32)   = slice(352, 384)
    number(-0.12345)                         = "−0.123"
    sum_text([2, 3], [1, 2], 0.5)            = "3.000 × 2.000 + 2.000 × 1.000 + 0.500 (bias)"
"""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np

from bert_explorer.results import FloatArray

MAX_TOKENS = 16
MAX_DIMENSIONS = 32
LARGEST_PRODUCTS = 3
Axis = Literal["token", "position", "dimension", "head", ""]  # what a row or column is; "" for others


@dataclass(frozen=True)
class Matrix:
    """A window of a matrix. ``values`` is (rows, columns); labels are as many, ``how`` rows x columns.

    ``shape`` is the whole's, ``start`` the window's first row and column in it. ``colour`` names the role
    that the symbol has in the formula; ``sign`` stands before the matrix. The full colour is that of
    ``limit``, by default of the largest |value| in the window.
    """

    symbol: str
    title: str
    values: FloatArray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shape: tuple[int, int]
    start: tuple[int, int] = (0, 0)
    axes: tuple[Axis, Axis] = ("", "dimension")
    how: tuple[str, ...] = ()
    colour: str = "x"
    sign: str = ""
    scale: Literal["diverging", "sequential"] = "diverging"
    marked_row: int | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Picture:
    """What one stop shows: its matrices, a line about them, and the largest difference from the model.

    ``difference`` is measured by the largest number of the same vector, ``absolute`` (None: not known) as it
    stands.
    """

    tokens: tuple[str, ...]  # of the text, as printed
    matrices: tuple[Matrix, ...]
    note: str
    difference: float
    activation: str  # the model's name for the function of its feed-forward part
    absolute: float | None = None


@dataclass(frozen=True)
class Distance:
    """How far the cells of two matrices are apart: the largest difference, and |difference| / |first|."""

    symbol: str
    title: str
    largest: float
    relative: float


def clamp_window(size: int, start: int, width: int) -> slice:
    """``width`` places from ``start``, moved back where they would pass the end."""
    first = max(0, min(start, size - width))
    return slice(first, min(size, first + width))


def number(value: float) -> str:
    """Three decimals, with a true minus sign."""
    if not math.isfinite(value):
        return "−∞" if value < 0 else "∞"
    return f"{value:.3f}".replace("-", "−")


def sum_text(left: FloatArray, right: FloatArray, bias: float | None = None) -> str:
    """A dot product in words: its largest products, what the others add up to, and a bias."""
    products = left * right
    largest = np.argsort(-np.abs(products), kind="stable")[:LARGEST_PRODUCTS]
    parts = [f"{number(left[i])} × {number(right[i])}" for i in largest]
    if len(products) > len(largest):
        rest = float(products.sum() - products[largest].sum())
        parts.append(f"{number(rest)} from {len(products) - len(largest)} smaller products")
    if bias is not None:
        parts.append(f"{number(bias)} (bias)")
    return " + ".join(parts)


def explain_cells(values: FloatArray, explain: Callable[[int, int], str]) -> tuple[str, ...]:
    """``explain(row, column)`` of each cell of a window, row by row."""
    rows, columns = values.shape
    return tuple(explain(row, column) for row in range(rows) for column in range(columns))


def compare_pictures(first: Picture, second: Picture) -> list[Distance]:
    """Of matrices at the same place in both that show the same window; cells without a number are left out.

    compare [[3, 4]] with [[3, 5]]  = largest 1, relative 1 / 5
    """
    found = []
    for one, other in zip(first.matrices, second.matrices, strict=False):
        if (one.symbol, one.start, one.values.shape) != (other.symbol, other.start, other.values.shape):
            continue
        both = np.isfinite(one.values) & np.isfinite(other.values)
        before, change = one.values[both], (other.values - one.values)[both]
        if before.size:
            length = float(np.linalg.norm(before))
            relative = float(np.linalg.norm(change)) / length if length else math.nan
            found.append(Distance(one.symbol, one.title, float(np.abs(change).max()), relative))
    return found


def dimension_names(window: slice) -> tuple[str, ...]:
    """Counted from 1, as the pages count."""
    return tuple(str(i + 1) for i in range(window.start, window.stop))


def picture_csv(picture: Picture) -> bytes:
    """One line a cell, UTF-8 with a byte order mark for spreadsheet programs."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("matrix", "row", "column", "value", "how"))
    for matrix in picture.matrices:
        for index, value in enumerate(matrix.values.ravel()):
            row, column = divmod(index, len(matrix.columns))
            how = matrix.how[index] if matrix.how else ""
            writer.writerow((matrix.title, matrix.rows[row], matrix.columns[column], float(value), how))
    return text.getvalue().encode("utf-8-sig")


def picture_html(picture: Picture, title: str, sentence: str) -> str:
    """The matrices as coloured tables in one page without scripts; pointing at a cell shows its origin."""
    tables = "".join(_table(matrix) for matrix in picture.matrices)
    style = (
        "body{font:15px sans-serif;margin:2rem;color:#22262b;background:#fff}"
        "table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-size:11px}"
        "td,th{padding:3px 5px;text-align:right;font-weight:400}caption{text-align:left;font-size:15px}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{style}</style><h1>{escape(title)}</h1><p>{escape(sentence)}</p>{tables}"
        f"<p>{escape(picture.note)}</p></html>"
    )


def _table(matrix: Matrix) -> str:
    largest = largest_size(matrix.values) if matrix.limit is None else matrix.limit
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in matrix.columns)
    body = ""
    for row, name in enumerate(matrix.rows):
        cells = "".join(
            _cell(float(value), largest, matrix.how[row * len(matrix.columns) + column] if matrix.how else "")
            for column, value in enumerate(matrix.values[row])
        )
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    caption = f"{matrix.sign} {matrix.symbol}: {matrix.title}".strip()
    return f"<table><caption>{escape(caption)}</caption><tr><th></th>{head}</tr>{body}</table>"


def _cell(value: float, largest: float, how: str) -> str:
    share = abs(value) / largest if math.isfinite(value) else 0.0
    colour = "178, 24, 43" if value >= 0 else "33, 102, 172"
    style = f"background:rgba({colour}, {0.85 * share:.3f})"
    return f'<td style="{style}" title="{escape(how)}">{number(value)}</td>'


def largest_size(values: FloatArray) -> float:
    """The largest finite |value|, which gets the full colour; 1 where there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
