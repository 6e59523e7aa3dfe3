"""Files that commands read and write."""

import os
from pathlib import Path

from bert_explorer.errors import DataError


def read_lines(path: Path) -> list[str]:
    """The texts of a file with one text a line. Raises DataError that names an empty line."""
    from bert_explorer.training.tables.decoding import decode_text

    text, _ = decode_text(path.read_bytes())
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if lines == [""]:
        raise DataError(f"{path} is empty. Write one text a line.")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            raise DataError("This line is empty. Remove it: every line is one text.", line=number)
    return lines


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: whatever happens, there is the whole file or the one from before."""
    if path.exists() and not path.is_file():  # a device or a pipe must stay what it is
        path.write_bytes(content)
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
