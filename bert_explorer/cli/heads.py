"""The command ``heads``."""

import time
from pathlib import Path
from typing import Any

import click

from bert_explorer.cli.files import EXISTING_FILE
from bert_explorer.cli.output import (
    format_columns,
    json_option,
    model_option,
    show_progress,
    write_note,
    write_result,
)
from bert_explorer.results import HeadRelations, RelationHead


@click.command()
@click.option(
    "--treebank",
    type=EXISTING_FILE,
    metavar="FILE.conllu",
    help="Sentences with dependency trees. Default: the 1,000 of UD English PUD.",
)
@model_option
@json_option
def heads(treebank: Path | None, model: str, as_json: bool) -> None:
    """Find the head that follows each dependency relation best (Clark et al. 2019).

    "accuracy" is the share of dependents that attend most to their head word; "baseline" that of the best
    fixed offset; "interval" holds the accuracy in 95 of 100 samples. "reverse" is the same for the word that
    attends most to the dependent. The time counts reading and computing, not the start of the model.

    Example: heads --treebank en_pud-ud-test.conllu --json
    """
    from bert_explorer.analysis.relations import evaluate_relations
    from bert_explorer.analysis.treebank import read_bundled_treebank, read_treebank
    from bert_explorer.models.cache import open_model
    from bert_explorer.settings import get_settings

    start = time.monotonic()
    sentences = (
        read_bundled_treebank(get_settings()) if treebank is None else read_treebank(treebank.read_bytes())
    )
    reading_s = time.monotonic() - start
    with open_model(model) as engine:
        start = time.monotonic()
        found = evaluate_relations(engine, sentences, progress=show_progress("Sentences"))
        elapsed_s = reading_s + time.monotonic() - start
    if found.num_skipped:
        why = "do not fit into the model or hold nothing to read"
        write_note(f"{found.num_skipped} sentences {why}, and were left out.")
    result = {
        "relations": _describe(found),
        "sentences": found.num_sentences,
        "skipped": found.num_skipped,
        "elapsed_s": elapsed_s,
    }
    write_result(result, _print_relations(found), as_json=as_json)


def _describe(found: HeadRelations) -> dict[str, Any]:
    from bert_explorer.analysis.relations import REVERSE, find_best_head

    described = {}
    for number, relation in enumerate(found.relations):
        best, reverse = find_best_head(found, number), find_best_head(found, number, REVERSE)
        described[relation] = _describe_head(best) | {
            "baseline": best.baseline,
            "offset": best.offset,
            "n": best.count,
            "reverse": _describe_head(reverse),
        }
    return described


def _describe_head(best: RelationHead) -> dict[str, Any]:
    return {
        "layer": best.layer,
        "head": best.head,
        "accuracy": best.accuracy,
        "interval": list(best.interval),
    }


def _print_relations(found: HeadRelations) -> str:
    from bert_explorer.analysis.relations import find_best_head

    rows: list[tuple[str, ...]] = [("RELATION", "LAYER", "HEAD", "ACCURACY", "95 %", "BASELINE", "N")]
    for number in range(len(found.relations)):
        best = find_best_head(found, number)
        low, high = best.interval
        rows.append(
            (
                best.relation,
                str(best.layer),
                str(best.head),
                f"{best.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}",
                f"{best.baseline:.1%} ({best.offset:+d})",
                f"{best.count:,}",
            )
        )
    return format_columns(rows)
