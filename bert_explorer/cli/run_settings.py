"""How a run is to be trained, from the options of a command line."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.output import write_note
from bert_explorer.errors import DataError

if TYPE_CHECKING:
    from bert_explorer.training.config import FineTuneConfig

Command = Callable[..., Any]
SETTING_OPTIONS = (
    click.option(
        "--task",
        metavar="TASK",
        help="text-classification, multi-label, regression, token-classification or question-answering. "
        "Default: guessed from the file.",
    ),
    click.option("--text", metavar="COLUMN", help="Column of the texts. Default: guessed."),
    click.option("--pair", metavar="COLUMN", help="Column of second texts, for pairs."),
    click.option("--label", metavar="COLUMN", help="Column of the labels. Default: guessed."),
    click.option("--epochs", type=int, help="How often every row is seen. Default: 3."),
    click.option("--batch-size", type=int, help="Rows a step. Default: 16."),
    click.option("--max-length", type=int, help="Tokens of a text at most. Default: 128."),
    click.option(
        "--preset",
        metavar="PRESET",
        help="live-demo, balanced or best: settings that go together; those given besides win.",
    ),
    click.option("--weight-decay", type=float, help="Pull of the weights towards zero. Default: 0.01."),
    click.option(
        "--warmup-share", type=float, help="Share of the steps in which the rate rises. Default: 0.1."
    ),
    click.option("--layer-decay", type=float, help="Rate of a layer relative to the one above. Default: 1."),
    click.option("--lora-rank", type=int, help="Train matrices of this rank beside the layers. Default: 0."),
    click.option("--lora-alpha", type=int, help="Their weight, divided by the rank. Default: 16."),
    click.option("--class-weights", metavar="none|balanced", help="Balanced: every class weighs the same."),
    click.option("--held-out-share", type=float, help="Share of the rows to measure on. Default: 0.2."),
    click.option(
        "--split", metavar="COLUMN", help="Column of train, test or validation; or none. Default: guessed."
    ),
    click.option("--patience", type=int, help="Epochs without a better result that end it. Default: 2."),
    click.option("--precision", metavar="float32|bfloat16", help="Of multiplications. Default: float32."),
    click.option("--seed", type=int, help="The same seed gives the same run. Default: 0."),
    click.option("--name", default="", help="A name for the list of runs. Default: the file's."),
)


def setting_options(command: Command) -> Command:
    """The options that decide how a run turns out, the learning rate and what is frozen apart."""
    for option in reversed(SETTING_OPTIONS):
        command = option(command)
    return command


def configure(filename: str, content: bytes, options: dict[str, Any]) -> "FineTuneConfig":
    """From the options of a command line; what was not given is guessed, or has its default."""
    from bert_explorer.settings import get_settings
    from bert_explorer.training.examples import COLUMNS_OF, guess_task

    options = dict(options)
    text, pair, label = (options.pop(name) for name in ("text", "pair", "label"))
    task = options.pop("task") or guess_task(filename, content, get_settings())
    columns = COLUMNS_OF.get(task) or _choose_columns(filename, content, text, label, pair)
    split = _choose_split(filename, content, task, options.pop("split"))
    return _configure(task=task, split_column=split, **columns, **options)


def _choose_split(filename: str, content: bytes, task: str, given: str | None) -> str | None:
    """The user's own split: the column given, else one that looks like it; ``none`` is for no column."""
    from bert_explorer.training.data import read_table
    from bert_explorer.training.examples import find_told_split, has_columns
    from bert_explorer.training.tables.parts import find_split_column

    if given is not None:
        return None if given == "none" else given
    if has_columns(task):
        table = read_table(filename, content)
        found = find_split_column(table.columns, table.rows)
    else:
        found = find_told_split(filename, content, task)
    if found is not None:
        write_note(f"Rows are split as the column '{found}' says (--split none: by chance).")
    return found


def _configure(**options: Any) -> "FineTuneConfig":
    """What was not given is left to the configuration; the learning rate to the model's size."""
    from bert_explorer.models.catalog import describe_model
    from bert_explorer.settings import get_settings
    from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
    from bert_explorer.training.presets import apply_preset

    preset = options.pop("preset") or "balanced"
    given = {name: value for name, value in options.items() if value is not None}
    info = describe_model(options["model"], get_settings())
    if given.get("lora_rank"):  # leaves the layers alone, whatever the preset says of them
        given = {"freeze": "none", "layer_decay": 1.0} | given
    columns = {name: value for name, value in given.items() if name.endswith("_column") or name == "task"}
    config = replace(apply_preset(FineTuneConfig(**columns), preset, info), **given)
    if "learning_rate" in given:
        return config
    return replace(config, learning_rate=suggest_learning_rate(info, config.freeze, config.lora_rank))


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
