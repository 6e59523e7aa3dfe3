"""The commands ``fill-mask`` and ``next-sentence``: questions about one or two texts."""

from typing import Any

import click

from bert_explorer.cli.output import format_columns, json_option, model_option, write_result
from bert_explorer.results import MaskedWords, MaskPrediction, TokenProbability


@click.command("fill-mask")
@click.argument("text")
@click.option("--pair", metavar="TEXT", help="A second text, read after the first one.")
@click.option("--top-k", default=10, show_default=True, metavar="N", help="How many words to show.")
@click.option(
    "--target", "targets", multiple=True, metavar="WORD", help="Also score this word; may be repeated."
)
@model_option
@json_option
def fill_mask(
    text: str, pair: str | None, top_k: int, targets: tuple[str, ...], model: str, as_json: bool
) -> None:
    """Predict the words behind each [MASK] of TEXT, each mask on its own.

    Example: fill-mask "The keys to the cabinet [MASK] on the table." --target are --target is
    """
    from bert_explorer.analysis.masked_words import predict_masks
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        words = predict_masks(engine, text, pair=pair, top_k=top_k, targets=targets)
    result = {"tokens": list(words.tokens.tokens), "masks": [_describe(mask) for mask in words.masks]}
    write_result(result, _print_masks(words), as_json=as_json)


@click.command("next-sentence")
@click.argument("first")
@click.argument("second")
@model_option
@json_option
def next_sentence(first: str, second: str, model: str, as_json: bool) -> None:
    """Give the probability that SECOND followed FIRST in a text.

    Example: next-sentence "He opened the door." "The room was empty."
    """
    from bert_explorer.analysis.next_sentence import predict_next_sentence
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        probability = predict_next_sentence(engine, first, second).is_next_probability
    text = f"{probability:.1%} that the second sentence follows the first"
    write_result({"is_next_probability": probability}, text, as_json=as_json)


def _describe(mask: MaskPrediction) -> dict[str, Any]:
    def describe(item: TokenProbability) -> dict[str, Any]:
        return {"token": item.token, "probability": item.probability, "rank": item.rank}

    return {
        "position": mask.position,
        "predictions": [describe(item) for item in mask.predictions],
        "targets": [describe(item) for item in mask.targets],
    }


def _print_masks(words: MaskedWords) -> str:
    from bert_explorer.plots.labels import format_token

    def row(item: TokenProbability, kind: str) -> tuple[str, ...]:
        return (str(item.rank), format_token(item.token), f"{item.probability:.2%}", kind)

    parts = []
    for number, mask in enumerate(words.masks, start=1):
        rows: list[tuple[str, ...]] = [("RANK", "WORD", "PROBABILITY", "")]
        rows += [row(item, "") for item in mask.predictions]
        rows += [row(item, "target") for item in mask.targets]
        parts.append(f"Mask {number}, token {mask.position}\n{format_columns(rows)}")
    return "\n\n".join(parts)
