"""From a recorded film to what the browser plays: groups with colours, and words for every moment."""

from collections import Counter

import numpy as np

from bert_explorer.analysis.training_film import (
    MANY_LABELS,
    REGRESSION,
    answers_in_words,
    project_moments,
    true_values,
)
from bert_explorer.plots.theme import CLASS_COLOURS
from bert_explorer.results import TrainingFilm
from bert_explorer.ui.components.training_film import FilmStage

SHADES = ("#440154", "#3b528b", "#21918c", "#5ec962", "#c8b40a")  # of viridis, the last one darkened
MAX_SETS = 6
OTHER_SETS, NO_LABEL = "another set of labels", "no label"


def make_stage(film: TrainingFilm, layer: int, names: list[str]) -> FilmStage:
    """The film behind one layer."""
    groups, legend, colours = group_items(film)
    return FilmStage(
        coordinates=project_moments(film, layer).coordinates,
        verdicts=[
            [None if film.task == REGRESSION else bool(right) for right in moment] for moment in film.rights
        ],
        answers=[answers_in_words(film, moment) for moment in range(len(film))],
        moments=describe_moments(film),
        names=names,
        groups=groups,
        legend=legend,
        colours=colours,
    )


def group_items(film: TrainingFilm) -> tuple[list[int], list[str], list[str]]:
    """(group of each item, names of the groups, their colours)"""
    if film.task == REGRESSION:
        return _group_numbers([float(item.label) for item in film.items])
    labels = [item.label or NO_LABEL for item in film.items]
    if film.task == MANY_LABELS:
        common = {label for label, _ in Counter(labels).most_common(MAX_SETS)}
        labels = [label if label in common else OTHER_SETS for label in labels]
    found = dict.fromkeys(labels)
    order = [label for label in film.labels if label in found]
    order += [label for label in found if label not in order]
    colours = [CLASS_COLOURS[index % len(CLASS_COLOURS)] for index in range(len(order))]
    return [order.index(label) for label in labels], order, colours


def _group_numbers(numbers: list[float]) -> tuple[list[int], list[str], list[str]]:
    """Fifths of the numbers, from low to high."""
    order = np.argsort(numbers, kind="stable")
    count = min(len(SHADES), len(numbers))
    groups = np.zeros(len(numbers), dtype=int)
    groups[order] = np.arange(len(numbers)) * count // len(numbers)
    values = np.array(numbers)
    names = [f"{values[groups == i].min():g} to {values[groups == i].max():g}" for i in range(count)]
    return groups.tolist(), names, list(SHADES[:count])


def describe_moments(film: TrainingFilm) -> list[str]:
    """Where each moment lies, and how well the model does there."""
    values = true_values(film)
    lines = []
    for index, (step, epoch) in enumerate(zip(film.steps.tolist(), film.epochs.tolist(), strict=True)):
        place = (
            "before the first step" if step == 0 else f"step {step} of {film.steps[-1]}, epoch {epoch:.1f}"
        )
        if film.task == REGRESSION:
            lines.append(f"{place}: mean error {values[index].mean():.3g}")
        else:
            count = int(film.rights[index].sum())
            lines.append(f"{place}: {count} of {len(film.items)} right")
    return lines
