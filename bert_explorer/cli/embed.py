"""The command ``embed``."""

import io
import time
from pathlib import Path

import click
import numpy as np

from bert_explorer.cli.files import file_argument, note_long_lines, output_option, read_lines, write_whole
from bert_explorer.cli.output import json_option, layer_option, model_option, show_progress, write_result
from bert_explorer.models.requests import POOLINGS, Pooling


@click.command()
@file_argument
@output_option("X.npy", "numpy file for the vectors, one row a line of FILE.")
@layer_option
@click.option("--pooling", type=click.Choice(POOLINGS), default="mean", show_default=True)
@click.option("--cut", is_flag=True, help="Cut lines at the model's limit instead of reading on in windows.")
@model_option
@json_option
def embed(
    file: Path, output: Path, layer: int | None, pooling: Pooling, cut: bool, model: str, as_json: bool
) -> None:
    """Turn each line of FILE into a vector.

    Lines beyond the model's limit are read in windows: the mean over all tokens of all windows, the largest
    value of all, or the mean of the windows' [CLS]. The time counts reading, computing and writing, not the
    start of the model.

    Example: embed sentences.txt --output vectors.npy --layer 6
    """
    from bert_explorer.analysis.embeddings import embed_texts
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        start = time.monotonic()
        chosen = engine.info.num_layers if layer is None else layer
        texts = read_lines(file)
        note_long_lines(engine, texts, cut=cut)
        progress = show_progress("Lines")
        found = embed_texts(engine, texts, layer=chosen, pooling=pooling, windows=not cut, progress=progress)
    content = io.BytesIO()
    np.save(content, found.vectors)
    write_whole(output, content.getvalue())
    elapsed_s = time.monotonic() - start
    rows, columns = found.vectors.shape
    text = f"{rows} vectors of {columns} numbers in {output} ({elapsed_s:.1f} s)"
    write_result({"shape": [rows, columns], "elapsed_s": elapsed_s}, text, as_json=as_json)
