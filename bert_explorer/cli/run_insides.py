"""What can be seen inside a run: ``runs film``, ``runs moved`` and ``runs probe``."""

from typing import Any

import click

from bert_explorer.cli.kept import again_option, answer_of_run
from bert_explorer.cli.output import format_columns, json_option, write_result
from bert_explorer.results import ModelMoves, ProbePair, TrainingFilm
from bert_explorer.settings import get_settings
from bert_explorer.training.queue import open_run_queue
from bert_explorer.training.run import CLI_OWNER, Run

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


@click.command()
@run_argument
@again_option
@json_option
def moved(run_id: str, again: bool, as_json: bool) -> None:
    """Show what a training changed against the model that it began from, on held-out texts.

    Layers and heads count from 0 in the JSON. "similarities" begin with the embeddings.

    Example: runs moved 3f2a --json
    """
    import numpy as np

    from bert_explorer.analysis.moved import check_claim, count_fixed, layer_changes
    from bert_explorer.run_analyses.questions import MovesQuestion
    from bert_explorer.run_analyses.rows import pin_base

    run, base = _run_and_base(run_id)
    question = MovesQuestion(pin_base(base, get_settings()))
    moves: ModelMoves = answer_of_run(run.id, question, "Texts read", again=again)
    changes = layer_changes(moves)
    claims = {name: check_claim(values) for name, values in changes.items()}
    result = {
        "run_id": run.id,
        "base": base,
        "texts": moves.num_texts,
        "tokens": moves.num_tokens,
        "weights": _numbers(changes["weights"]),
        "similarities": _numbers(moves.similarities),
        "attention": _numbers(changes["attention"]),
        "head_weights": [_numbers(row) for row in moves.weights.heads],
        "head_attention": [_numbers(row) for row in moves.divergences],
        "fixed_layers": count_fixed(moves.weights.layers),
        "top_layers_change_most": {
            name: claim
            and {"verdict": claim.verdict, "r": claim.correlation, "bottom": claim.bottom, "top": claim.top}
            for name, claim in claims.items()
        },
    }
    by_layer = [np.broadcast_to(values, len(moves.divergences)) for values in changes.values()]
    rows: list[tuple[str, ...]] = [("LAYER", "WEIGHTS", "1-CKA", "ATTENTION")]
    rows += [
        (str(layer + 1), *(f"{value:.4f}" for value in row))
        for layer, row in enumerate(zip(*by_layer, strict=True))
    ]
    verdicts = ", ".join(f"{name}: {claim.verdict}" for name, claim in claims.items() if claim is not None)
    text = f"{format_columns(rows)}\n\nThe top layers change most: {verdicts or 'not decided'}"
    text += describe_fixed(count_fixed(moves.weights.layers), len(moves.weights.layers))
    write_result(result, text, as_json=as_json)


def describe_fixed(count: int, num_layers: int) -> str:
    """What follows the verdicts where the lowest ``count`` layers did not learn."""
    if not count:
        return ""
    if count == num_layers:
        return " (no layer learned, only the head of the model)"
    return f" ({'layer 1' if count == 1 else f'layers 1 to {count}'} did not learn)"


@click.command()
@run_argument
@again_option
@json_option
def probe(run_id: str, again: bool, as_json: bool) -> None:
    """Read a run's labels off every layer, before and after its training.

    Example: runs probe 3f2a --json
    """
    from bert_explorer.intervals import wilson_interval
    from bert_explorer.run_analyses.questions import RunProbesQuestion
    from bert_explorer.run_analyses.rows import pin_base

    run, base = _run_and_base(run_id)
    question = RunProbesQuestion(pin_base(base, get_settings()))
    found: ProbePair = answer_of_run(run.id, question, "Texts read", again=again)
    count = found.num_test
    layers = [
        {
            "layer": layer,
            "before": before / count,
            "before_interval": wilson_interval(before, count),
            "after": after / count,
            "after_interval": wilson_interval(after, count),
        }
        for layer, (before, after) in enumerate(zip(found.base_hits, found.tuned_hits, strict=True))
    ]
    result = {
        "run_id": run.id,
        "base": base,
        "task": found.task,
        "n_train": found.num_train,
        "n_test": count,
        "majority": found.majority_hits / count,
        "layers": layers,
    }
    rows = [("LAYER", "BEFORE", "AFTER")]
    rows += [(str(row["layer"]), f"{row['before']:.3f}", f"{row['after']:.3f}") for row in layers]
    write_result(result, f"{found.task}\n{format_columns(rows)}", as_json=as_json)


def _run_and_base(run_id: str) -> tuple[Run, str]:
    """The run and the reference of its base, which can be compared with it."""
    from bert_explorer.models.catalog import describe_model
    from bert_explorer.run_analyses.rows import describe_base

    run = open_run_queue().store.get(run_id, CLI_OWNER)
    return run, describe_base(run, lambda ref: describe_model(ref, get_settings())).ref
