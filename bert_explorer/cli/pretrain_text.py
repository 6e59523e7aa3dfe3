"""The commands `pretrain`: those of the room pretraining, and `pretrain text`, one through the run queue."""

import time
from pathlib import Path

import click

from bert_explorer.cli.files import file_argument
from bert_explorer.cli.output import json_option, write_note, write_result
from bert_explorer.pretraining.cli import pretrain

__all__ = ["pretrain"]


@pretrain.command("text")
@file_argument
@click.option(
    "--model",
    default="from-nothing",
    show_default=True,
    help="A BERT to go on with, or from-nothing: a small one with a vocabulary of the text's own.",
)
@click.option("--passes", type=int, help="How often the text is read. Default: 40 from nothing, else 3.")
@click.option("--cloze", multiple=True, help="A sentence with one [MASK], answered on the way; repeatable.")
@click.option("--name", default="", help="A name for the list of runs. Default: the file's.")
@click.option("--seed", default=0, show_default=True)
@json_option
def pretrain_text(
    file: Path, model: str, passes: int | None, cloze: tuple[str, ...], name: str, seed: int, as_json: bool
) -> None:
    """Train a BERT on the plain text in FILE with BERT's two games; the model is run:ID afterwards.

    Example: pretrain text story.txt --cloze "He opened the [MASK]."
    """
    import json
    from dataclasses import replace

    from bert_explorer.analysis.training_text import divide_text
    from bert_explorer.cli.following import describe_run, follow_run
    from bert_explorer.settings import get_settings
    from bert_explorer.training.own_pretraining import own_pretraining
    from bert_explorer.training.queue import open_run_queue
    from bert_explorer.training.run import CLI_OWNER
    from bert_explorer.training.run_folder import run_folder
    from bert_explorer.training.tables.decoding import decode_text

    start = time.monotonic()
    content = file.read_bytes()
    divide_text(decode_text(content)[0])  # says what is missing before anything is queued
    config = replace(own_pretraining(model, passes, cloze), seed=seed)
    queue = open_run_queue()
    accepted = queue.submit(CLI_OWNER, name, file.name, content, config)
    queue.start(only=accepted.id)
    write_note(f"Run {accepted.id}")
    run = follow_run(queue, accepted.id)
    metrics = run.metrics or {}
    answers = run_folder(run.id, get_settings()).cloze
    kept = json.loads(answers.read_text(encoding="utf-8")) if answers.is_file() else None
    result = describe_run(run) | {"run_id": run.id, "elapsed_s": time.monotonic() - start, "cloze": kept}
    summary = f"Hidden words right: {metrics['top1_before']:.1%} before, {metrics['top1']:.1%} after."
    write_result(result, f"{summary}\nUse it with --model {run.ref}", as_json=as_json)
