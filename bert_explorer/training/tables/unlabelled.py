"""Files of texts to predict: tables as elsewhere, tables of one column, and plain lines; no labels needed."""

import csv
import io
from collections.abc import Sequence
from pathlib import PurePath

from bert_explorer.errors import DataError
from bert_explorer.settings import get_settings
from bert_explorer.training.tables.columns import is_known_name
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.training.tables.delimited import RawRow
from bert_explorer.training.tables.table import Table, guess_columns, read_table

SINGLE_COLUMN = "text"  # the name of an only column without a header
TEXT_EXTENSIONS = (".csv", ".tsv")
HEADER_NAMES = ("texts", "sentences")  # of an only column, beside those that read_table knows


def read_unlabelled(filename: str, content: bytes, names: Sequence[str | None] = ()) -> Table:
    """The table of a file, which may have one column only: labels are not needed.

    A .txt file has one text a line. In a file of one column, a first row out of ``names`` is its header.
    """
    extension = PurePath(filename).suffix.lower()
    limits = get_settings()
    if len(content) <= limits.max_upload_bytes and content.strip():
        if extension == ".txt":
            lines = split_lines(filename, content)
            return _single_column(filename, [(i, (line,)) for i, line in enumerate(lines, start=1)], False)
        rows = _read_one_column(content) if extension in TEXT_EXTENSIONS else None
        if rows:
            first = rows[0][1][0].strip()
            recurs = any(cells[0].strip() == first for _, cells in rows[1:])
            known = is_known_name(first) or first.lower() in HEADER_NAMES
            return _single_column(filename, rows, first in names or (known and not recurs))
    elif extension == ".txt" and not content.strip():
        split_lines(filename, content)
    return read_table(filename, content)


def choose_columns(
    table: Table, trained: tuple[str | None, str | None], text: str | None, pair: str | None
) -> tuple[str, str | None]:
    """Columns of texts and second texts: as given, as the run was trained on, else guessed."""
    trained_text, trained_pair = trained
    if pair is None and trained_pair is not None and trained_pair not in table.columns:
        raise DataError(
            f"The run was trained on pairs and needs a column '{trained_pair}' of second texts. "
            f"The columns are: {', '.join(table.columns)}. Name it with --pair."
        )
    pair = pair or trained_pair
    if text is None and len(table.columns) == 1:
        return table.columns[0], pair
    if text is None and trained_text in table.columns:
        return str(trained_text), pair
    chosen = text or guess_columns(table).text
    if chosen is None:
        raise DataError(
            f"Which column holds the texts is not clear. The columns are: {', '.join(table.columns)}. "
            "Name it with --text."
        )
    return chosen, pair


def check_filled(table: Table, texts: Sequence[str]) -> None:
    """Raises DataError that names the line of an empty text."""
    for line, cell in zip(table.line_numbers, texts, strict=True):
        if not cell.strip():
            raise DataError("The text is empty. Fill it in or remove the row.", line=line)


def split_lines(name: str, content: bytes) -> list[str]:
    """The texts of a file with one text a line. Raises DataError that names an empty line."""
    text, _ = decode_text(content)
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if lines == [""]:
        raise DataError(f"{name} is empty. Write one text a line.")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            raise DataError("This line is empty. Remove it: every line is one text.", line=number)
    return lines


def _read_one_column(content: bytes) -> list[RawRow] | None:
    """Rows with the line where each begins; None where there are more columns or the quotes are unpaired."""
    text = decode_text(content)[0]
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[RawRow] = []
    line = 1
    try:
        for cells in reader:
            if len(cells) > 1 or any("\t" in cell for cell in cells):
                return None
            if cells:
                rows.append((line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error:
        return None
    return rows


def _single_column(filename: str, rows: list[RawRow], has_header: bool) -> Table:
    name = rows[0][1][0].strip() if has_header else SINGLE_COLUMN
    rows = rows[has_header:]
    limit = get_settings().max_upload_rows
    if len(rows) > limit:
        message = (
            f"The file has more than {limit:,} rows. Keep fewer, or raise BERT_EXPLORER_MAX_UPLOAD_ROWS."
        )
        raise DataError(message, line=rows[limit][0])
    if not rows:
        raise DataError("There is a header and no row below it. Add rows with texts.")
    lines, cells = zip(*rows, strict=True)
    return Table(filename, (name,), cells, lines, has_header)
