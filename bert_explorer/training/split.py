"""Which rows to learn from, which to keep for measuring, and which to choose the best epoch by.

Every class keeps its share on both sides (stratified). Rows with the same text stay together: a text
seen in training and met again in measuring would make the model look better than it is. A split of the
user's own is taken as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bert_explorer.equal_texts import normalise_text
from bert_explorer.errors import DataError
from bert_explorer.results import IntArray
from bert_explorer.training.config import VALIDATION_SHARE
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.tables.parts import TEST, TRAIN, VALIDATION

Groups = Mapping[int, list[list[int]]]  # class: its groups of rows that have to stay together


def no_rows() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Split:
    """Row indices, each sorted; together all rows, and none in two of them."""

    train: IntArray  # (num_train,)
    held_out: IntArray  # (num_held_out,)
    validation: IntArray = field(default_factory=no_rows)


def split_rows(data: LabelledTexts, *, held_out_share: float, seed: int) -> Split:
    """The same data and seed give the same split.

    Raises DataError where a class has no text of its own for one of the sides.
    """
    generator = np.random.default_rng(seed)
    held_out: list[int] = []
    for label_id, groups in sorted(groups_by_class(data).items()):
        if len(groups) < 2:
            raise _lonely_class(data, label_id)
        num_rows = sum(len(group) for group in groups)
        held_out += choose_groups(groups, round(held_out_share * num_rows), generator)
    split = without(held_out, len(data))
    for side in (split.train, split.held_out):
        missing = set(range(len(data.labels))) - set(data.label_ids[side].tolist())
        if missing:
            raise _lonely_class(data, min(missing))
    return split


def without(held_out: Sequence[int], num_rows: int) -> Split:
    """All rows but these are to learn from."""
    is_held_out = np.zeros(num_rows, dtype=bool)
    is_held_out[list(held_out)] = True
    return Split(train=np.flatnonzero(~is_held_out), held_out=np.flatnonzero(is_held_out))


def split_as_told(parts: Sequence[str], label_ids: IntArray | None, labels: Sequence[str]) -> Split:
    """The user's own split. Raises DataError for a class that has no row to learn from."""
    told = np.asarray(parts)
    train, held_out, validation = (np.flatnonzero(told == part) for part in (TRAIN, TEST, VALIDATION))
    if label_ids is not None:
        unseen = set(label_ids.tolist()) - set(label_ids[train].tolist())
        if unseen:
            raise DataError(
                f"No row of the part 'train' has the label '{labels[min(unseen)]}'. Move one there, or "
                "remove the label."
            )
    return Split(train, held_out, validation)


def cut_into_folds(groups: Groups, *, folds: int, seed: int) -> list[list[int]]:
    """The rows of each fold: groups in random order, each to the fold with the fewest rows of its class.

    Raises DataError where a class has fewer groups than there are folds: it would be missing from one.
    """
    generator = np.random.default_rng(seed)
    parts: list[list[int]] = [[] for _ in range(folds)]
    for label_id in sorted(groups):
        own = groups[label_id]
        if len(own) < folds:
            raise DataError(
                f"A class has {len(own)} different texts, and {folds} folds need at least one each. Choose "
                f"at most {max(2, len(own))} folds, or add texts to the class."
            )
        sizes = np.zeros(folds)
        for index in generator.permutation(len(own)):
            smallest = min(range(folds), key=lambda fold: (sizes[fold], len(parts[fold])))
            parts[smallest] += own[index]
            sizes[smallest] += len(own[index])
    return parts


def set_validation_aside(split: Split, groups: Groups, *, seed: int) -> Split:
    """Takes VALIDATION_SHARE of the rows to learn from away, class by class, and never all of a class."""
    generator = np.random.default_rng((seed, 1))
    learned = set(split.train.tolist())
    chosen: set[int] = set()
    for label_id in sorted(groups):
        own = [kept for group in groups[label_id] if (kept := [row for row in group if row in learned])]
        if len(own) > 1:
            target = round(VALIDATION_SHARE * sum(map(len, own)))
            chosen |= set(choose_groups(own, target, generator))
    train = np.array(sorted(learned - chosen), dtype=np.int64)
    return replace(split, train=train, validation=np.array(sorted(chosen), dtype=np.int64))


def groups_by_class(data: LabelledTexts) -> dict[int, list[list[int]]]:
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
