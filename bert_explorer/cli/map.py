"""The command ``map``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.analysis.anisotropy import CORRECTIONS, Correction
from bert_explorer.analysis.projection import METHODS, Method
from bert_explorer.cli.files import file_argument, note_long_lines, output_option, write_whole
from bert_explorer.cli.output import json_option, layer_option, model_option, show_progress, write_result
from bert_explorer.models.requests import POOLINGS, Pooling
from bert_explorer.results import Embeddings

if TYPE_CHECKING:
    from bert_explorer.analysis.maps import Map

TEXTS = (".txt", ".tsv")  # of a table with other endings, the columns of numbers are vectors


@click.command("map")
@file_argument
@output_option("OUT.csv", "Table for the coordinates, one row a point.")
@click.option("--method", type=click.Choice(METHODS), default="pca", show_default=True)
@click.option("--dimensions", type=click.IntRange(2, 3), default=2, show_default=True)
@click.option("--correction", type=click.Choice(CORRECTIONS), default="none", show_default=True)
@layer_option
@click.option("--pooling", type=click.Choice(POOLINGS), default="mean", show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of t-SNE and UMAP.")
@model_option
@json_option
def map_texts(
    file: Path,
    output: Path,
    method: Method,
    dimensions: int,
    correction: Correction,
    layer: int | None,
    pooling: Pooling,
    seed: int,
    model: str,
    as_json: bool,
) -> None:
    """Draw the lines of FILE, or vectors, as points, and tell how far the picture can be trusted.

    FILE holds a text a line, with or without a label and a tab before it (.txt, .tsv); or it holds vectors:
    .npy, .csv or .parquet.

    Example: map assets/examples/sentences.tsv --output map.csv --method umap
    """
    from bert_explorer.analysis.maps import HEADER, Drawing, draw_map, map_rows
    from bert_explorer.ui.downloads import table_csv

    start = time.monotonic()
    if file.suffix.lower() in TEXTS:
        vectors, labels = _embed(file, model, layer, pooling)
    else:
        vectors, labels = _read(file)
    points = draw_map(vectors, labels, Drawing(method, dimensions, correction, seed))
    write_whole(output, table_csv(HEADER, map_rows(points, range(len(points.embeddings.items)))))
    result = {"rows": len(points.embeddings.items), "method": method, "seed": seed, **_quality(points)}
    text = "\n".join(f"{name}: {value}" for name, value in result.items())
    write_result(result | {"elapsed_s": time.monotonic() - start}, text, as_json=as_json)


def _embed(
    file: Path, model: str, layer: int | None, pooling: Pooling
) -> tuple[Embeddings, tuple[str, ...] | None]:
    from bert_explorer.analysis.embeddings import embed_texts
    from bert_explorer.models.cache import open_model
    from bert_explorer.training.tables.decoding import decode_text
    from bert_explorer.ui.collections import parse_lines

    texts = parse_lines(decode_text(file.read_bytes())[0])
    with open_model(model) as engine:
        note_long_lines(engine, texts.texts)
        chosen = engine.info.num_layers if layer is None else layer
        progress = show_progress("Lines")
        found = embed_texts(
            engine, texts.texts, layer=chosen, pooling=pooling, windows=True, progress=progress
        )
    return found, texts.labels


def _read(file: Path) -> tuple[Embeddings, tuple[str, ...] | None]:
    from bert_explorer.analysis.vector_files import read_vectors

    found = read_vectors(file.name, file.read_bytes())
    return Embeddings(found.vectors, found.items, tuple(range(len(found.items))), 0, "own"), found.labels


def _quality(points: "Map") -> dict[str, Any]:
    """What the page says below its picture; None where it cannot be measured."""
    quality, before = points.quality, points.anisotropy
    agreement = None if quality is None else quality.agreement
    return {
        "variance_kept": sum(points.projection.explained_variance) or None,
        "trustworthiness": None if quality is None else quality.trustworthiness,
        "neighbours": None if quality is None else quality.num_neighbours,
        "same_label_in_picture": None if agreement is None else agreement.picture,
        "same_label_in_all_dimensions": None if agreement is None else agreement.full,
        "same_label_by_chance": None if agreement is None else agreement.chance,
        "mean_cosine_before": None if before is None else before[0],
        "mean_cosine": None if before is None else before[1],
    }
