"""The command ``attention``."""

from pathlib import Path

import click
import numpy as np

from bert_explorer.cli.files import write_whole
from bert_explorer.cli.output import format_columns, json_option, model_option, write_result
from bert_explorer.results import Attention

DECIMALS = 7  # of float32 no more are real


@click.command()
@click.argument("text")
@click.option("--pair", metavar="TEXT", help="A second text, read after the first one.")
@click.option("--layer", type=int, metavar="L", help="Only this layer, from 0.")
@click.option("--head", type=int, metavar="H", help="Only this head, from 0.")
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
    html: Path | None,
    model: str,
    as_json: bool,
) -> None:
    """Show who attends to whom in TEXT.

    With --json "attentions" is nested as [layer][head][query][key]; "layers" and "heads" name what was
    asked, so that --layer 3 --head 1 gives one layer of one head.

    Example: attention "The cat sat because it was tired." --layer 3 --head 1
    """
    from bert_explorer.analysis.attention import check_head, compute_attention
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        if head is not None:
            check_head(head, engine.info.num_heads)
        found = compute_attention(engine, text, pair, None if layer is None else [layer])
    if html is not None:
        _write_page(found, head, html)
    heads = list(range(found.attentions.shape[1])) if head is None else [head]
    weights = found.attentions[:, heads]  # (layers, heads, query, key)
    result = {
        "tokens": list(found.tokens.tokens),
        "layers": list(found.layers),
        "heads": heads,
        "attentions": np.round(weights.astype(np.float64), DECIMALS).tolist(),
    }
    write_result(result, _print_strongest(found, heads), as_json=as_json)


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
