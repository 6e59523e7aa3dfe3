"""XLSX bytes -> rows of the first sheet, as the text that the spreadsheet shows.

A formula counts as the value that was last computed for it; nothing is ever executed.
"""

import io
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bert_explorer.errors import DataError
from bert_explorer.training.tables.delimited import RawRow

MAX_UNPACKED_RATIO = 20  # times max_upload_bytes; tables of text shrink 3 to 10 times in a zip
MAX_PARTS = 2_000
MAX_COLUMNS = 256
UNREADABLE = (  # what openpyxl and the parts below it raise on files that are damaged or made by hand
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
    zlib.error,
)


def read_spreadsheet(content: bytes, *, max_rows: int, max_bytes: int) -> list[RawRow]:
    """Rows that hold anything, with their row number in the sheet, padded to the first row's width."""
    _check_unpacked_size(content, max_bytes * MAX_UNPACKED_RATIO)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return _read_sheet(workbook.worksheets[0], max_rows)
        finally:
            workbook.close()
    except UNREADABLE as error:
        message = "This is not a readable .xlsx file. Save the table again as .xlsx or as CSV (UTF-8)."
        raise DataError(message) from error


def _check_unpacked_size(content: bytes, limit: int) -> None:
    """A few kB of zip can unpack to gigabytes; zipfile never reads past the sizes it declares here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except UNREADABLE as error:
        raise DataError("This is not a readable .xlsx file: it is not even a zip archive.") from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limit or len(parts) > MAX_PARTS:
        raise DataError(
            f"The .xlsx file unpacks to {unpacked:,} bytes in {len(parts):,} parts; at most {limit:,} bytes "
            f"in {MAX_PARTS:,} parts are read. Save the sheet with the texts alone, as CSV (UTF-8)."
        )


def _read_sheet(sheet: Any, max_rows: int) -> list[RawRow]:
    sheet.reset_dimensions()  # the size that the file states may be wrong
    rows: list[RawRow] = []
    width = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = _trimmed([_as_text(value) for value in values])
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) > max_rows:
            raise DataError(
                f"The sheet has more than {max_rows:,} rows. Keep fewer rows, or raise "
                "BERT_EXPLORER_MAX_UPLOAD_ROWS.",
                line=line,
            )
        if len(cells) > MAX_COLUMNS:
            raise DataError(f"This row has {len(cells):,} cells; at most {MAX_COLUMNS} fit.", line=line)
        width = width or len(cells)
        rows.append((line, tuple(cells + [""] * (width - len(cells)))))
    return rows


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
