"""The rows of a run with one label each, split as in its training: for probes to learn from and to answer.

Labels that are no classes are made so: of label sets, whether the label that splits the rows most evenly is
there; of numbers, whether they lie above the median of the rows that the run learned from.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bert_explorer.errors import RunError
from bert_explorer.results import FloatArray, IntArray, ProbeRow
from bert_explorer.settings import Settings
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.examples import Examples, read_examples, split_examples
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.tagged_texts import TaggedTexts
from bert_explorer.training.targets import TargetTexts

WITH_LABELS = ("text-classification", "multi-label", "regression", "token-classification")


@dataclass(frozen=True)
class RunRows:
    """``task`` says in words what the labels are; ``held_out[i]`` on which side of the split row i is."""

    task: str
    rows: tuple[ProbeRow, ...]
    held_out: NDArray[np.bool_]


def read_run_rows(run: Run, settings: Settings) -> RunRows:
    """Raises RunError for questions, which have no classes, and where the file of the run is gone."""
    if run.config.task == "question-answering":
        raise RunError("The answers to questions are spans of text, not classes: no probe can read them off.")
    if run.config.task not in WITH_LABELS:
        raise RunError(f"A run of the task '{run.config.task}' has no labels that a probe could read off.")
    content = run_folder(run.id, settings).read_upload()
    examples = read_examples(run.filename, content, run.config, settings)
    split = split_examples(examples, run.config)
    used = np.sort(np.concatenate([split.train, split.held_out]))  # not those that chose the best epoch
    held_out = np.isin(used, split.held_out)
    if isinstance(examples, TaggedTexts):
        chosen = (examples.rows[index] for index in used)
        rows = tuple(ProbeRow(row.text, None, row.tags, row.spans) for row in chosen)
        return RunRows("the tags of words", rows, held_out)
    task, labels = _labels(run, examples, split.train)
    pairs = examples.pairs or (None,) * len(examples)
    chosen = ((examples.texts[i], pairs[i], labels[i]) for i in used)
    return RunRows(task, tuple(ProbeRow(text, pair, (label,)) for text, pair, label in chosen), held_out)


def _labels(run: Run, examples: Examples, train: IntArray) -> tuple[str, list[str]]:
    if isinstance(examples, LabelledTexts):
        return "the classes", [examples.labels[index] for index in examples.label_ids]
    targets = cast(TargetTexts, examples).targets
    if run.config.task == "regression":
        middle = float(np.median(targets[train]))
        return f"above {middle:g} or not", [
            f"above {middle:g}" if value > middle else "not" for value in targets[:, 0]
        ]
    chosen = most_even(targets[train])
    label = examples.labels[chosen]
    return f"'{label}' or not", [label if value else "not" for value in targets[:, chosen]]


def most_even(targets: FloatArray) -> int:
    """The column of 0 and 1 whose mean is nearest to a half.

    >>> most_even(np.array([[1.0, 1.0], [1.0, 0.0]]))
    1
    """
    return int(np.abs(targets.mean(axis=0) - 0.5).argmin())
