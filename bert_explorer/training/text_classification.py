"""The task "text-classification": one label for a text, or for a pair of texts.

Follows Devlin et al. 2018, section 3.2: the encoder is trained further together with a new linear layer
on the vector of [CLS]. What it does not do: choose the best of several epochs by the held-out rows,
since these would then be part of the training, and their accuracy too good to be true (see best).
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from bert_explorer.results import FloatArray, IntArray, ModelInfo
from bert_explorer.training.baselines import measure_words
from bert_explorer.training.card import write_card
from bert_explorer.training.classifier import load_classifier, tokenize
from bert_explorer.training.course import follow
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.examples import Examples
from bert_explorer.training.job import Job
from bert_explorer.training.metrics import compute_majority, compute_report, softmax
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.recipe import Answers, Material, Recipe, in_file_order
from bert_explorer.training.split import Split


def fine_tune(job: Job) -> dict[str, Any]:
    """See course.follow."""
    return follow(RECIPE, job)


def _load(folder: Path, info: ModelInfo, examples: Examples, _train: IntArray) -> PreTrainedModel:
    return load_classifier(folder, info, examples.labels)


def _prepare(tokenizer: PreTrainedTokenizerFast, examples: Examples, max_length: int) -> Material:
    features, num_truncated = tokenize(tokenizer, cast(LabelledTexts, examples), max_length=max_length)
    return Material(examples, features, np.arange(len(features)), num_truncated)


def _judge(answers: Answers) -> dict[str, Any]:
    examples = cast(LabelledTexts, answers.material.examples)
    true_ids = examples.label_ids[answers.material.example_of[answers.feature_ids]]
    return compute_report(true_ids, np.asarray(answers.outputs).argmax(axis=-1), examples.labels)


def _compare(examples: Examples, split: Split) -> dict[str, Any]:
    data = cast(LabelledTexts, examples)
    words = measure_words(data, split.train, split.held_out)
    majority = compute_majority(data.label_ids[split.held_out], data.label_ids[split.train], data.labels)
    return {**majority, "baselines": [asdict(words)]}


def _weigh(examples: Examples, train: IntArray) -> FloatArray:
    return balance_classes(cast(LabelledTexts, examples).label_ids[train])


def balance_classes(label_ids: IntArray) -> FloatArray:
    """N / (K n_k) for the n_k of N rows in each of K classes: all classes then weigh the same."""
    counts = np.bincount(label_ids)
    return np.asarray(len(label_ids) / (len(counts) * counts), dtype=np.float32)


def _describe(answers: Answers) -> list[HeldOutRow]:
    data = cast(LabelledTexts, answers.material.examples)
    probabilities = softmax(answers.outputs)
    return [
        HeldOutRow(
            line=data.line_numbers[index],
            text=data.texts[index],
            pair=data.pairs[index] if data.pairs is not None else None,
            true_label=data.labels[data.label_ids[index]],
            predicted_label=data.labels[int(probabilities[place].argmax())],
            probabilities=tuple(probabilities[place].tolist()),
        )
        for index, _, place in in_file_order(answers)
    ]


RECIPE = Recipe(
    _load,
    _prepare,
    _judge,
    _describe,
    headline="accuracy",
    write_card=write_card,
    compare=_compare,
    weigh=_weigh,
)
