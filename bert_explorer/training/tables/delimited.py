"""CSV and TSV text -> rows with the line where each begins.

Two conventions are in use, and no file says which it follows: cells in double quotes (Excel, pandas),
and quotes as plain characters (many research sets: a message may hold one lone quote). Both are tried;
one is right when every row has the same number of cells.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from bert_explorer.errors import DataError

RawRow = tuple[int, tuple[str, ...]]  # the line where the row begins, from 1, and its cells
DELIMITERS = (",", ";", "\t", "|")
SNIFFED_ROWS = 200


class _QuotingError(Exception):
    """The quotation marks of the row that begins at ``line`` do not pair up."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def read_delimited(text: str, default_delimiter: str, *, max_rows: int) -> tuple[list[RawRow], str]:
    """Rows and the delimiter found. Blank lines are left out. Raises DataError past ``max_rows``."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # our own limits apply, with better errors
    delimiter = sniff_delimiter(text, default_delimiter)
    quoted: list[RawRow] | None = None
    broken_line = 1
    try:
        quoted = _parse(text, delimiter, quoting=True, max_rows=max_rows)
    except _QuotingError as error:
        broken_line = error.line
    # In a TSV, a "quoted" cell over several lines may be two lone quotes with whole rows between them.
    if quoted and is_even(quoted) and not (delimiter == "\t" and _spans_lines(quoted)):
        return quoted, delimiter
    plain = _parse(text, delimiter, quoting=False, max_rows=max_rows)
    if is_even(plain):
        return plain, delimiter
    if quoted is None:
        raise DataError(
            "The double quotes of this row do not pair up. A cell that begins with a double quote must end "
            "with one, and a double quote inside it is written twice.",
            line=broken_line,
        )
    return quoted, delimiter


def is_even(rows: list[RawRow]) -> bool:
    """True if every row has as many cells as the first, and at least two."""
    widths = {len(cells) for _, cells in rows}
    return len(widths) == 1 and min(widths) >= 2


def sniff_delimiter(text: str, default: str) -> str:
    """The delimiter that splits most of the first rows into one same number (>= 2) of cells."""
    candidates = (default, *(delimiter for delimiter in DELIMITERS if delimiter != default))
    return max(candidates, key=lambda delimiter: _evenness(text, delimiter))  # the first of equals


def _evenness(text: str, delimiter: str) -> float:
    """Share of the first rows that have the most common width, 0 if that is a single cell."""
    shares = [0.0]
    for quoting in (True, False):
        try:
            rows = list(islice(_rows(text, delimiter, quoting=quoting), SNIFFED_ROWS))
        except _QuotingError:
            continue
        widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
        if widths:
            shares.append(max(widths.values()) / len(rows))
    return max(shares)


def _parse(text: str, delimiter: str, *, quoting: bool, max_rows: int) -> list[RawRow]:
    rows: list[RawRow] = []
    for row in _rows(text, delimiter, quoting=quoting):
        if len(rows) > max_rows:  # one more is allowed: the header
            raise DataError(
                f"The file has more than {max_rows:,} rows. Keep fewer rows, or raise "
                "BERT_EXPLORER_MAX_UPLOAD_ROWS.",
                line=row[0],
            )
        rows.append(row)
    return rows


def _rows(text: str, delimiter: str, *, quoting: bool) -> Iterator[RawRow]:
    reader = csv.reader(
        io.StringIO(text, newline=""),  # keeps line ends inside quoted cells as they are
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
        strict=quoting,
    )
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, tuple(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _QuotingError(line) from error


def _spans_lines(rows: list[RawRow]) -> bool:
    return any("\n" in cell or "\r" in cell for _, cells in rows for cell in cells)
