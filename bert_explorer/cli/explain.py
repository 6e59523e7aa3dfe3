"""The command ``explain``."""

from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.kept import again_option
from bert_explorer.cli.output import format_columns, json_option, model_option, write_result

if TYPE_CHECKING:
    from bert_explorer.results import Attributions, FaithfulnessCurves

METHODS = ("gradient-input", "integrated-gradients", "occlusion", "rollout")


@click.command()
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="A second text; of a question, the text that holds its answer.")
@click.option(
    "--target",
    metavar="NAME",
    help="The class, tag or masked word; start or end of an answer. Default: the likeliest.",
)
@click.option("--word", type=int, metavar="N", help="For tags: the word that is asked about, from 0.")
@click.option("--mask", type=int, default=0, metavar="N", help="For masked words: which mask, from 0.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="integrated-gradients",
    show_default=True,
    help='Which scores are "attributions".',
)
@click.option("--pieces", is_flag=True, help="Scores of word pieces, not of whole words.")
@click.option(
    "--baseline",
    type=click.Choice(("pad", "mask", "zero")),
    default="pad",
    show_default=True,
    help="Where integrated gradients begin: these in the place of all words.",
)
@click.option(
    "--removal",
    type=click.Choice(("mask", "delete")),
    default="mask",
    show_default=True,
    help="How occlusion takes a word away.",
)
@click.option("--faithfulness", is_flag=True, help="Also curves of deletion and insertion, and random ones.")
@click.option("--held-out", is_flag=True, help="In place of TEXT: words that push most, over held-out rows.")
@click.option("--shortcuts", is_flag=True, help="In place of TEXT: words that flip the class of such rows.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="Rows at most.")
@again_option
@model_option
@json_option
def explain(
    text: str | None,
    pair: str | None,
    target: str | None,
    word: int | None,
    mask: int,
    method: str,
    pieces: bool,
    baseline: Any,
    removal: Any,
    faithfulness: bool,
    held_out: bool,
    shortcuts: bool,
    limit: int,
    again: bool,
    model: str,
    as_json: bool,
) -> None:
    """Tell which words of TEXT made a model say what it says: a class, a number, a tag, an answer, a word.

    With --held-out or --shortcuts many texts are looked at: the rows kept out of the run's training.

    Scores are in nats of evidence (log-odds) for the prediction; those of rollout are shares.

    Example: explain "Free entry! Text WIN to claim." --model run:3f2a
    """
    from bert_explorer.analysis.attributions import explain_text, units_of
    from bert_explorer.analysis.faithfulness import measure_faithfulness
    from bert_explorer.cli.explain_many import find_many, summarize_many
    from bert_explorer.models.cache import open_model

    if sum((text is not None, held_out, shortcuts)) != 1:
        raise click.UsageError("Give a TEXT, or --held-out, or --shortcuts.")
    if text is None:
        result, printed = (
            find_many(model, limit, again=again)
            if shortcuts
            else summarize_many(model, method, limit, again=again)
        )
        write_result(result, printed, as_json=as_json)
        return
    extra: dict[str, Any] = {}
    with open_model(model) as engine:
        found = explain_text(
            engine, text, pair, target=target, word=word, mask=mask, by_words=not pieces,
            baseline=baseline, removal=removal,
        )  # fmt: skip
        mask_token = engine.info.mask_token
        if faithfulness:
            extra["faithfulness"] = curves_json(measure_faithfulness(engine, found))
    scores = dict(zip(found.methods, found.scores.astype(float).round(7).tolist(), strict=True))
    result = {
        "tokens": list(units_of(found).names),
        "attributions": scores[method],
        "prediction": found.name,
        "likelihood": found.likelihood,
        "evidence": found.evidence,
        "completeness_error": found.completeness_error,
        "change": found.change,
        "num_points": found.num_points,
        "methods": scores,
        "spearman": agreement_json(found, mask_token),
    }
    write_result(result | extra, print_scores(result, extra), as_json=as_json)


def agreement_json(found: "Attributions", mask_token: str | None) -> list[list[float | None]]:
    """Spearman's rho of every two methods, special tokens and masks left out."""
    from bert_explorer.analysis.attributions import ranked_units, units_of
    from bert_explorer.analysis.rank_agreement import agreement, spearman

    ranked = ranked_units(found.tokens, units_of(found), mask_token)
    return agreement(list(found.scores[:, ranked]), spearman)


def curves_json(curves: "FaithfulnessCurves") -> dict[str, Any]:
    """Likelihoods by method and step, and the areas under them; of random orders all of them."""
    from bert_explorer.analysis.faithfulness import areas

    found: dict[str, Any] = {"shares": curves.shares.tolist()}
    for way, rows, chance in (
        ("deletion", curves.deletion, curves.random_deletion),
        ("insertion", curves.insertion, curves.random_insertion),
    ):
        found[way] = {
            name: {"curve": row.tolist(), "area": float(areas(curves.shares, row))}
            for name, row in zip(curves.methods, rows, strict=True)
        }
        found[way]["random"] = {
            "curves": chance.tolist(),
            "areas": areas(curves.shares, chance).tolist(),
        }
    return found


def print_scores(result: dict[str, Any], extra: dict[str, Any]) -> str:
    """Scores as columns, then what the curves say."""
    from bert_explorer.plots.labels import format_token

    methods = result["methods"]
    rows = [("WORD", *(name.upper() for name in methods))]
    for i, name in enumerate(result["tokens"]):
        rows.append((format_token(name), *(f"{methods[method][i]:.3f}" for method in methods)))
    title = (
        f"Prediction: {result['prediction']}, likelihood {result['likelihood']:.4f}, evidence "
        f"{result['evidence']:.3f}\nIntegrated gradients are complete to {result['completeness_error']:.2%} "
        f"({result['num_points']} points)"
    )
    text = f"{title}\n{format_columns(rows)}"
    return f"{text}\n\n{_print_areas(extra['faithfulness'])}" if extra else text


def _print_areas(curves: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("AREA UNDER", "DELETION", "INSERTION")]
    for name in METHODS:
        rows.append((name, *(f"{curves[way][name]['area']:.3f}" for way in ("deletion", "insertion"))))
    chance = [curves[way]["random"]["areas"] for way in ("deletion", "insertion")]
    rows.append(("random, mean", *(f"{sum(values) / len(values):.3f}" for values in chance)))
    return format_columns(rows)
