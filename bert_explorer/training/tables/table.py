"""An uploaded table, checked: every row as long as the header, every cell readable text."""

from dataclasses import dataclass
from pathlib import PurePath

from bert_explorer.errors import DataError
from bert_explorer.settings import MB, Settings, get_settings
from bert_explorer.training.tables.columns import ColumnGuess, guess_column_names
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.training.tables.delimited import RawRow, read_delimited
from bert_explorer.training.tables.header import has_header, name_columns
from bert_explorer.training.tables.json_lines import read_json_lines
from bert_explorer.training.tables.parts import find_split_column
from bert_explorer.training.tables.spreadsheet import MAX_COLUMNS, read_spreadsheet

DELIMITER_OF = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
EXTENSIONS = (*DELIMITER_OF, *JSON_LINES, ".xlsx")


@dataclass(frozen=True)
class Table:
    """Cells are plain text, exactly as in the file; ``line_numbers[i]`` is the line of row i, from 1.

    ``encoding`` and ``delimiter`` are what was found (empty where the format has none).
    """

    filename: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line_numbers: tuple[int, ...]
    has_header: bool
    encoding: str = ""
    delimiter: str = ""

    def column(self, name: str) -> tuple[str, ...]:
        """All cells of one column. Raises DataError that lists the names there are."""
        if name not in self.columns:
            raise DataError(f"There is no column '{name}'. The columns are: {', '.join(self.columns)}.")
        index = self.columns.index(name)
        return tuple(row[index] for row in self.rows)


def read_table(filename: str, content: bytes, settings: Settings | None = None) -> Table:
    """Reads an uploaded CSV, TSV, JSONL or XLSX file.

    Raises DataError, with the line where it is known, for whatever would lose or alter a row.
    """
    limits = settings or get_settings()
    extension = PurePath(filename).suffix.lower()
    if extension not in EXTENSIONS:
        shown = f"'{extension}'" if extension else "no extension"
        raise DataError(f"The file has {shown}. Upload one of these: {', '.join(EXTENSIONS)}.")
    if len(content) > limits.max_upload_bytes:
        raise DataError(
            f"The file has {len(content) / MB:.1f} MB; at most {limits.max_upload_bytes / MB:g} MB are read. "
            "Keep fewer rows, or raise BERT_EXPLORER_MAX_UPLOAD_BYTES."
        )
    if not content.strip():
        raise DataError("The file is empty. It needs a column of texts and a column of labels.")
    table = _read(filename, extension, content, limits)
    _check_cells(table, limits.max_text_chars)
    return table


def guess_columns(table: Table) -> ColumnGuess:
    """The columns of texts, labels and second texts, guessed from their names and contents.

    A column that holds a split is none of them, if two others are left.
    """
    split = find_split_column(table.columns, table.rows)
    if split is None or len(table.columns) < 3:
        return guess_column_names(table.columns, table.rows)
    kept = [index for index, name in enumerate(table.columns) if name != split]
    rows = [[row[index] for index in kept] for row in table.rows]
    return guess_column_names([table.columns[index] for index in kept], rows)


def _read(filename: str, extension: str, content: bytes, limits: Settings) -> Table:
    if extension == ".xlsx":
        rows = read_spreadsheet(content, max_rows=limits.max_upload_rows, max_bytes=limits.max_upload_bytes)
        return _build(filename, rows, limits)
    text, encoding = decode_text(content)
    if not text.strip():
        raise DataError("The file holds nothing but blanks. It needs a column of texts and one of labels.")
    if extension in JSON_LINES:
        columns, rows = read_json_lines(text, max_rows=limits.max_upload_rows)
        _check_columns(columns, line=rows[0][0])
        return _table(filename, columns, rows, has_header=True, encoding=encoding)
    rows, delimiter = read_delimited(text, DELIMITER_OF[extension], max_rows=limits.max_upload_rows)
    return _build(filename, rows, limits, encoding=encoding, delimiter=delimiter)


def _build(
    filename: str, rows: list[RawRow], limits: Settings, *, encoding: str = "", delimiter: str = ""
) -> Table:
    """Table from raw rows, the first of which may be a header."""
    if not rows:
        raise DataError("The file holds no cells. It needs a column of texts and a column of labels.")
    first_line, first = rows[0]
    if len(first) < 2:
        raise DataError(
            "The file has one column only. It needs a column of texts and a column of labels, separated by "
            "a comma, semicolon, tab or '|'.",
            line=first_line,
        )
    _check_widths(rows)
    cells = [row for _, row in rows]
    header = has_header(cells)
    if header:
        columns = tuple(name.strip() or f"column {index}" for index, name in enumerate(first, start=1))
        rows = rows[1:]
    else:
        columns = name_columns(cells)
    _check_columns(columns, line=first_line)
    _check_row_count(rows, first_line, limits.max_upload_rows)
    return _table(filename, columns, rows, has_header=header, encoding=encoding, delimiter=delimiter)


def _table(
    filename: str,
    columns: tuple[str, ...],
    rows: list[RawRow],
    *,
    has_header: bool,
    encoding: str = "",
    delimiter: str = "",
) -> Table:
    cells = tuple(row for _, row in rows)
    lines = tuple(line for line, _ in rows)
    return Table(filename, columns, cells, lines, has_header, encoding, delimiter)


def _check_widths(rows: list[RawRow]) -> None:
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise DataError(
                f"This row has {len(cells)} cells, the first row has {width}. If a text holds the delimiter, "
                "put the text in double quotes.",
                line=line,
            )


def _check_columns(columns: tuple[str, ...], *, line: int) -> None:
    if len(columns) < 2:
        raise DataError(
            f"There is only '{columns[0]}'. A text and a label are needed in every row.", line=line
        )
    if len(columns) > MAX_COLUMNS:
        raise DataError(f"There are {len(columns):,} columns; at most {MAX_COLUMNS} fit.", line=line)
    if not all(_is_whole_unicode(name) and "\0" not in name for name in columns):
        raise DataError("The name of a column holds a NUL or half a character. Remove it.", line=line)
    repeated = next((name for name in columns if columns.count(name) > 1), None)
    if repeated is not None:
        raise DataError(f"Two columns are called '{repeated}'. Give each its own name.", line=line)


def _check_row_count(rows: list[RawRow], first_line: int, max_rows: int) -> None:
    if not rows:
        raise DataError(
            "There is a header and no row below it. Add rows with texts and labels.", line=first_line
        )
    if len(rows) > max_rows:
        raise DataError(
            f"The file has more than {max_rows:,} rows. Keep fewer rows, or raise "
            "BERT_EXPLORER_MAX_UPLOAD_ROWS.",
            line=rows[max_rows][0],
        )


def _check_cells(table: Table, max_chars: int) -> None:
    for line, row in zip(table.line_numbers, table.rows, strict=True):
        for name, cell in zip(table.columns, row, strict=True):
            if len(cell) > max_chars:
                message = f"The cell in '{name}' has {len(cell):,} characters; at most {max_chars:,} fit."
                raise DataError(f"{message} Split the text.", line=line)
            if "\0" in cell or not _is_whole_unicode(cell):
                message = f"The cell in '{name}' holds a NUL or half a character. Remove it."
                raise DataError(message, line=line)


def _is_whole_unicode(cell: str) -> bool:
    """False for lone surrogates, which JSON escapes can spell and UTF-8 cannot."""
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
