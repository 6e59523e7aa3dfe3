"""What one task puts into the course of a run: how a file becomes features, and what answers are worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import DataCollatorWithPadding, PreTrainedModel, PreTrainedTokenizerFast

from bert_explorer.results import FloatArray, IntArray, ModelInfo
from bert_explorer.training.card import write_task_card
from bert_explorer.training.examples import Examples
from bert_explorer.training.frozen_outputs import Collate, Features
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.run import Run
from bert_explorer.training.split import Split

Outputs = Any  # what the model gives for all held-out features: one array, or a tuple of them


@dataclass(frozen=True)
class Material:
    """Examples as a model reads them.

    ``features[i]`` belongs to example ``example_of[i]``: a long context makes several features. ``notes[i]``
    is what a task needs to read the answer to it.
    """

    examples: Examples
    features: Features
    example_of: IntArray
    num_truncated: int
    notes: Sequence[Any] = ()


@dataclass(frozen=True)
class Answers:
    """What the held-out features were answered: ``outputs`` in the order of ``feature_ids``."""

    material: Material
    feature_ids: IntArray
    outputs: Outputs


def in_file_order(answers: Answers) -> list[tuple[int, int, int]]:
    """(example, feature, place among the outputs) of each held-out feature."""
    return sorted(
        (int(answers.material.example_of[feature]), int(feature), place)
        for place, feature in enumerate(answers.feature_ids)
    )


def _compare_nothing(_examples: Examples, _split: Split) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Recipe:
    """The parts of a task.

    ``load`` opens the model, and may look at the examples to train on, which its last argument numbers.
    ``judge`` gives the metrics of a page and a card (JSON values; the numbers among them are the held-out
    curves), the first of ``headline`` being the one to look at; ``describe`` the held-out rows.

    ``compare`` adds to the metrics what simpler ways reach on the same split, where the card tells of it.
    ``weigh`` gives a weight to each class from the examples to train on, for runs that want all to weigh the
    same.
    """

    load: Callable[[Path, ModelInfo, Examples, IntArray], PreTrainedModel]
    prepare: Callable[[PreTrainedTokenizerFast, Examples, int], Material]
    judge: Callable[[Answers], dict[str, Any]]
    describe: Callable[[Answers], list[HeldOutRow]]
    headline: str
    collator: Callable[[PreTrainedTokenizerFast], Collate] = DataCollatorWithPadding
    write_card: Callable[[Run, ModelInfo, dict[str, Any]], str] = write_task_card
    compare: Callable[[Examples, Split], dict[str, Any]] = _compare_nothing
    weigh: Callable[[Examples, IntArray], FloatArray] | None = None
