"""Which heads a task takes over from a checkpoint, and where a new one begins; no training."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bert_explorer.models.inspection import inspect_folder
from bert_explorer.training import multi_label, regression, token_classification
from bert_explorer.training.recipe import Recipe
from bert_explorer.training.tagged_texts import TaggedTexts
from bert_explorer.training.targets import TargetTexts
from tests.tiny_models import build_tiny

TRAIN = np.array([0, 1, 3])


def examples_for(labels: tuple[str, ...]) -> TargetTexts:
    targets = np.arange(4 * len(labels), dtype=np.float32).reshape(4, len(labels))
    return TargetTexts(("the cat",) * 4, None, labels, targets, (2, 3, 4, 5))


def examples_of(recipe: Recipe, labels: tuple[str, ...]) -> TargetTexts | TaggedTexts:
    return TaggedTexts((), labels) if recipe is TAGGING else examples_for(labels)


def load(recipe: Recipe, folder: Path, labels: tuple[str, ...]) -> torch.nn.Linear:
    info = inspect_folder(folder, "local:tiny", "tiny")
    head = recipe.load(folder, info, examples_of(recipe, labels), TRAIN).classifier
    assert isinstance(head, torch.nn.Linear)
    return head


TAGGING = token_classification._recipe("accuracy")
MULTI = {"head": "text-classification", "problem_type": "multi_label_classification"}


@pytest.mark.parametrize(
    ("recipe", "options", "labels", "is_kept"),
    [
        (TAGGING, {"head": "token-classification"}, ("a", "b"), True),
        (TAGGING, {"head": "token-classification"}, ("a", "c"), False),
        (TAGGING, {"head": "text-classification"}, ("a", "b"), False),
        (multi_label.RECIPE, MULTI, ("a", "b"), True),
        (multi_label.RECIPE, MULTI, ("b", "a"), False),
        (multi_label.RECIPE, {"head": "text-classification"}, ("a", "b"), False),
    ],
)
def test_a_head_is_kept_for_the_same_task_and_labels_only(
    recipe: Recipe, options: dict[str, str], labels: tuple[str, ...], is_kept: bool, tmp_path: Path
) -> None:
    folder = build_tiny("bert", tmp_path, labels=("a", "b"), **options)
    first, second = (load(recipe, folder, labels).weight for _ in range(2))
    assert torch.equal(first, second) == is_kept, "a new head is random"


def test_a_new_bias_begins_at_the_mean_of_the_training_numbers(tiny_bert: Path, tmp_path: Path) -> None:
    mean = pytest.approx((0 + 1 + 3) / 3)
    assert load(regression.RECIPE, tiny_bert, ("score",)).bias.item() == mean
    trained = build_tiny(
        "bert", tmp_path, head="text-classification", labels=("score",), problem_type="regression"
    )
    kept = load(regression.RECIPE, trained, ("score",))
    assert kept.bias.item() != mean
    assert torch.equal(kept.weight, load(regression.RECIPE, trained, ("score",)).weight)
    assert load(regression.RECIPE, trained, ("price",)).bias.item() == mean
