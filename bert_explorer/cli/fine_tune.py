"""The command ``fine-tune``."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.output import json_option, model_option, write_note, write_result
from bert_explorer.errors import DataError

if TYPE_CHECKING:
    from bert_explorer.training.config import FineTuneConfig


@click.command("fine-tune")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--task",
    metavar="TASK",
    help="text-classification, multi-label, regression, token-classification or question-answering. "
    "Default: guessed from the file.",
)
@click.option("--text", metavar="COLUMN", help="Column of the texts. Default: guessed.")
@click.option("--pair", metavar="COLUMN", help="Column of second texts, for pairs.")
@click.option("--label", metavar="COLUMN", help="Column of the labels. Default: guessed.")
@click.option("--epochs", type=int, help="How often every row is seen. Default: 3.")
@click.option("--batch-size", type=int, help="Rows a step. Default: 16.")
@click.option(
    "--learning-rate", type=float, help="Largest step of the weights. Default: by the model's size."
)
@click.option(
    "--freeze",
    metavar="none|embeddings|N|all",
    help="Which weights stay as they are: N is the embeddings and the lowest N layers. Default: none.",
)
@click.option("--max-length", type=int, help="Tokens of a text at most. Default: 128.")
@click.option(
    "--preset",
    metavar="PRESET",
    help="live-demo, balanced or best: settings that go together; those given besides win.",
)
@click.option("--weight-decay", type=float, help="Pull of the weights towards zero. Default: 0.01.")
@click.option("--warmup-share", type=float, help="Share of the steps in which the rate rises. Default: 0.1.")
@click.option("--layer-decay", type=float, help="Rate of a layer relative to the one above. Default: 1.")
@click.option("--class-weights", metavar="none|balanced", help="Balanced: every class weighs the same.")
@click.option("--held-out-share", type=float, help="Share of the rows to measure on. Default: 0.2.")
@click.option("--seed", type=int, help="The same seed gives the same run. Default: 0.")
@click.option("--name", default="", help="A name for the list of runs. Default: the file's.")
@model_option
@json_option
def fine_tune(
    file: Path,
    task: str | None,
    text: str | None,
    pair: str | None,
    label: str | None,
    name: str,
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
    from bert_explorer.settings import get_settings
    from bert_explorer.training.examples import COLUMNS_OF, guess_task
    from bert_explorer.training.queue import open_run_queue
    from bert_explorer.training.run import CLI_OWNER

    start = time.monotonic()
    content = file.read_bytes()
    task = task or guess_task(file.name, content, get_settings())
    columns = COLUMNS_OF.get(task) or _choose_columns(file.name, content, text, label, pair)
    config = _configure(task=task, **columns, **options)
    queue = open_run_queue()
    accepted = queue.submit(CLI_OWNER, name, file.name, content, config)
    queue.start(only=accepted.id)
    write_note(f"Run {accepted.id}: {task}, {config.text_column} -> {config.label_column}")
    run = follow_run(queue, accepted.id)
    elapsed_s = time.monotonic() - start
    metrics = run.metrics or {}
    result = describe_run(run) | {"run_id": run.id, "elapsed_s": elapsed_s}
    headline = metrics.get("headline", "accuracy")
    figure = f"held-out {headline.replace('_', ' ')} {metrics[headline]:.3f}"
    summary = f"Run {run.id} finished in {elapsed_s:.0f} s: {figure}"
    write_result(result, f"{summary}\nUse it with --model {run.ref}", as_json=as_json)


def _configure(**options: Any) -> "FineTuneConfig":
    """What was not given is left to the configuration; the learning rate to the model's size."""
    from bert_explorer.models.catalog import describe_model
    from bert_explorer.settings import get_settings
    from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
    from bert_explorer.training.presets import apply_preset

    preset = options.pop("preset") or "balanced"
    given = {name: value for name, value in options.items() if value is not None}
    info = describe_model(options["model"], get_settings())
    config = replace(apply_preset(FineTuneConfig(**given), preset, info), **given)
    if "learning_rate" in given:
        return config
    return replace(config, learning_rate=suggest_learning_rate(info, config.freeze))


def _choose_columns(
    filename: str, content: bytes, text: str | None, label: str | None, pair: str | None
) -> dict[str, str | None]:
    """The columns given, else guessed from names and contents."""
    from bert_explorer.training.data import guess_columns, read_table

    table = read_table(filename, content)
    guess = guess_columns(table)
    chosen_text, chosen_label = text or guess.text, label or guess.label
    if chosen_text is None or chosen_label is None:
        raise DataError(
            f"Which column holds the texts and which the labels is not clear. The columns are: "
            f"{', '.join(table.columns)}. Name them with --text and --label."
        )
    guessed_pair = guess.pair if text is None and label is None else None
    return {
        "text_column": chosen_text,
        "label_column": chosen_label,
        "pair_column": pair or guessed_pair,
    }
