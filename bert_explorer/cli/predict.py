"""The command ``predict``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bert_explorer.cli.files import file_argument, output_option, write_whole
from bert_explorer.cli.output import json_option, model_option, show_progress, write_result
from bert_explorer.settings import get_settings
from bert_explorer.training.tables.predicted import format_csv
from bert_explorer.training.tables.unlabelled import check_filled, choose_columns, read_unlabelled

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@click.command()
@file_argument
@output_option("OUT.csv", "CSV file for the columns of FILE and two more: prediction and probability.")
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
    table = read_unlabelled(file.name, file.read_bytes(), (text, trained[0]))
    text, pair = choose_columns(table, trained, text, pair)
    texts = table.column(text)
    pairs = table.column(pair) if pair else (None,) * len(texts)
    check_filled(table, texts)
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
