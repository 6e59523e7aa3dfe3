"""The command ``doctor``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.files import NEW_FILE, file_argument, write_whole
from bert_explorer.cli.output import json_option, model_option, write_result
from bert_explorer.errors import InputError

if TYPE_CHECKING:
    from bert_explorer.training.doctor.findings import Finding
    from bert_explorer.training.tables.table import Table

SHOWN_LINES = 5


@click.command()
@file_argument
@click.option("--text", metavar="COLUMN", help="Column of the texts. Default: guessed.")
@click.option("--pair", metavar="COLUMN", help="Column of second texts. Default: guessed.")
@click.option("--label", metavar="COLUMN", help="Column of the labels. Default: guessed.")
@click.option("--max-length", type=int, default=128, show_default=True, help="Tokens of a text at most.")
@click.option("--fix", multiple=True, metavar="NAME", help="Apply the fix of this finding; again for more.")
@click.option(
    "--output",
    type=NEW_FILE,
    metavar="OUT.csv",
    help="Where the mended file goes. FILE itself is never changed.",
)
@model_option
@json_option
def doctor(
    file: Path,
    text: str | None,
    pair: str | None,
    label: str | None,
    max_length: int,
    fix: tuple[str, ...],
    output: Path | None,
    model: str,
    as_json: bool,
) -> None:
    """Look for what may be wrong with a labelled FILE before a model is trained on it.

    Example: doctor reviews.csv --fix spellings --output mended.csv
    """
    from bert_explorer.training.config import FineTuneConfig
    from bert_explorer.training.data import guess_columns, read_table
    from bert_explorer.training.tables.writing import write_table

    if bool(fix) != (output is not None):
        raise InputError("--fix and --output need each other: the file itself is never changed.")
    table = read_table(file.name, file.read_bytes())
    guess = guess_columns(table)
    config = FineTuneConfig(
        text_column=text or guess.text,
        label_column=label or guess.label,
        pair_column=pair or (guess.pair if text is label is None else None),
        model=model,
        max_length=max_length,
    )
    for name in fix:
        table = _mend(table, config.label_column, name, _examine(table, config))
    findings = _examine(table, config)
    if output is not None:
        write_whole(output, write_table(table))
    described = [_describe(finding, table) for finding in findings]
    lines = [_print(item) for item in described] or ["Nothing to mend was found."]
    result = {"rows": len(table.rows), "findings": described}
    write_result(result, "\n".join([f"{len(table.rows):,} rows in {file}", *lines]), as_json=as_json)


def _examine(table: "Table", config: Any) -> "tuple[Finding, ...]":
    from bert_explorer.settings import get_settings
    from bert_explorer.training.doctor.examination import examine

    return examine(table, config, get_settings())


def _mend(table: "Table", label: str, name: str, findings: "tuple[Finding, ...]") -> "Table":
    from bert_explorer.training.doctor.findings import apply_fix

    fixes = {finding.name: finding.fix for finding in findings if finding.fix is not None}
    if name not in fixes:
        raise InputError(f"There is no fix '{name}' for this file. There are: {', '.join(fixes) or 'none'}.")
    return apply_fix(table, label, fixes[name])


def _describe(finding: "Finding", table: "Table") -> dict[str, Any]:
    return {
        "name": finding.name,
        "severity": str(finding.severity),
        "title": finding.title,
        "advice": finding.advice,
        "lines": [table.line_numbers[row] for row in finding.rows],
        "fix": finding.fix.title if finding.fix is not None else None,
    }


def _print(item: dict[str, Any]) -> str:
    lines = ", ".join(map(str, item["lines"][:SHOWN_LINES]))
    more = f" and {len(item['lines']) - SHOWN_LINES:,} more" if len(item["lines"]) > SHOWN_LINES else ""
    where = f"\n  lines {lines}{more}" if lines else ""
    fix = f"\n  --fix {item['name']}: {item['fix']}" if item["fix"] else ""
    return f"{item['severity']}: {item['title']}\n  {item['advice']}{where}{fix}"
