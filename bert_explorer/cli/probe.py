"""The command ``probe``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bert_explorer.cli.files import EXISTING_FILE
from bert_explorer.cli.output import (
    format_columns,
    json_option,
    model_option,
    show_progress,
    write_result,
)
from bert_explorer.results import ProbeReport
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@click.command()
@click.argument("file", required=False, type=EXISTING_FILE)
@click.option("--text", "text_column", metavar="C", help="Column of texts. Default: guessed.")
@click.option("--label", "label_column", metavar="C", help="Column of labels. Default: guessed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split and the control task.")
@model_option
@json_option
def probe(
    file: Path | None,
    text_column: str | None,
    label_column: str | None,
    seed: int,
    model: str,
    as_json: bool,
) -> None:
    """Read the labels of FILE off every layer with a linear probe.

    FILE is a table as for fine-tune, or a treebank (.conllu), whose parts of speech are read. Without FILE:
    the bundled treebank. Beside each accuracy stands that of the control task.

    Example: probe assets/datasets/sms_spam_200.tsv
    """
    from bert_explorer.models.cache import open_model

    start = time.monotonic()
    with open_model(model) as engine:
        if file is None or file.suffix.lower() == ".conllu":
            report = _probe_treebank(engine, file, seed)
        else:
            report = _probe_table(engine, file, text_column, label_column, seed)
    layers = [
        {"layer": layer, "accuracy": hits / report.num_test, "control_accuracy": control / report.num_test}
        for layer, (hits, control) in enumerate(zip(report.hits, report.control_hits, strict=True))
    ]
    result = {
        "labels": list(report.labels),
        "n_train": report.num_train,
        "n_test": report.num_test,
        "majority": report.majority_hits / report.num_test,
        "surface": report.surface_hits / report.num_test,
        "layers": layers,
        "elapsed_s": time.monotonic() - start,
    }
    write_result(result, _print_report(report), as_json=as_json)


def _probe_treebank(engine: "Engine", file: Path | None, seed: int) -> ProbeReport:
    from bert_explorer.analysis.probe_examples import probe_tags
    from bert_explorer.analysis.treebank import read_bundled_treebank, read_treebank

    sentences = read_bundled_treebank(get_settings()) if file is None else read_treebank(file.read_bytes())
    return probe_tags(engine, sentences, seed=seed, progress=show_progress("Probing"))


def _probe_table(
    engine: "Engine", file: Path, text_column: str | None, label_column: str | None, seed: int
) -> ProbeReport:
    from bert_explorer.analysis.probe_examples import probe_texts
    from bert_explorer.training.data import guess_columns, read_table

    table = read_table(file.name, file.read_bytes())
    guess = guess_columns(table)
    texts = table.column(text_column or guess.text)
    labels = table.column(label_column or guess.label)
    return probe_texts(engine, texts, labels, seed=seed, progress=show_progress("Probing"))


def _print_report(report: ProbeReport) -> str:
    count = report.num_test
    rows = [("LAYER", "ACCURACY", "CONTROL", "SELECTIVITY")]
    rows += [
        (str(layer), f"{hits / count:.3f}", f"{control / count:.3f}", f"{(hits - control) / count:+.3f}")
        for layer, (hits, control) in enumerate(zip(report.hits, report.control_hits, strict=True))
    ]
    title = (
        f"{len(report.labels)} labels, {report.num_train} {report.kind} to learn from, {count} to measure "
        f"with; without vectors: majority {report.majority_hits / count:.3f}, surface "
        f"{report.surface_hits / count:.3f}"
    )
    return f"{title}\n{format_columns(rows)}"
