"""The commands ``restore`` and ``sentence-pairs``: BERT's two pretraining tasks on a text of one's own."""

from pathlib import Path

import click

from bert_explorer.cli.files import EXISTING_FILE, file_argument, read_lines
from bert_explorer.cli.output import format_columns, json_option, model_option, write_result


@click.command()
@click.argument("text")
@click.option("--share", default=0.15, show_default=True, help="Share of the tokens to choose.")
@click.option("--seed", default=1, show_default=True, help="Another seed chooses other tokens.")
@model_option
@json_option
def restore(text: str, share: float, seed: int, model: str, as_json: bool) -> None:
    """Corrupt TEXT as pretraining does, and let the model restore it.

    Example: restore "The old man walked slowly down to the harbour." --seed 2
    """
    from bert_explorer.analysis.restoration import restore_text
    from bert_explorer.models.cache import open_model
    from bert_explorer.plots.labels import format_token

    if not 0 < share <= 1:
        raise click.BadParameter(f"{share} is not a share. Give a number above 0, up to 1.")
    with open_model(model) as engine:
        answer = restore_text(engine, text, share=share, seed=seed)
    corrupted = answer.corrupted
    chosen = [
        {
            "position": position,
            "treatment": treatment,
            "token": truth.token,
            "probability": truth.probability,
            "rank": truth.rank,
            "guess": guess.token,
        }
        for position, treatment, truth, guess in zip(
            corrupted.positions, corrupted.treatments, answer.truths, answer.guesses, strict=True
        )
    ]
    rows: list[tuple[str, ...]] = [("TOKEN", "WAS", "PROBABILITY", "FIRST GUESS")]
    rows += [
        (format_token(truth.token), treatment, f"{truth.probability:.2%}", format_token(guess.token))
        for treatment, truth, guess in zip(corrupted.treatments, answer.truths, answer.guesses, strict=True)
    ]
    result = {"tokens": list(corrupted.tokens.tokens), "shown": list(corrupted.shown), "chosen": chosen}
    write_result(result, f"{' '.join(corrupted.shown)}\n\n{format_columns(rows)}", as_json=as_json)


@click.command("sentence-pairs")
@file_argument
@click.option(
    "--strangers",
    required=True,
    type=EXISTING_FILE,
    help="Sentences of other texts, one a line.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed draws other strangers.")
@model_option
@json_option
def sentence_pairs(file: Path, strangers: Path, seed: int, model: str, as_json: bool) -> None:
    """Judge pairs made from the sentences of FILE: true neighbours, strangers, and the wrong order.

    Example: sentence-pairs story.txt --strangers assets/examples/sentences.tsv
    """
    from bert_explorer.analysis.sentence_pairs import KINDS, count_right, judge_text
    from bert_explorer.models.cache import open_model
    from bert_explorer.training.tables.decoding import decode_text

    story, _ = decode_text(file.read_bytes())
    others = [line.rpartition("\t")[2] for line in read_lines(strangers)]
    with open_model(model) as engine:
        judged = judge_text(engine, story, others, seed=seed)
    right = {kind: count_right(judged.pairs, kind) for kind in KINDS}
    result = {
        "right": {kind: {"right": count, "n": total} for kind, (count, total) in right.items()},
        "pairs": [vars(pair) for pair in judged.pairs],
    }
    rows: list[tuple[str, ...]] = [("KIND", "FOLLOWS", "FIRST", "SECOND")]
    rows += [(pair.kind, f"{pair.is_next_probability:.1%}", pair.first, pair.second) for pair in judged.pairs]
    write_result(result, format_columns(rows), as_json=as_json)
