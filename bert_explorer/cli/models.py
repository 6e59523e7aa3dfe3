"""The command ``models``."""

from typing import Any

import click

from bert_explorer.cli.output import format_columns, json_option, write_result
from bert_explorer.results import ModelInfo


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the models on this computer: the bundled one, local folders, hub models and finished runs.

    Example: models --json
    """
    from bert_explorer.models.catalog import list_models
    from bert_explorer.settings import get_settings

    infos = list_models(get_settings())
    header = ("MODEL", "FAMILY", "LAYERS", "HEADS", "HIDDEN", "CAN DO")
    rows = [
        (
            info.ref,
            info.family,
            str(info.num_layers),
            str(info.num_heads),
            str(info.hidden_size),
            ", ".join(sorted(info.capabilities)),
        )
        for info in infos
    ]
    text = format_columns([header, *rows])
    write_result({"models": [_describe(info) for info in infos]}, text, as_json=as_json)


def _describe(info: ModelInfo) -> dict[str, Any]:
    return {
        "ref": info.ref,
        "name": info.name,
        "family": info.family,
        "num_layers": info.num_layers,
        "num_heads": info.num_heads,
        "hidden_size": info.hidden_size,
        "vocab_size": info.vocab_size,
        "max_length": info.max_length,
        "num_parameters": info.num_parameters,
        "capabilities": sorted(info.capabilities),
        "labels": list(info.labels),
    }
