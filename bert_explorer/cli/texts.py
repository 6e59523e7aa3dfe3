"""The commands ``fill-mask``, ``score`` and ``next-sentence``: questions about one or two texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.output import (
    format_columns,
    json_option,
    model_option,
    show_progress,
    write_result,
)
from bert_explorer.results import MaskedWords, MaskPrediction, TextScore, TokenProbability, WordScore

if TYPE_CHECKING:
    from bert_explorer.analysis.joint_words import JointWords


@click.command("fill-mask")
@click.argument("text")
@click.option("--pair", metavar="TEXT", help="A second text, read after the first one.")
@click.option("--top-k", default=10, show_default=True, metavar="N", help="How many words to show.")
@click.option(
    "--target", "targets", multiple=True, metavar="WORD", help="Also score this word; may be repeated."
)
@click.option("--joint", is_flag=True, help="Also fill all masks together.")
@model_option
@json_option
def fill_mask(
    text: str,
    pair: str | None,
    top_k: int,
    targets: tuple[str, ...],
    joint: bool,
    model: str,
    as_json: bool,
) -> None:
    """Predict the words behind each [MASK] of TEXT, each mask on its own.

    A target may have several pieces: its score is the chain of their probabilities from left to right.

    Example: fill-mask "The keys to the cabinet [MASK] on the table." --target are --target is
    """
    from bert_explorer.analysis.joint_words import predict_jointly
    from bert_explorer.analysis.masked_words import predict_masks
    from bert_explorer.analysis.word_scores import score_words
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        words = predict_masks(engine, text, pair=pair, top_k=top_k)
        scores = [
            score_words(engine, text, targets, pair=pair, mask=i) if targets else ()
            for i in range(len(words.masks))
        ]
        together = predict_jointly(engine, text, pair=pair, top_k=top_k) if joint else ()
    result: dict[str, Any] = {
        "tokens": list(words.tokens.tokens),
        "masks": [_describe(*item) for item in zip(words.masks, scores, strict=True)],
    }
    if joint:
        result["joint"] = [
            {"words": list(item.words), "log_probability": item.log_probability} for item in together
        ]
    printed = _print_masks(words, scores) + (f"\n\n{_print_joint(together)}" if joint else "")
    write_result(result, printed, as_json=as_json)


@click.command()
@click.argument("text")
@model_option
@json_option
def score(text: str, model: str, as_json: bool) -> None:
    """Score TEXT: how expected is each of its tokens, when it alone is hidden?

    Example: score "The keys to the cabinet are on the table."
    """
    from bert_explorer.analysis.pseudo_likelihood import score_text
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        answer = score_text(engine, text, progress=show_progress("Windows"))
    pairs = zip(answer.tokens, answer.surprisal_bits.tolist(), strict=True)
    result = {
        "pseudo_log_likelihood": answer.pseudo_log_likelihood,
        "pseudo_perplexity": answer.pseudo_perplexity,
        "tokens": [{"token": token, "surprisal_bits": bits} for token, bits in pairs],
    }
    write_result(result, _print_score(answer), as_json=as_json)


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


def _describe(mask: MaskPrediction, scores: Sequence[WordScore]) -> dict[str, Any]:
    def describe(token: str, item: TokenProbability | WordScore) -> dict[str, Any]:
        return {"token": token, "probability": item.probability, "rank": item.rank}

    return {
        "position": mask.position,
        "predictions": [describe(item.token, item) for item in mask.predictions],
        "targets": [describe(item.word, item) | {"pieces": list(item.pieces)} for item in scores],
    }


def _print_masks(words: MaskedWords, scores: Sequence[Sequence[WordScore]]) -> str:
    from bert_explorer.plots.labels import format_token, show_characters

    def row(word: str, item: TokenProbability | WordScore, kind: str) -> tuple[str, ...]:
        return (str(item.rank), word, f"{item.probability:.2%}", kind)

    parts = []
    for number, (mask, targets) in enumerate(zip(words.masks, scores, strict=True), start=1):
        rows: list[tuple[str, ...]] = [("RANK", "WORD", "PROBABILITY", "")]
        rows += [row(format_token(item.token), item, "") for item in mask.predictions]
        rows += [row(show_characters(item.word), item, "target") for item in targets]
        parts.append(f"Mask {number}, token {mask.position}\n{format_columns(rows)}")
    return "\n\n".join(parts)


def _print_score(answer: TextScore) -> str:
    from bert_explorer.plots.labels import format_token

    rows: list[tuple[str, ...]] = [("BITS", "TOKEN")]
    pairs = zip(answer.surprisal_bits.tolist(), answer.tokens, strict=True)
    rows += [(f"{bits:.2f}", format_token(token)) for bits, token in pairs]
    return (
        f"{format_columns(rows)}\n\npseudo-log-likelihood {answer.pseudo_log_likelihood:.2f}, "
        f"pseudo-perplexity {answer.pseudo_perplexity:.2f}"
    )


def _print_joint(together: tuple["JointWords", ...]) -> str:
    from bert_explorer.plots.labels import format_token

    if not together:
        return "All masks together: the likeliest tokens are pieces that cannot stand alone"
    rows: list[tuple[str, ...]] = [("WORDS", "LOG PROBABILITY")]
    rows += [(" ".join(map(format_token, item.words)), f"{item.log_probability:.2f}") for item in together]
    return f"All masks together\n{format_columns(rows)}"
