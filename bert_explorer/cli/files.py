"""Files that commands read and write."""

import os
from pathlib import Path


def read_lines(path: Path) -> list[str]:
    """The texts of a file with one text a line. Raises DataError that names an empty line."""
    from bert_explorer.training.tables.unlabelled import split_lines

    return split_lines(str(path), path.read_bytes())


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
