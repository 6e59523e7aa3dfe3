"""Several runs at one command: ``fine-tune --folds`` and the command ``search-settings``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.files import file_argument
from bert_explorer.cli.output import format_columns, json_option, model_option, write_note, write_result
from bert_explorer.cli.run_settings import configure, setting_options
from bert_explorer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bert_explorer.training.config import FineTuneConfig
    from bert_explorer.training.run import Run


@click.command("search-settings")
@file_argument
@click.option("--rates", metavar="R,R,...", default="", help="Learning rates. Default: one that suits.")
@click.option("--freeze", "freezes", metavar="F,F,...", default="", help="none, embeddings, N, all: several.")
@setting_options
@model_option
@json_option
def search_settings(file: Path, rates: str, freezes: str, name: str, as_json: bool, **options: Any) -> None:
    """Train on FILE with every rate and every choice of frozen layers, and compare them.

    The best is chosen by a part of the rows to learn from; the held-out rows then say how good it is.

    Example: search-settings reviews.csv --rates 1e-4,2e-4 --freeze none,4
    """
    from bert_explorer.models.catalog import describe_model
    from bert_explorer.settings import get_settings
    from bert_explorer.training.groups import rank_search, search_configs

    start = time.monotonic()
    content = file.read_bytes()
    config = configure(file.name, content, {**options, "learning_rate": None})
    info = describe_model(config.model, get_settings())
    configs = search_configs(config, info, rates=_numbers(rates), freezes=_words(freezes))
    finished = _train_group(name or file.stem, file.name, content, configs)
    ranked = rank_search(finished)
    rows = [_describe(run) for run in ranked]
    result = {"runs": rows, "best": ranked[0].id, "elapsed_s": time.monotonic() - start}
    lines = [("ID", "LEARNING RATE", "FROZEN", "VALIDATION", "HELD OUT", "EPOCH")]
    for row in rows:
        figures = (f"{row[key]:.3f}" for key in ("validation_score", "held_out_score"))
        rate, epoch = f"{row['learning_rate']:g}", f"{row['best_epoch']:.1f}"
        lines.append((row["run_id"], rate, row["freeze"], *figures, epoch))
    summary = f"The best by its validation rows is {ranked[0].id}. Use it with --model {ranked[0].ref}"
    write_result(result, f"{format_columns(lines)}\n{summary}", as_json=as_json)


def train_folds(
    name: str, filename: str, content: bytes, config: "FineTuneConfig", folds: int, *, as_json: bool
) -> None:
    """Trains one run for each fold, and writes their mean with its interval."""
    from bert_explorer.training.groups import fold_configs, summarise_folds

    start = time.monotonic()
    configs = fold_configs(config, folds)
    finished = _train_group(name or Path(filename).stem, filename, content, configs)
    summary = summarise_folds(finished)
    assert summary is not None  # every run has finished, or the command has failed
    result = {
        "folds": folds,
        "runs": [_describe(run) for run in finished],
        "metric": summary.metric,
        "mean": summary.mean,
        "interval": [summary.low, summary.high],
        "elapsed_s": time.monotonic() - start,
    }
    scores = ", ".join(f"{score:.3f}" for score in summary.scores)
    text = (
        f"Held-out {summary.metric.replace('_', ' ')} of {folds} folds: {scores}\n"
        f"Mean {summary.mean:.3f}, 95 % interval {summary.low:.3f} to {summary.high:.3f}"
    )
    write_result(result, text, as_json=as_json)


def _train_group(
    name: str, filename: str, content: bytes, configs: "Sequence[FineTuneConfig]"
) -> "list[Run]":
    """One run after the other, in this process's care. Raises RunError where one does not finish."""
    from bert_explorer.cli.following import follow_run
    from bert_explorer.training.groups import describe_choice, submit_group
    from bert_explorer.training.queue import open_run_queue
    from bert_explorer.training.run import CLI_OWNER

    queue = open_run_queue()
    accepted = submit_group(queue, CLI_OWNER, name, filename, content, configs)
    finished = []
    for number, run in enumerate(accepted, 1):
        write_note(f"Run {number} of {len(accepted)}, {run.id}: {describe_choice(run.config)}")
        queue.start(only=run.id)
        finished.append(follow_run(queue, run.id))
        queue.stop()
    return finished


def _describe(run: "Run") -> dict[str, Any]:
    from bert_explorer.training.groups import headline_of

    headline = headline_of(run)
    assert headline is not None
    metrics = run.metrics or {}
    return {
        "run_id": run.id,
        "learning_rate": run.config.learning_rate,
        "freeze": run.config.freeze,
        "fold": run.config.fold if run.config.folds else None,
        "metric": headline[0],
        "held_out_score": headline[1],
        "validation_score": metrics.get("validation_score"),
        "best_epoch": metrics.get("best_epoch"),
    }


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in _words(text)]
    except ValueError:
        raise InputError(f"--rates is '{text}'. Write numbers between commas, such as 1e-4,2e-4.") from None
