"""What can be seen inside a run: ``runs film``."""

from typing import Any

import click

from bert_explorer.cli.output import format_columns, json_option, write_result
from bert_explorer.results import TrainingFilm
from bert_explorer.settings import get_settings
from bert_explorer.training.queue import open_run_queue
from bert_explorer.training.run import CLI_OWNER

run_argument = click.argument("run_id", metavar="ID")


@click.command()
@run_argument
@json_option
def film(run_id: str, as_json: bool) -> None:
    """Show what a run answered to a few held-out examples while it trained, and what moved.

    Layers and heads are those of the model, from 1 in the table and from 0 in the JSON.

    Example: runs film 3f2a --json
    """
    from bert_explorer.training.film.file import read_film
    from bert_explorer.training.run_folder import run_folder

    run = open_run_queue().store.get(run_id, CLI_OWNER)
    found = read_film(run_folder(run.id, get_settings()).film)
    write_result({"run_id": run.id} | describe_film(found), _print_film(found), as_json=as_json)


def describe_film(film: TrainingFilm) -> dict[str, Any]:
    """A film as JSON values; ``null`` where nothing was measured."""
    from bert_explorer.analysis import training_film as analysis

    since, flips = analysis.right_since(film), analysis.count_flips(film.rights)
    values = analysis.true_values(film)
    moments = [
        {
            "step": step,
            "epoch": float(film.epochs[moment]),
            "right": int(film.rights[moment].sum()),
            "weight_changes": dict(zip(film.parts, _numbers(film.weight_changes[moment]), strict=True)),
            "head_changes": [_numbers(row) for row in film.head_changes[moment]],
        }
        for moment, step in enumerate(film.steps.tolist())
    ]
    items = [
        {
            "line": item.line,
            "text": item.text,
            "pair": item.pair,
            "word": item.word or None,
            "label": item.label,
            "true_values": _numbers(values[:, index]),
            "flips": int(flips[index]),
            "right_since_step": since[index],
        }
        for index, item in enumerate(film.items)
    ]
    return {"task": film.task, "moments": moments, "items": items, "spent_s": film.spent_s}


def _numbers(values: Any) -> list[float | None]:
    return [float(value) if value == value else None for value in values]


def _print_film(film: TrainingFilm) -> str:
    rows = [("STEP", "EPOCH", "RIGHT", *(part.upper() for part in film.parts))]
    for moment, step in enumerate(film.steps.tolist()):
        moved = (f"{value:.3f}" for value in film.weight_changes[moment])
        right = f"{film.rights[moment].sum()}/{len(film.items)}"
        rows.append((str(step), f"{film.epochs[moment]:.1f}", right, *moved))
    return format_columns(rows) + "\n\nThe last columns: |w - w0| / |w0| of the weights of each part."
