"""The command ``attention``."""

from pathlib import Path
from typing import Any

import click

from bert_explorer.cli.files import write_whole
from bert_explorer.cli.output import format_columns, json_option, model_option, write_result
from bert_explorer.results import Attention


@click.command()
@click.argument("text")
@click.option("--pair", metavar="TEXT", help="A second text, read after the first one.")
@click.option("--layer", type=int, metavar="L", help="Only this layer, from 0.")
@click.option("--head", type=int, metavar="H", help="Only this head, from 0.")
@click.option("--words", is_flag=True, help="Whole words: to a word the sum of its pieces, from it the mean.")
@click.option("--hide-special", is_flag=True, help="Without special tokens, rows divided by their rest.")
@click.option("--rollout", is_flag=True, help="Also rollout through the layers (Abnar & Zuidema 2020).")
@click.option("--norms", is_flag=True, help="Also norms of the vectors mixed (Kobayashi et al. 2020).")
@click.option("--methods", is_flag=True, help="Also four methods of weighing tokens, and their agreement.")
@click.option("--target", metavar="WORD", help="With --methods: the word or class that is predicted.")
@click.option("--mask", type=int, default=0, metavar="N", help="With --methods: which mask, from 0.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write bertviz's head view, a page that needs no internet.",
)
@model_option
@json_option
def attention(
    text: str,
    pair: str | None,
    layer: int | None,
    head: int | None,
    words: bool,
    hide_special: bool,
    rollout: bool,
    norms: bool,
    methods: bool,
    target: str | None,
    mask: int,
    html: Path | None,
    model: str,
    as_json: bool,
) -> None:
    """Show who attends to whom in TEXT.

    With --json "attentions" is nested as [layer][head][query][key]; "layers" and "heads" name what was
    asked, so that --layer 3 --head 1 gives one layer of one head. "tokens" stand on its axes, "all_tokens"
    (with their special ones) on those of "rollout", "norms" and "methods", which are over all layers.

    Example: attention "The cat sat because it was tired." --layer 3 --head 1
    """
    from bert_explorer.analysis.attention import check_head, compute_attention
    from bert_explorer.analysis.attention_summaries import compute_summaries
    from bert_explorer.analysis.attention_words import arrange, token_units, word_units
    from bert_explorer.cli import attention_methods as more
    from bert_explorer.models.cache import open_model

    extra: dict[str, Any] = {}
    with open_model(model) as engine:
        if head is not None:
            check_head(head, engine.info.num_heads)
        found = compute_attention(engine, text, pair, None if layer is None else [layer])
        units = word_units(found.tokens) if words else token_units(found.tokens)
        if rollout:
            extra["rollout"] = more.rollout_json(engine, text, pair, units)
        if norms:
            extra["norms"] = more.norms_json(engine.value_norms(text, pair), units)
        if methods:
            summaries = compute_summaries(engine, text, pair, mask=mask, target=target)
            extra["methods"] = more.summaries_json(summaries, units)
    if extra:
        extra["all_tokens"] = list(units.names)
    found = arrange(found, words=words, with_special=not hide_special)
    if html is not None:
        _write_page(found, head, html)
    heads = list(range(found.attentions.shape[1])) if head is None else [head]
    result = {
        "tokens": list(found.tokens.tokens),
        "layers": list(found.layers),
        "heads": heads,
        "attentions": more.rounded(found.attentions[:, heads]),  # (layers, heads, query, key)
    }
    printed = _print_strongest(found, heads)
    if methods:
        printed += "\n\n" + more.print_summaries(extra["methods"], extra["all_tokens"])
    write_result(result | extra, printed, as_json=as_json)


def _write_page(found: Attention, head: int | None, path: Path) -> None:
    from bert_explorer.plots.bertviz import head_view_html

    page = head_view_html(found, heads=None if head is None else [head])
    write_whole(path, page.encode())


def _print_strongest(found: Attention, heads: list[int]) -> str:
    """For every token the one that it attends to most, on the average over the heads asked for."""
    from bert_explorer.plots.labels import format_token

    tokens = [format_token(token) for token in found.tokens.tokens]
    mean = found.attentions[:, heads].mean(axis=(0, 1))  # (query, key)
    rows = [("FROM", "MOSTLY TO", "WEIGHT")]
    rows += [
        (tokens[i], tokens[int(key)], f"{mean[i, key]:.3f}") for i, key in enumerate(mean.argmax(axis=1))
    ]
    if len(found.layers) * len(heads) == 1:
        title = f"Layer {found.layers[0]}, head {heads[0]} (counted from 0)"
    else:
        title = f"Mean of {len(found.layers)} layers and {len(heads)} heads; --json has each of them"
    return f"{title}\n{format_columns(rows)}"
