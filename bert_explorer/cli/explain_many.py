"""What ``explain --held-out`` and ``explain --shortcuts`` tell about the rows that a training did not see."""

from dataclasses import asdict
from typing import Any

from bert_explorer.cli.kept import answer_of_run
from bert_explorer.cli.output import format_columns
from bert_explorer.errors import InputError
from bert_explorer.results import ClassSummary, ShortcutReport
from bert_explorer.settings import get_settings

SHOWN = 10  # words of each class, without --json


def run_of(model: str) -> str:
    """The id of the run ``model``. Raises InputError for a model that is no run, ModelError for one gone."""
    from bert_explorer.models.catalog import describe_model

    kind, _, run_id = model.partition(":")
    if kind != "run":
        raise InputError(f"'{model}' was not trained here, so it has no held-out rows. Choose a run: run:ID.")
    describe_model(model, get_settings())  # says what is wrong with a run that is gone
    return run_id


def summarize_many(model: str, method: str, limit: int, *, again: bool) -> tuple[dict[str, Any], str]:
    """Words that push most towards each class: as JSON and as text."""
    from bert_explorer.analysis.attributions import SCORERS
    from bert_explorer.run_analyses.questions import ClassWordsQuestion

    if method not in SCORERS:
        raise InputError(f"Words of classes are not gathered by '{method}'. Choose: {', '.join(SCORERS)}.")
    question = ClassWordsQuestion(method, limit)
    found: ClassSummary = answer_of_run(run_of(model), question, "Texts", again=again)
    rows: list[tuple[str, ...]] = [("CLASS", "WORD", "MEAN SCORE", "COUNT", "TEXTS")]
    for item in found.classes:
        for word in item.words[:SHOWN]:
            rows.append((item.label, word.word, f"{word.mean:.3f}", str(word.count), str(word.num_texts)))
    return asdict(found), f"{found.num_texts} held-out texts, by {method}\n{format_columns(rows)}"


def find_many(model: str, limit: int, *, again: bool) -> tuple[dict[str, Any], str]:
    """Words that flip the class: as JSON, with 95 % intervals, and as text."""
    from bert_explorer.intervals import wilson_interval
    from bert_explorer.run_analyses.questions import ShortcutsQuestion

    found: ShortcutReport = answer_of_run(run_of(model), ShortcutsQuestion(limit), "Questions", again=again)
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
