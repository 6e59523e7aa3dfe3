"""The task "regression": a number for a text or a pair of texts, such as how alike two sentences are.

The head is linear and is trained on the squared error. The bias of a new head
begins at the mean of the training numbers, so that it need not be learned with the small steps that suit an
encoder.
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from bert_explorer.results import IntArray, ModelInfo
from bert_explorer.training.course import follow
from bert_explorer.training.encoder_head import has_head_for, load_with_head, renew_other_head
from bert_explorer.training.examples import Examples
from bert_explorer.training.job import Job
from bert_explorer.training.multi_label import prepare_targets, true_targets
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.recipe import Answers, Recipe, in_file_order
from bert_explorer.training.scores import score_numbers
from bert_explorer.training.targets import TargetTexts
from bert_explorer.training.task_report import complete_report


def fine_tune(job: Job) -> dict[str, Any]:
    """See course.follow and task_report."""
    return complete_report(job, follow(RECIPE, job))


def _load(folder: Path, info: ModelInfo, examples: Examples, train: IntArray) -> PreTrainedModel:
    model = load_with_head(
        AutoModelForSequenceClassification,
        folder,
        info,
        problem_type="regression",
        id2label={0: examples.labels[0]},
        label2id={examples.labels[0]: 0},
    )
    if has_head_for(info, "regression", examples.labels):
        return model
    renew_other_head(model, info, "regression", examples.labels)
    mean = float(cast(TargetTexts, examples).targets[train].mean())
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.Linear) and module.out_features == 1 and module.bias is not None:
                module.bias.fill_(mean)
    return model


def _judge(answers: Answers) -> dict[str, Any]:
    return dict(score_numbers(true_targets(answers)[:, 0], np.asarray(answers.outputs)[:, 0]))


def _describe(answers: Answers) -> list[HeldOutRow]:
    examples = cast(TargetTexts, answers.material.examples)
    return [
        HeldOutRow(
            line=examples.line_numbers[index],
            text=examples.texts[index],
            pair=examples.pairs[index] if examples.pairs is not None else None,
            true_label=f"{examples.targets[index, 0]:g}",
            predicted_label=f"{float(answers.outputs[place][0]):.4g}",
            probabilities=(),
        )
        for index, _, place in in_file_order(answers)
    ]


RECIPE = Recipe(_load, prepare_targets, _judge, _describe, headline="spearman")
