"""Vectors that somebody else computed: .npy, .csv or .parquet -> rows of numbers and what they stand for.

Of a table, the columns of numbers together are the vectors; of its columns of words, the one called "label"
(or the first with few different values) colours the points, and the one with the longest cells names them.
An .npy file with pickled objects is refused: opening one can run code.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import DataError
from bert_explorer.results import FloatArray
from bert_explorer.settings import MB, Settings, get_settings

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.parquet import FileMetaData

EXTENSIONS = (".npy", ".csv", ".tsv", ".parquet")
LABEL_NAMES = ("label", "class", "category", "topic", "group", "sense")
MAX_LABELS = 30
HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
MAX_VALUES = 20_000_000  # numbers: 80 MB of float32, whatever the file's compression
MAX_WIDTH = 8_192  # numbers of one cell, each of which becomes a column


@dataclass(frozen=True)
class VectorFile:
    """``items`` names the rows ("row 1" where the file does not); ``labels`` is None without any."""

    vectors: FloatArray  # (num_items, num_columns)
    items: tuple[str, ...]
    labels: tuple[str, ...] | None = None


def read_vectors(filename: str, content: bytes, settings: Settings | None = None) -> VectorFile:
    """Raises DataError for a file that is too large, no file of vectors, or holds what is no number."""
    limits = settings or get_settings()
    extension = PurePath(filename).suffix.lower()
    if extension not in EXTENSIONS:
        raise DataError(
            f"The file has '{extension or 'no extension'}'. Upload one of: {', '.join(EXTENSIONS)}."
        )
    if len(content) > limits.max_upload_bytes:
        raise DataError(
            f"The file has {len(content) / MB:.1f} MB; at most {limits.max_upload_bytes / MB:g} MB are read."
        )
    found = _read_npy(content) if extension == ".npy" else _read_frame(extension, content)
    if not found.vectors.size:
        raise DataError("The file holds no numbers. It needs a row of numbers for each point.")
    return found


def _read_npy(content: bytes) -> VectorFile:
    try:
        file = io.BytesIO(content)
        version = np.lib.format.read_magic(file)
        shape, _, dtype = HEADER_READERS[version](file)
        _check_size(int(np.prod(shape)))
        if dtype.hasobject:
            raise DataError(
                "The .npy file holds pickled objects, which can run code when they are opened. Save an array "
                "of numbers: numpy.save(file, vectors, allow_pickle=False)."
            )
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"This is no .npy file that numpy can read ({error}).") from error
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        raise DataError(
            f"The array has the shape {array.shape} and the type {array.dtype}. It must have two axes, "
            "rows and columns, and hold numbers."
        )
    return VectorFile(array.astype(np.float32), _number_rows(len(array)))


def _read_frame(extension: str, content: bytes) -> VectorFile:
    import pandas as pd

    try:
        if extension == ".parquet":
            frame = _read_parquet(content)
        else:
            separator = "\t" if extension == ".tsv" else ","
            frame = pd.read_csv(io.BytesIO(content), sep=separator, encoding="utf-8-sig")
    except (ValueError, OSError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"The table cannot be read: {' '.join(str(error).split())[:200]}") from error
    labelled = [name for name in frame.columns if _is_label_name(name)]
    numbers = frame.select_dtypes(include="number").drop(columns=labelled, errors="ignore")
    _check_size(numbers.size)
    others = frame.columns.difference(numbers.columns, sort=False)
    words = {str(name): tuple(frame[name].fillna("").astype(str)) for name in others}
    labels, items = _label_column(words), _item_column(words)
    return VectorFile(
        numbers.to_numpy(dtype=np.float32, na_value=np.nan),
        words[items] if items is not None else _number_rows(len(frame)),
        words[labels] if labels is not None else None,
    )


def _read_parquet(content: bytes) -> "pd.DataFrame":
    """The table; a column of lists becomes one column a number."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        _check_size(max(file.metadata.num_rows, _count_values(file.metadata)))
        table = file.read()
    except pa.ArrowException as error:
        raise DataError(f"This is no .parquet file that can be read ({error}).") from error
    frame = table.to_pandas()
    lists = [name for name in frame.columns if len(frame) and isinstance(frame[name].iloc[0], np.ndarray)]
    for name in lists:
        _check_width(str(name), len(frame[name].iloc[0]))
        spread = pd.DataFrame(np.stack(frame.pop(name).to_list()))
        frame = pd.concat([frame, spread.add_prefix(f"{name} ")], axis=1)
    return pd.DataFrame(frame)


def _count_values(metadata: "FileMetaData") -> int:
    """Values of all columns, those within lists counted one by one, from the file's own summary."""
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    return sum(group.column(index).num_values for group in groups for index in range(group.num_columns))


def _label_column(words: dict[str, tuple[str, ...]]) -> str | None:
    few = [name for name, cells in words.items() if 1 < len(set(cells)) <= min(MAX_LABELS, len(cells) // 2)]
    named = [name for name in words if _is_label_name(name)]
    return next(iter(named + few), None)


def _is_label_name(name: object) -> bool:
    return str(name).strip().lower() in LABEL_NAMES


def _item_column(words: dict[str, tuple[str, ...]]) -> str | None:
    return max(words, key=lambda name: sum(map(len, words[name])), default=None)


def _check_size(num_values: int) -> None:
    if num_values > MAX_VALUES:
        raise DataError(f"The file holds {num_values:,} values; at most {MAX_VALUES:,} are read.")


def _check_width(name: str, width: int) -> None:
    if width > MAX_WIDTH:
        raise DataError(
            f"A cell of the column '{name}' holds {width:,} numbers; at most {MAX_WIDTH:,} are read as one "
            "vector. Give each vector a row of its own, or reduce it first."
        )


def _number_rows(count: int) -> tuple[str, ...]:
    return tuple(f"row {number}" for number in range(1, count + 1))


def attach_labels(file: VectorFile, lines: Sequence[str]) -> VectorFile:
    """The same vectors with one label a row. Raises DataError where their numbers differ."""
    if len(lines) != len(file.vectors):
        raise DataError(
            f"There are {len(lines):,} labels and {len(file.vectors):,} vectors. Give one label a line, in "
            "the order of the vectors."
        )
    return VectorFile(file.vectors, file.items, tuple(line.strip() for line in lines))
