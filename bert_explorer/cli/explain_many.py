"""What ``explain --held-out`` and ``explain --shortcuts`` tell about the rows that a training did not see."""

from dataclasses import asdict
from typing import Any

from bert_explorer.cli.output import format_columns, show_progress
from bert_explorer.errors import InputError
from bert_explorer.settings import get_settings

SHOWN = 10  # words of each class, without --json


def held_out_texts(model: str, limit: int) -> list[tuple[str, str | None]]:
    """Texts of the run ``model``. Raises InputError for a model that is no run, RunError without rows."""
    from bert_explorer.models.catalog import describe_model
    from bert_explorer.training.predictions import read_predictions
    from bert_explorer.training.run_folder import run_folder

    kind, _, run_id = model.partition(":")
    if kind != "run":
        raise InputError(f"'{model}' was not trained here, so it has no held-out rows. Choose a run: run:ID.")
    describe_model(model, get_settings())  # says what is wrong with a run that is gone
    rows = read_predictions(run_folder(run_id, get_settings()))
    return [(row.text, row.pair) for row in rows[:limit]]


def summarize_many(model: str, method: str, limit: int) -> tuple[dict[str, Any], str]:
    """Words that push most towards each class: as JSON and as text."""
    from bert_explorer.analysis.attributions import SCORERS
    from bert_explorer.analysis.class_words import summarize_classes
    from bert_explorer.models.cache import open_model

    if method not in SCORERS:
        raise InputError(f"Words of classes are not gathered by '{method}'. Choose: {', '.join(SCORERS)}.")
    texts = held_out_texts(model, limit)
    with open_model(model) as engine:
        found = summarize_classes(engine, texts, method=method, progress=show_progress("Texts"))
    rows: list[tuple[str, ...]] = [("CLASS", "WORD", "MEAN SCORE", "COUNT", "TEXTS")]
    for item in found.classes:
        for word in item.words[:SHOWN]:
            rows.append((item.label, word.word, f"{word.mean:.3f}", str(word.count), str(word.num_texts)))
    return asdict(found), f"{found.num_texts} held-out texts, by {method}\n{format_columns(rows)}"


def find_many(model: str, limit: int) -> tuple[dict[str, Any], str]:
    """Words that flip the class: as JSON, with 95 % intervals, and as text."""
    from bert_explorer.analysis.shortcuts import find_shortcuts
    from bert_explorer.intervals import wilson_interval
    from bert_explorer.models.cache import open_model

    texts = held_out_texts(model, limit)
    with open_model(model) as engine:
        found = find_shortcuts(engine, texts, progress=show_progress("Questions"))
    result = asdict(found)
    for row, item in zip(result["shortcuts"], found.shortcuts, strict=True):
        row["won_interval"] = wilson_interval(item.num_won, item.num_others)
        row["lost_interval"] = wilson_interval(item.num_lost, item.num_with)
    rows: list[tuple[str, ...]] = [("CLASS", "WORD", "WON", "LOST")]
    for item in found.shortcuts:
        won, lost = f"{item.num_won}/{item.num_others}", f"{item.num_lost}/{item.num_with}"
        rows.append((item.label, item.word, won, lost))
    chance = ", ".join(f"{label} {won}/{tried}" for label, (won, tried) in found.controls.items())
    return result, f"{format_columns(rows)}\nWords drawn by chance won: {chance}"
