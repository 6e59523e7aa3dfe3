"""The command ``predict``."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bert_explorer.cli.files import write_whole
from bert_explorer.cli.output import json_option, model_option, show_progress, write_result
from bert_explorer.errors import DataError
from bert_explorer.training.data import guess_columns, read_table
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.training.tables.table import Table

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SINGLE_COLUMN = "text"  # the name of an only column without a header
TEXT_EXTENSIONS = (".csv", ".tsv", ".txt")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.csv",
    help="CSV file for the columns of FILE and two more: prediction and probability.",
)
@click.option("--text", metavar="COLUMN", help="Column of the texts. Default: the run's, else guessed.")
@click.option("--pair", metavar="COLUMN", help="Column of second texts. Default: the run's.")
@model_option
@json_option
def predict(file: Path, output: Path, text: str | None, pair: str | None, model: str, as_json: bool) -> None:
    """Classify every row of FILE with a fine-tuned model; longer texts are cut at the model's limit.

    A cell that a spreadsheet would run as a formula (it starts with = + - @) gets an apostrophe first.

    Example: predict new.csv --model run:3f2a --output predicted.csv
    """
    from bert_explorer.models.cache import open_model

    table = read_rows(file)
    text, pair = choose_columns(table, model, text, pair)
    texts = table.column(text)
    pairs = table.column(pair) if pair else (None,) * len(texts)
    with open_model(model) as engine:
        answers = _classify_rows(engine, table, texts, pairs)
    write_whole(output, format_csv(table, answers).encode("utf-8"))
    write_result({"rows": len(answers)}, f"{len(answers)} rows in {output}", as_json=as_json)


def read_rows(file: Path) -> Table:
    """The table of a file, which here may have one column only: labels are not needed."""
    content = file.read_bytes()
    if file.suffix.lower() in TEXT_EXTENSIONS and content.strip():
        rows = list(csv.reader(io.StringIO(decode_text(content)[0], newline="")))
        cells = tuple(tuple(row) for row in rows if row)
        if all(len(row) == 1 for row in cells) and not any("\t" in row[0] for row in cells):
            return _single_column(file.name, cells)
    return read_table(file.name, content)


def _single_column(filename: str, cells: tuple[tuple[str, ...], ...]) -> Table:
    has_header = cells[0][0].strip().lower() in ("text", "texts", "sentence", "sentences", "message")
    name = cells[0][0].strip() if has_header else SINGLE_COLUMN
    rows = cells[has_header:]
    lines = tuple(range(1 + has_header, len(cells) + 1))
    return Table(filename, (name,), rows, lines, has_header)


def choose_columns(table: Table, model: str, text: str | None, pair: str | None) -> tuple[str, str | None]:
    """Columns of texts and second texts: as given, as the run was trained on, else guessed."""
    if text is None and len(table.columns) == 1:
        return table.columns[0], pair
    trained_text, trained_pair = _trained_columns(model)
    if text is None and trained_text in table.columns:
        return str(trained_text), pair or trained_pair
    chosen = text or guess_columns(table).text
    if chosen is None:
        raise DataError(
            f"Which column holds the texts is not clear. The columns are: {', '.join(table.columns)}. "
            "Name it with --text."
        )
    return chosen, pair


def _trained_columns(model: str) -> tuple[str | None, str | None]:
    """What a run's model was trained on; nothing for other models, or where the run was deleted."""
    from bert_explorer.errors import RunNotFoundError
    from bert_explorer.settings import get_settings
    from bert_explorer.training.store import RunStore

    kind, _, run_id = model.partition(":")
    if kind != "run":
        return None, None
    try:
        config = RunStore(get_settings().resolved_database_url).get(run_id).config
    except RunNotFoundError:
        return None, None
    return config.text_column, config.pair_column


def _classify_rows(
    engine: "Engine", table: Table, texts: Sequence[str], pairs: Sequence[str | None]
) -> list[tuple[str, float]]:
    """Label and probability of each row."""
    from bert_explorer.analysis.classification import classify_all

    for line, cell in zip(table.line_numbers, texts, strict=True):
        if not cell.strip():
            raise DataError("The text is empty. Fill it in or remove the row.", line=line)
    answers = classify_all(engine, texts, pairs, progress=show_progress("Rows"))
    return [(answer.label, answer.probability) for answer in answers]


def format_csv(table: Table, answers: Iterable[tuple[str, float]]) -> str:
    """The table with two columns more, safe to open in a spreadsheet."""
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator="\n")
    added = [_new_name(name, table.columns) for name in ("prediction", "probability")]
    writer.writerow([escape_formula(name) for name in (*table.columns, *added)])
    for row, (label, probability) in zip(table.rows, answers, strict=True):
        writer.writerow([*map(escape_formula, (*row, label)), f"{probability:.6f}"])
    return content.getvalue()


def escape_formula(cell: str) -> str:
    """The cell, with an apostrophe first where a spreadsheet would take it for a formula (CWE-1236)."""
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _new_name(name: str, columns: Sequence[str]) -> str:
    number, candidate = 1, name
    while candidate in columns:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
