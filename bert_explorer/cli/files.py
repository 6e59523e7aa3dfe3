"""Files that commands read and write, and how they are named on a command line."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.output import write_note

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

file_argument = click.argument("file", type=EXISTING_FILE)


def output_option(metavar: str, description: str) -> Callable[[Any], Any]:
    """The file that a command must be told to write."""
    return click.option("--output", required=True, type=NEW_FILE, metavar=metavar, help=description)


def read_lines(path: Path) -> list[str]:
    """The texts of a file with one text a line. Raises DataError that names an empty line."""
    from bert_explorer.training.tables.unlabelled import split_lines

    return split_lines(str(path), path.read_bytes())


def note_long_lines(engine: "Engine", texts: Sequence[str], *, cut: bool = False) -> None:
    """Say on stderr how many texts the model cannot read at once, and what happens to them."""
    from bert_explorer.analysis.embeddings import find_long

    count = len(find_long(engine, texts))
    if count:
        fate = "cut there" if cut else "read in windows of that length, and the windows joined"
        limit = engine.info.max_length
        write_note(f"{count:,} of {len(texts):,} lines have more than {limit:,} tokens. They are {fate}.")


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
