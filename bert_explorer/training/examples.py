"""The labelled examples of a file, whatever the task: one way to read, to guess the task and to split."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Protocol

import numpy as np

from bert_explorer.equal_texts import normalise_text
from bert_explorer.errors import DataError
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import LabelledTexts, labelled_texts
from bert_explorer.training.question_texts import QuestionTexts, read_questions
from bert_explorer.training.split import (
    Split,
    choose_groups,
    cut_into_folds,
    groups_by_class,
    no_rows,
    set_validation_aside,
    split_as_told,
    split_rows,
    without,
)
from bert_explorer.training.tables.columns import is_number
from bert_explorer.training.tables.parts import COLUMN
from bert_explorer.training.tables.table import Table, guess_columns, read_table
from bert_explorer.training.tagged_texts import CONLL_EXTENSIONS, CONLLU_EXTENSION, TaggedTexts, read_tagged
from bert_explorer.training.targets import read_label_sets, read_numbers
from bert_explorer.training.told_parts import take_parts, tells_parts

# What a file without columns to choose from calls its parts.
COLUMNS_OF: dict[str, dict[str, str | None]] = {
    "token-classification": {"text_column": "text", "label_column": "tags", "pair_column": None},
    "question-answering": {"text_column": "question", "label_column": "answer", "pair_column": "context"},
}
MIN_SHARE_OF_SEVERAL = 0.1  # of rows with a separator in their label, for a guess of several labels


TABLE_READERS: dict[str, Callable[[Table, FineTuneConfig], "Examples"]] = {
    "text-classification": labelled_texts,
    "multi-label": read_label_sets,
    "regression": read_numbers,
}


READERS: dict[str, Callable[[str, bytes], TaggedTexts | QuestionTexts]] = {
    "token-classification": read_tagged,
    "question-answering": read_questions,
}


class Examples(Protocol):
    """What every task's examples can tell of themselves."""

    @property
    def texts(self) -> tuple[str, ...]: ...
    @property
    def pairs(self) -> tuple[str, ...] | None: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def line_numbers(self) -> tuple[int, ...]: ...
    def __len__(self) -> int: ...


def has_columns(task: str) -> bool:
    """Whether the user chooses columns of a table for this task."""
    return task not in COLUMNS_OF


def read_examples(filename: str, content: bytes, config: FineTuneConfig, settings: Settings) -> Examples:
    """Raises DataError with the line for whatever cannot be learned from."""
    if has_columns(config.task):
        return TABLE_READERS[config.task](read_table(filename, content, settings), config)
    _check_size(content, settings)
    examples = READERS[config.task](filename, content)
    _check_sizes(examples, settings)
    return examples if config.split_column is None else take_parts(examples)


def find_told_split(filename: str, content: bytes, task: str) -> str | None:
    """What a file without columns calls its own split; None where it has none. Raises DataError."""
    return COLUMN if tells_parts(READERS[task](filename, content)) else None


def split_examples(examples: Examples, config: FineTuneConfig) -> Split:
    """The user's own split; else by class where each row has one, else rows at random.

    Rows of equal texts stay on one side. Questions about one context do too: the contexts of the held-out
    ones are new to the model. Raises DataError where a side would lack something.
    """
    split = _hold_out(examples, config)
    if not config.keep_best:
        return replace(split, validation=no_rows())  # rows of the user's own, which then choose nothing
    if len(split.validation):
        return split
    return set_validation_aside(split, groups_of(examples), seed=config.seed)


def _hold_out(examples: Examples, config: FineTuneConfig) -> Split:
    parts: tuple[str, ...] | None = getattr(examples, "parts", None)
    if parts is not None:
        label_ids = examples.label_ids if isinstance(examples, LabelledTexts) else None
        return split_as_told(parts, label_ids, examples.labels)
    if config.folds:
        folds = cut_into_folds(groups_of(examples), folds=config.folds, seed=config.seed)
        return without(folds[config.fold], len(examples))
    if isinstance(examples, LabelledTexts):
        return split_rows(examples, held_out_share=config.held_out_share, seed=config.seed)
    groups = groups_of(examples)[0]
    if len(groups) < 2:
        raise DataError("All texts are the same: one is needed to learn from and another to measure with.")
    target = round(config.held_out_share * len(examples))
    held_out = choose_groups(groups, target, np.random.default_rng(config.seed))
    return without(held_out, len(examples))


def groups_of(examples: Examples) -> dict[int, list[list[int]]]:
    """Rows that have to stay on one side, by class; where rows have no class, all are in class 0."""
    if isinstance(examples, LabelledTexts):
        return groups_by_class(examples)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, key in enumerate(_keys(examples)):
        groups[key].append(row)
    return {0: list(groups.values())}


def guess_task(filename: str, content: bytes, settings: Settings) -> str:
    """From the kind of file and, in a table, from the labels. Raises DataError for a table that is none."""
    extension = PurePath(filename).suffix.lower()
    if extension in (*CONLL_EXTENSIONS, CONLLU_EXTENSION):
        return "token-classification"
    if extension == ".json":
        return "question-answering"
    if extension == ".jsonl" and (found := _guess_from_keys(content)) is not None:
        return found
    return guess_from_labels(read_table(filename, content, settings))


def guess_from_labels(table: Table) -> str:
    """Numbers with a fraction are to be met; cells with separators hold several labels; else classes."""
    cells = [cell.strip() for cell in table.column(guess_columns(table).label)]
    if all(is_number(cell) for cell in cells) and any("." in cell for cell in cells) and len(set(cells)) > 5:
        return "regression"
    several = [cell for cell in cells if "|" in cell or ";" in cell or "," in cell]
    parts = {part.strip() for cell in cells for part in cell.replace("|", ",").replace(";", ",").split(",")}
    if len(several) >= MIN_SHARE_OF_SEVERAL * len(cells) and len(parts) <= len(cells) // 4:
        return "multi-label"
    return "text-classification"


def _guess_from_keys(content: bytes) -> str | None:
    """By the keys of the first line."""
    first = next((line for line in content.splitlines() if line.strip()), b"")
    try:
        record = json.loads(first)
    except ValueError:
        return None
    keys = set(record) if isinstance(record, dict) else set()
    if {"question", "context"} <= keys:
        return "question-answering"
    return "token-classification" if {"text", "spans"} <= keys else None


def _keys(examples: Examples) -> Sequence[tuple[str, ...]]:
    if isinstance(examples, QuestionTexts):
        return [(context,) for context in examples.pairs]
    seconds = examples.pairs or ("",) * len(examples)
    return [(normalise_text(a), normalise_text(b)) for a, b in zip(examples.texts, seconds, strict=True)]


def _check_size(content: bytes, settings: Settings) -> None:
    if len(content) > settings.max_upload_bytes:
        raise DataError(
            f"The file has {len(content) / 1e6:.1f} MB; at most {settings.max_upload_bytes / 1e6:g} MB are "
            "read. Keep fewer rows, or raise BERT_EXPLORER_MAX_UPLOAD_BYTES."
        )


def _check_sizes(examples: Examples, settings: Settings) -> None:
    if len(examples) > settings.max_upload_rows:
        raise DataError(
            f"The file has {len(examples):,} examples; at most {settings.max_upload_rows:,} are read. Keep "
            "fewer, or raise BERT_EXPLORER_MAX_UPLOAD_ROWS."
        )
    seconds = examples.pairs or examples.texts
    for line, *texts in zip(examples.line_numbers, examples.texts, seconds, strict=True):
        longest = max(map(len, texts))
        if longest > settings.max_text_chars:
            raise DataError(
                f"This text has {longest:,} characters; at most {settings.max_text_chars:,} fit. Split it.",
                line=line,
            )
