"""Several runs of one file that belong together: a search through settings, or one run for each fold.

They share a tag, so that every list of runs can find them. A search is decided by the validation rows of its
runs, never by the held-out ones: the best of many on the rows that it is chosen by looks better than it is.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bert_explorer.errors import BertExplorerError, InputError, QueueFullError
from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.predictions import HeldOutRow, read_predictions
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder

SEARCH, FOLDS = "search", "folds"
KINDS = (SEARCH, FOLDS)
NAME_CHARS = 15  # of a tag, which may have 30
CONFIDENCE = 0.95


@dataclass(frozen=True)
class FoldSummary:
    """Over the finished folds: the mean of their headline metric, with an interval for the mean.

    The interval is Student's, mean +- t s / sqrt(k). Folds share most of the rows that they learn from, so it
    is somewhat too narrow (Bengio and Grandvalet 2004). None where fewer than two folds have finished.
    """

    metric: str
    mean: float
    low: float | None
    high: float | None
    scores: tuple[float, ...]


def search_configs(
    config: FineTuneConfig, info: ModelInfo, *, rates: Sequence[float], freezes: Sequence[str]
) -> tuple[FineTuneConfig, ...]:
    """Every rate with every choice of what is frozen; without rates the one that suits each choice."""
    found = []
    for freeze in dict.fromkeys(freezes or [config.freeze]):
        own = rates or [suggest_learning_rate(info, freeze, config.lora_rank)]
        found += [(rate, freeze) for rate in dict.fromkeys(own)]
    return tuple(
        replace(config, learning_rate=rate, freeze=freeze, keep_best=True, folds=0) for rate, freeze in found
    )


def fold_configs(config: FineTuneConfig, folds: int) -> tuple[FineTuneConfig, ...]:
    """One for each fold. Raises InputError for fewer than two."""
    if folds < 2:
        raise InputError(f"{folds} folds are asked for. Choose at least 2.")
    return tuple(replace(config, folds=folds, fold=fold) for fold in range(folds))


def submit_group(
    queue: RunQueue,
    owner: str,
    name: str,
    filename: str,
    content: bytes,
    configs: Sequence[FineTuneConfig],
) -> tuple[Run, ...]:
    """All of the runs or none. Raises what ``RunQueue.submit`` raises, and QueueFullError for too many."""
    room = queue.settings.max_queued_runs - len(queue.store.waiting())
    if len(configs) > room:
        raise QueueFullError(
            f"{len(configs)} runs are asked for, and {room} more can wait. Choose fewer, or try again later."
        )
    kind = FOLDS if configs[0].folds else SEARCH
    tag = f"{kind}: {name[:NAME_CHARS].strip()} {secrets.token_hex(2)}"
    accepted: list[Run] = []
    try:
        for config in configs:
            title = f"{name} ({describe_choice(config)})"
            accepted.append(queue.submit(owner, title, filename, content, config, tags=(tag,)))
    except BertExplorerError:
        for run in accepted:
            queue.cancel(run.id, owner)
        raise
    return tuple(accepted)


def describe_choice(config: FineTuneConfig) -> str:
    """What is this run's own in its group."""
    if config.folds:
        return f"fold {config.fold + 1} of {config.folds}"
    return f"rate {config.learning_rate:g}, frozen {config.freeze}"


def group_of(run: Run) -> tuple[str, str] | None:
    """(kind, tag) of the group that a run belongs to."""
    for tag in run.tags:
        kind = tag.partition(":")[0]
        if kind in KINDS and ": " in tag:
            return kind, tag
    return None


def members(runs: Sequence[Run], tag: str) -> tuple[Run, ...]:
    """In the order in which they were asked for."""
    return tuple(sorted((run for run in runs if tag in run.tags), key=lambda run: (run.created_at, run.id)))


def headline_of(run: Run) -> tuple[str, float] | None:
    """Name and value of the metric to look at; None for a run that has not finished."""
    if run.metrics is None:
        return None
    name = str(run.metrics.get("headline", "accuracy"))
    return name, float(run.metrics[name])


def rank_search(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Finished runs, the best on its validation rows first; of equals the one that was asked for first."""
    finished = [run for run in runs if run.state is RunState.FINISHED and run.metrics is not None]
    return tuple(sorted(finished, key=lambda run: -(run.metrics or {}).get("validation_score", -np.inf)))


def summarise_folds(runs: Sequence[Run]) -> FoldSummary | None:
    """None where no fold has finished."""
    from scipy.stats import t as student

    found = [headline for run in runs if (headline := headline_of(run)) is not None]
    if not found:
        return None
    scores = np.array([score for _, score in found])
    mean, low, high = float(scores.mean()), None, None
    if len(scores) > 1:
        width = float(student.ppf((1 + CONFIDENCE) / 2, len(scores) - 1) * scores.std(ddof=1))
        half = width / len(scores) ** 0.5
        lowest = -1.0 if found[0][0] in ("pearson", "spearman") else 0.0
        low, high = max(lowest, mean - half), min(1.0, mean + half)
    return FoldSummary(found[0][0], mean, low, high, tuple(scores.tolist()))


def predictions_of_folds(queue: RunQueue, runs: Sequence[Run]) -> list[HeldOutRow]:
    """What was said of every row by the model that had not learned from it, in the order of the file."""
    rows: list[HeldOutRow] = []
    for run in runs:
        if run.state is RunState.FINISHED:
            rows += read_predictions(run_folder(run.id, queue.settings))
    return sorted(rows, key=lambda row: row.line)
