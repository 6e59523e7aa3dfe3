"""The task "multi-label": any number of labels for a text, each with a probability of its own.

    p(label | text) = sigmoid(w_label . s + b_label)

trained with binary cross-entropy for each label. What it does not do: tune the threshold, which is 0.5.
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerFast

from bert_explorer.results import FloatArray, IntArray, ModelInfo
from bert_explorer.training.classifier import tokenize_texts
from bert_explorer.training.course import follow
from bert_explorer.training.encoder_head import label_names, load_with_head, renew_other_head
from bert_explorer.training.examples import Examples
from bert_explorer.training.job import Job
from bert_explorer.training.metrics import sigmoid
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.recipe import Answers, Material, Recipe, in_file_order
from bert_explorer.training.scores import THRESHOLD, score_label_sets
from bert_explorer.training.targets import TargetTexts
from bert_explorer.training.task_report import complete_report

JOINED_BY = ", "


def fine_tune(job: Job) -> dict[str, Any]:
    """See course.follow and task_report."""
    return complete_report(job, follow(RECIPE, job))


def _load(folder: Path, info: ModelInfo, examples: Examples, _train: IntArray) -> PreTrainedModel:
    model = load_with_head(
        AutoModelForSequenceClassification,
        folder,
        info,
        problem_type="multi_label_classification",
        **label_names(examples.labels),
    )
    renew_other_head(model, info, "multi-label", examples.labels)
    return model


def prepare_targets(tokenizer: PreTrainedTokenizerFast, examples: Examples, max_length: int) -> Material:
    """One feature a row; its labels are a list of floats, or one float where there is one number."""
    targets = cast(TargetTexts, examples).targets
    labels = targets.tolist() if targets.shape[1] > 1 else targets[:, 0].tolist()
    features, num_truncated = tokenize_texts(
        tokenizer, examples.texts, examples.pairs, labels, max_length=max_length
    )
    return Material(examples, features, np.arange(len(features)), num_truncated)


def true_targets(answers: Answers) -> FloatArray:
    """(num_held_out, num_labels)"""
    targets = cast(TargetTexts, answers.material.examples).targets
    return np.asarray(targets[answers.material.example_of[answers.feature_ids]])


def _judge(answers: Answers) -> dict[str, Any]:
    return score_label_sets(true_targets(answers), sigmoid(answers.outputs), answers.material.examples.labels)


def _describe(answers: Answers) -> list[HeldOutRow]:
    examples = cast(TargetTexts, answers.material.examples)
    probabilities = sigmoid(answers.outputs)
    return [
        HeldOutRow(
            line=examples.line_numbers[index],
            text=examples.texts[index],
            pair=examples.pairs[index] if examples.pairs is not None else None,
            true_label=join_labels(examples.targets[index], examples.labels),
            predicted_label=join_labels(probabilities[place], examples.labels),
            probabilities=tuple(probabilities[place].tolist()),
            true_labels=chosen_labels(examples.targets[index], examples.labels),
        )
        for index, _, place in in_file_order(answers)
    ]


def join_labels(probabilities: FloatArray, labels: tuple[str, ...]) -> str:
    """Those above the threshold, as one text."""
    return JOINED_BY.join(chosen_labels(probabilities, labels))


def chosen_labels(probabilities: FloatArray, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Those above the threshold."""
    return tuple(label for label, value in zip(labels, probabilities, strict=True) if value > THRESHOLD)


RECIPE = Recipe(_load, prepare_targets, _judge, _describe, headline="micro_f1")
