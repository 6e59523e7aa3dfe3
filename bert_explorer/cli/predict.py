"""The command ``predict``."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bert_explorer.cli.files import read_lines, write_whole
from bert_explorer.cli.output import json_option, model_option, show_progress, write_result
from bert_explorer.errors import DataError
from bert_explorer.settings import get_settings
from bert_explorer.training.data import guess_columns, read_table
from bert_explorer.training.tables.columns import is_known_name
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.training.tables.delimited import RawRow
from bert_explorer.training.tables.table import Table

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SINGLE_COLUMN = "text"  # the name of an only column without a header
TEXT_EXTENSIONS = (".csv", ".tsv")
HEADER_NAMES = ("texts", "sentences")  # of an only column, beside those that read_table knows
PLAIN_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


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
    """Give every row of FILE what a fine-tuned model was trained to give: a label, several, a number, tags
    of words, or the answer to a question (column --text) from a text (column --pair).

    Longer texts are cut at the model's limit, except for questions, which are asked of every part.

    A cell that a spreadsheet would run as a formula (it starts with = + - @) gets an apostrophe first.

    Example: predict new.csv --model run:3f2a --output predicted.csv
    """
    from bert_explorer.models.cache import open_model
    from bert_explorer.models.catalog import describe_model, find_folder
    from bert_explorer.models.reference import parse_reference
    from bert_explorer.training.apply import predict_texts
    from bert_explorer.training.task_names import task_of

    trained = _trained_columns(model)
    table = read_rows(file, (text, trained[0]))
    text, pair = choose_columns(table, trained, text, pair)
    texts = table.column(text)
    pairs = table.column(pair) if pair else (None,) * len(texts)
    _check_filled(table, texts)
    info = describe_model(model, get_settings())
    if task_of(info) != "text-classification":
        folder = find_folder(parse_reference(model), get_settings())
        seconds = table.column(pair) if pair else None
        answers = predict_texts(folder, info, texts, seconds, progress=show_progress("Rows"))
    else:
        with open_model(model) as engine:
            answers = _classify_rows(engine, texts, pairs)
    write_whole(output, format_csv(table, answers).encode("utf-8"))
    write_result({"rows": len(answers)}, f"{len(answers)} rows in {output}", as_json=as_json)


def read_rows(file: Path, names: Sequence[str | None] = ()) -> Table:
    """The table of a file, which here may have one column only: labels are not needed.

    A .txt file has one text a line. In a file of one column, a first row out of ``names`` is its header.
    """
    content = file.read_bytes()
    limits = get_settings()
    if len(content) <= limits.max_upload_bytes and content.strip():
        if file.suffix.lower() == ".txt":
            lines = read_lines(file)
            return _single_column(file.name, [(i, (line,)) for i, line in enumerate(lines, start=1)], False)
        rows = _read_one_column(content) if file.suffix.lower() in TEXT_EXTENSIONS else None
        if rows:
            first = rows[0][1][0].strip()
            recurs = any(cells[0].strip() == first for _, cells in rows[1:])
            known = is_known_name(first) or first.lower() in HEADER_NAMES
            return _single_column(file.name, rows, first in names or (known and not recurs))
    elif file.suffix.lower() == ".txt" and not content.strip():
        read_lines(file)
    return read_table(file.name, content)


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


def _trained_columns(model: str) -> tuple[str | None, str | None]:
    """What a run's model was trained on; nothing for other models, or where the run was deleted."""
    from bert_explorer.errors import RunNotFoundError
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
    engine: "Engine", texts: Sequence[str], pairs: Sequence[str | None]
) -> list[tuple[str, float | None]]:
    """Label and probability of each row."""
    from bert_explorer.analysis.classification import classify_all

    answers = classify_all(engine, texts, pairs, progress=show_progress("Rows"))
    return [(answer.label, answer.probability) for answer in answers]


def _check_filled(table: Table, texts: Sequence[str]) -> None:
    for line, cell in zip(table.line_numbers, texts, strict=True):
        if not cell.strip():
            raise DataError("The text is empty. Fill it in or remove the row.", line=line)


def format_csv(table: Table, answers: Iterable[tuple[str, float | None]]) -> str:
    """The table with two columns more, safe to open in a spreadsheet."""
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator="\n")
    added = [_new_name(name, table.columns) for name in ("prediction", "probability")]
    writer.writerow([escape_formula(name) for name in (*table.columns, *added)])
    for row, (label, probability) in zip(table.rows, answers, strict=True):
        shown = "" if probability is None else f"{probability:.6f}"
        writer.writerow([*map(escape_formula, (*row, label)), shown])
    return content.getvalue()


def escape_formula(cell: str) -> str:
    """The cell, with an apostrophe first where a spreadsheet would take it for a formula (CWE-1236)."""
    if PLAIN_NUMBER.fullmatch(cell):
        return cell
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _new_name(name: str, columns: Sequence[str]) -> str:
    number, candidate = 1, name
    while candidate in columns:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
