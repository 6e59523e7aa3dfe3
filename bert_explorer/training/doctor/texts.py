"""Checks of cells that are empty, and of texts that give their label away."""

import re
from collections import Counter, defaultdict

from bert_explorer.training.doctor.findings import Finding, Fix, Rows, Severity, count

WORD = re.compile(r"\w+")
MIN_LABEL_LETTERS = 3
LEAK_SHARE = 0.2  # of a class's texts that name their own label
LEAK_PRECISION = 0.9  # of the texts with that name, so many are of the class
MIN_LEAKS = 5
GIVEAWAY_SHARE = 0.9  # of a class's texts that hold one and the same word ...
GIVEAWAY_ELSEWHERE = 0.01  # ... and of all other texts


def check_empty(rows: Rows) -> Finding | None:
    """Rows without a text or without a label."""
    empty = tuple(
        row
        for row in range(len(rows))
        if not rows.texts[row].strip()
        or not rows.labels[row].strip()
        or (rows.pairs is not None and not rows.pairs[row].strip())
    )
    if not empty:
        return None
    return Finding(
        "empty",
        Severity.PROBLEM,
        f"{count(len(empty), 'row')} without a text or without a label",
        "Nothing can be learned from them. Fill them in, or leave them out.",
        empty,
        Fix("Leave these rows out", drop=empty),
    )


def check_leaks(rows: Rows) -> Finding | None:
    """Texts that name their own label: the model would learn to read it, and fail where it is missing."""
    leaks = [
        row
        for label, holders in _label_mentions(rows).items()
        if _tells(label, holders, rows)
        for row in holders
        if rows.labels[row].strip() == label
    ]
    if not leaks:
        return None
    labels = sorted({rows.labels[row].strip() for row in leaks})
    return Finding(
        "leaks",
        Severity.WARNING,
        f"{count(len(leaks), 'text')} that name their own label, such as '{labels[0]}'",
        "The model would learn to read the label, and seem better than it is on texts without it. "
        "If the label was written into the texts, remove it there.",
        tuple(sorted(leaks)),
    )


def check_giveaways(rows: Rows) -> Finding | None:
    """A single word that nearly all texts of one class hold and no others: an accident of the file?"""
    sizes = Counter(label.strip() for label in rows.labels)
    holders: dict[str, Counter[str]] = defaultdict(Counter)
    for row, label in enumerate(rows.labels):
        for word in set(WORD.findall(rows.read(row).casefold())):
            holders[word][label.strip()] += 1
    found = [
        (word, label)
        for word, by_label in holders.items()
        for label, number in [by_label.most_common(1)[0]]
        if number >= max(MIN_LEAKS, GIVEAWAY_SHARE * sizes[label])
        and by_label.total() - number <= GIVEAWAY_ELSEWHERE * (len(rows) - sizes[label])
    ]
    if not found:
        return None
    word, label = max(found, key=lambda item: (holders[item[0]][item[1]], item))
    rows_with = tuple(row for row in range(len(rows)) if word in set(WORD.findall(rows.read(row).casefold())))
    return Finding(
        "giveaways",
        Severity.WARNING,
        f"The word '{word}' alone gives the class '{label}' away",
        f"It is in {holders[word][label]:,} of the {sizes[label]:,} texts of this class and hardly anywhere "
        "else. If that is an accident of how the file was made, the model will learn the accident.",
        rows_with,
    )


def _label_mentions(rows: Rows) -> dict[str, list[int]]:
    """Label -> rows whose text holds it as a word, whatever their own label. Short labels are left out."""
    names = {
        label: " ".join(WORD.findall(label.casefold().replace("_", " ")))
        for label in {label.strip() for label in rows.labels}
        if sum(map(str.isalpha, label)) >= MIN_LABEL_LETTERS
    }
    mentions: dict[str, list[int]] = defaultdict(list)
    for row in range(len(rows)):
        text = f" {' '.join(WORD.findall(rows.read(row).casefold()))} "
        for label, name in names.items():
            if f" {name} " in text:
                mentions[label].append(row)
    return mentions


def _tells(label: str, holders: list[int], rows: Rows) -> bool:
    own = sum(rows.labels[row].strip() == label for row in holders)
    size = sum(other.strip() == label for other in rows.labels)
    return own >= max(MIN_LEAKS, LEAK_SHARE * size) and own >= LEAK_PRECISION * len(holders)
