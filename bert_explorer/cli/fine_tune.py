"""The command ``fine-tune``."""

import time
from pathlib import Path
from typing import Any

import click

from bert_explorer.cli.files import EXISTING_FILE, file_argument
from bert_explorer.cli.output import json_option, model_option, write_note, write_result
from bert_explorer.cli.run_settings import configure, setting_options


@click.command("fine-tune")
@file_argument
@click.option(
    "--learning-rate", type=float, help="Largest step of the weights. Default: by the model's size."
)
@click.option(
    "--freeze",
    metavar="none|embeddings|N|all",
    help="Which weights stay as they are: N is the embeddings and the lowest N layers. Default: none.",
)
@setting_options
@click.option(
    "--keep-best/--keep-last",
    default=None,
    help="The best epoch, by rows set aside for this, or the last one. Default: by the preset.",
)
@click.option(
    "--held-out",
    type=EXISTING_FILE,
    metavar="FILE",
    help="Another file of the same kind, to measure on; a table with the same columns.",
)
@click.option("--folds", type=int, help="Train so many runs; each row is held out in one of them.")
@model_option
@json_option
def fine_tune(
    file: Path,
    name: str,
    held_out: Path | None,
    folds: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a model on FILE and measure it on rows held out.

    FILE is a table (CSV, TSV, JSONL, XLSX) with labels that are classes, several labels or numbers; words
    with tags (CoNLL, CoNLL-U, JSONL with spans); or questions on texts (SQuAD's JSON, JSONL).

    The finished model is run:ID for every other command. Ctrl+C interrupts the run; runs resume ID
    goes on with it.

    Example: fine-tune reviews.csv --text review --label sentiment --epochs 2
    """
    from bert_explorer.cli.following import describe_run, follow_run
    from bert_explorer.cli.run_groups import train_folds
    from bert_explorer.training.queue import open_run_queue
    from bert_explorer.training.run import CLI_OWNER

    start = time.monotonic()
    filename, content = file.name, file.read_bytes()
    if held_out is not None:
        filename, content = join_files(file, held_out)
        options["split"] = options["split"] or "split"
    config = configure(filename, content, options)
    if folds is not None:
        train_folds(name, filename, content, config, folds, as_json=as_json)
        return
    queue = open_run_queue()
    accepted = queue.submit(CLI_OWNER, name, filename, content, config)
    queue.start(only=accepted.id)
    write_note(f"Run {accepted.id}: {config.task}, {config.text_column} -> {config.label_column}")
    run = follow_run(queue, accepted.id)
    elapsed_s = time.monotonic() - start
    metrics = run.metrics or {}
    result = describe_run(run) | {"run_id": run.id, "elapsed_s": elapsed_s}
    headline = metrics.get("headline", "accuracy")
    figure = f"held-out {headline.replace('_', ' ')} {metrics[headline]:.3f}"
    summary = f"Run {run.id} finished in {elapsed_s:.0f} s: {figure}"
    write_result(result, f"{summary}\nUse it with --model {run.ref}", as_json=as_json)


def join_files(file: Path, held_out: Path) -> tuple[str, bytes]:
    """Both files as one, which says of each example which of the two it came from."""
    from bert_explorer.settings import get_settings
    from bert_explorer.training.data import read_table
    from bert_explorer.training.examples import guess_task, has_columns
    from bert_explorer.training.tables.parts import join_held_out
    from bert_explorer.training.tables.writing import write_table
    from bert_explorer.training.told_parts import join_examples

    contents = [path.read_bytes() for path in (file, held_out)]
    if not has_columns(guess_task(file.name, contents[0], get_settings())):
        return join_examples(file.name, contents[0], held_out.name, contents[1])
    tables = [
        read_table(path.name, content) for path, content in zip((file, held_out), contents, strict=True)
    ]
    return f"{file.stem} and {held_out.stem}.csv", write_table(join_held_out(*tables))
