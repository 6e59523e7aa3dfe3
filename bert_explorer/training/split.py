"""Which rows to learn from and which to keep for measuring.

Every class keeps its share on both sides (stratified). Rows with the same text stay together: a text
seen in training and met again in measuring would make the model look better than it is.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from bert_explorer.equal_texts import normalise_text
from bert_explorer.errors import DataError
from bert_explorer.results import IntArray
from bert_explorer.training.data import LabelledTexts


@dataclass(frozen=True)
class Split:
    """Row indices, each sorted; together all rows, and none in both."""

    train: IntArray  # (num_train,)
    held_out: IntArray  # (num_held_out,)


def split_rows(data: LabelledTexts, *, held_out_share: float, seed: int) -> Split:
    """The same data and seed give the same split.

    Raises DataError where a class has no text of its own for one of the sides.
    """
    generator = np.random.default_rng(seed)
    held_out: list[int] = []
    for label_id, groups in sorted(_groups_by_class(data).items()):
        if len(groups) < 2:
            raise _lonely_class(data, label_id)
        num_rows = sum(len(group) for group in groups)
        held_out += choose_groups(groups, round(held_out_share * num_rows), generator)
    is_held_out = np.zeros(len(data), dtype=bool)
    is_held_out[held_out] = True
    split = Split(train=np.flatnonzero(~is_held_out), held_out=np.flatnonzero(is_held_out))
    for side in (split.train, split.held_out):
        missing = set(range(len(data.labels))) - set(data.label_ids[side].tolist())
        if missing:
            raise _lonely_class(data, min(missing))
    return split


def _groups_by_class(data: LabelledTexts) -> dict[int, list[list[int]]]:
    """For each class its groups of rows with equal text; a group counts for its commonest class."""
    same_text: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, text in enumerate(data.texts):
        pair = data.pairs[row] if data.pairs is not None else ""
        same_text[normalise_text(text), normalise_text(pair)].append(row)
    groups: dict[int, list[list[int]]] = defaultdict(list)
    for rows in same_text.values():
        commonest = Counter(data.label_ids[rows].tolist()).most_common(1)[0][0]
        groups[commonest].append(rows)
    return groups


def choose_groups(groups: list[list[int]], target: int, generator: np.random.Generator) -> list[int]:
    """Rows of random groups, as near to ``target`` as whole groups allow, at least one, never all."""
    chosen: list[int] = []
    left_over = len(groups)
    for index in generator.permutation(len(groups)):
        group = groups[index]
        if left_over > 1 and len(chosen) + len(group) <= target:
            chosen += group
            left_over -= 1
    return chosen or min(groups, key=len)


def _lonely_class(data: LabelledTexts, label_id: int) -> DataError:
    first_row = int(np.flatnonzero(data.label_ids == label_id)[0])
    return DataError(
        f"The class '{data.labels[label_id]}' has too few different texts: one is needed to learn from and "
        "another one to measure with. Add texts to it, merge it with another class or remove it.",
        line=data.line_numbers[first_row],
    )
