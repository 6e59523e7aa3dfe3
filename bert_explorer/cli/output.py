"""What commands share: the options of all, and how results and progress are written."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import click

Progress = Callable[[int, int], None]
PROGRESS_INTERVAL_S = 1.0

model_option = click.option(
    "--model",
    default="bundled",
    show_default=True,
    metavar="REF",
    help="bundled, run:ID, local:NAME, or a hub id (org/name, org/name@revision).",
)
layer_option = click.option(
    "--layer", type=int, metavar="L", help="0 is the embedding output. Default: the last layer."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write exactly one JSON object.")


def write_result(result: dict[str, Any], text: str, *, as_json: bool) -> None:
    """The answer on stdout, for programs or for people."""
    click.echo(json.dumps(result, allow_nan=False) if as_json else text)


def write_note(text: str) -> None:
    """One line on stderr."""
    click.echo(text, err=True)


def format_columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as columns of equal width, the first row as their heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def show_progress(what: str) -> Progress:
    """A function to call with (done, total): one line a second on stderr, and one at the end."""
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= PROGRESS_INTERVAL_S:
            last = now
            write_note(f"{what}: {done:,} of {total:,}")
            sys.stderr.flush()

    return show
