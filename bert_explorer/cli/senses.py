"""The command ``senses``."""

from pathlib import Path

import click

from bert_explorer.cli.files import EXISTING_FILE
from bert_explorer.cli.output import format_columns, json_option, model_option, write_result
from bert_explorer.results import WordSenses
from bert_explorer.settings import get_settings


@click.command()
@click.argument("word")
@click.argument("file", required=False, type=EXISTING_FILE)
@model_option
@json_option
def senses(word: str, file: Path | None, model: str, as_json: bool) -> None:
    """Tell the senses of WORD apart in the sentences of FILE, layer by layer.

    FILE holds a sense, a tab and a sentence a line. Without FILE, WORD is one of the bundled sets: bank,
    spring or bat. Each sentence is given the sense whose mean vector is nearest, itself left out.

    Example: senses bank
    """
    from bert_explorer.analysis.senses import compute_senses
    from bert_explorer.models.cache import open_model

    sentences, labels = _read(word, file)
    with open_model(model) as engine:
        found = compute_senses(engine, word, sentences, labels)
    layers = [
        {"layer": layer, "accuracy": float(accuracy), "silhouette": silhouette}
        for layer, accuracy, silhouette in zip(
            found.film.layers, found.accuracies, found.silhouettes, strict=True
        )
    ]
    result = {"word": word, "n": len(sentences), "senses": list(found.names), "baseline": found.majority}
    write_result(result | {"layers": layers}, _print_layers(found), as_json=as_json)


def _read(word: str, file: Path | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from bert_explorer.analysis.sense_sets import SETS, parse_senses, read_set
    from bert_explorer.training.tables.decoding import decode_text

    if file is not None:
        return parse_senses(decode_text(file.read_bytes())[0])
    if word not in SETS:
        raise click.UsageError(f"There is no bundled set for '{word}', only {', '.join(SETS)}. Give a FILE.")
    return read_set(word, get_settings())


def _print_layers(found: WordSenses) -> str:
    rows = [("LAYER", "ACCURACY", "SILHOUETTE")]
    rows += [
        (str(layer), f"{accuracy:.3f}", f"{silhouette:.3f}")
        for layer, accuracy, silhouette in zip(
            found.film.layers, found.accuracies, found.silhouettes, strict=True
        )
    ]
    title = f"{found.word}: {len(found.sentences)} sentences, most frequent sense {found.majority:.3f}"
    return f"{title}\n{format_columns(rows)}"
