"""The command ``search``."""

import time
from pathlib import Path

import click

from bert_explorer.cli.files import file_argument, note_long_lines, read_lines
from bert_explorer.cli.output import (
    format_columns,
    json_option,
    layer_option,
    model_option,
    show_progress,
    write_result,
)


@click.command()
@file_argument
@click.argument("query")
@click.option("--top-k", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N")
@layer_option
@click.option("--raw", is_flag=True, help="Do not subtract the mean of all lines first.")
@model_option
@json_option
def search(
    file: Path, query: str, top_k: int, layer: int | None, raw: bool, model: str, as_json: bool
) -> None:
    """Find the lines of FILE whose vectors point most in the direction of QUERY's.

    Vectors are means over all tokens; lines beyond the model's limit are read in windows. The score is the
    cosine, and "line" counts from 1.

    Example: search sentences.txt "We watched the stars."
    """
    from bert_explorer.analysis.embeddings import embed_texts
    from bert_explorer.analysis.similarity import find_nearest
    from bert_explorer.models.cache import open_model

    texts = read_lines(file)
    start = time.monotonic()
    with open_model(model) as engine:
        chosen = engine.info.num_layers if layer is None else layer
        progress = show_progress("Lines")
        note_long_lines(engine, texts)
        vector = embed_texts(engine, [query], layer=chosen, pooling="mean", windows=True).vectors[0]
        vectors = embed_texts(
            engine, texts, layer=chosen, pooling="mean", windows=True, progress=progress
        ).vectors
    matches = find_nearest(vector, vectors, top_k, centre=not raw)
    found = [{"line": item.row + 1, "cosine": item.cosine, "text": texts[item.row]} for item in matches]
    rows = [("LINE", "COSINE", "TEXT")]
    rows += [(str(item.row + 1), f"{item.cosine:.3f}", texts[item.row]) for item in matches]
    result = {"matches": found, "rows": len(texts), "elapsed_s": time.monotonic() - start}
    write_result(result, format_columns(rows), as_json=as_json)
