"""Checks of texts that are there more than once."""

from collections import defaultdict
from collections.abc import Sequence

from bert_explorer.equal_texts import normalise_text
from bert_explorer.results import IntArray
from bert_explorer.training.doctor.findings import Finding, Fix, Rows, Severity, count

ACROSS_NOTE = 0.01  # of the rows to measure with; below, it changes no figure that is shown

Groups = Sequence[tuple[int, ...]]


def check_copies(rows: Rows) -> Finding | None:
    """Texts that occur again with the same label (case and blanks apart). The first of each may stay."""
    first_of: dict[tuple[str, str], int] = {}
    copies = []
    for row in range(len(rows)):
        key = (normalise_text(rows.read(row)), rows.labels[row].strip())
        if first_of.setdefault(key, row) != row and key[0]:
            copies.append(row)
    if not copies:
        return None
    return Finding(
        "copies",
        Severity.NOTE,
        f"{count(len(copies), 'row')} that repeat an earlier text and its label",
        "A text that occurs often weighs more. Copies are kept on one side of the split, so the figures stay "
        "honest; leave the copies out if they are an accident.",
        tuple(copies),
        Fix("Keep the first of each", drop=tuple(copies)),
    )


def check_conflicts(rows: Rows) -> Finding | None:
    """The same text with different labels: at least one of them is wrong."""
    groups = [group for group in _equal_texts(rows) if len({rows.labels[row].strip() for row in group}) > 1]
    if not groups:
        return None
    found = tuple(row for group in groups for row in group)
    return Finding(
        "conflicts",
        Severity.WARNING,
        f"{count(len(groups), 'text')} with more than one label",
        "No model can be right on all of these rows. Decide in your file which label is meant, or leave "
        "them all out.",
        found,
        Fix("Leave all of them out", drop=found),
    )


def check_near_copies(rows: Rows, near: Groups, held_out: IntArray | None) -> Finding | None:
    """Groups of nearly equal texts (see shingles), and how many of them stand on both sides of the split.

    ``near`` are groups of rows; ``held_out`` the rows to measure with, None where no split can be made.
    """
    groups = [group for group in near if len({normalise_text(rows.read(row)) for row in group}) > 1]
    if not groups:
        return None
    measured = set(() if held_out is None else held_out.tolist())
    across = [row for group in groups for row in group if row in measured and not set(group) <= measured]
    found = tuple(dict.fromkeys([*across, *(row for group in groups for row in group)]))
    copies = tuple(row for group in groups for row in _same_label_copies(group, rows))
    advice = "All of each group are on one side of the split, so the figures stay honest."
    if across:
        advice = (
            f"{len(across):,} of the {len(measured):,} rows to measure with resemble a row to learn from, "
            "and make the model look better than it is on new texts. Leave the copies out for honest figures."
        )
    return Finding(
        "near-copies",
        Severity.WARNING if len(across) > ACROSS_NOTE * len(measured) else Severity.NOTE,
        f"{count(len(groups), 'group')} of nearly equal texts, {len(found):,} rows in all",
        advice,
        found,
        Fix("Keep the first of each", drop=copies) if copies else None,
    )


def _equal_texts(rows: Rows) -> Groups:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in range(len(rows)):
        groups[normalise_text(rows.read(row))].append(row)
    return [tuple(group) for text, group in groups.items() if text]


def _same_label_copies(group: tuple[int, ...], rows: Rows) -> list[int]:
    """All but the first row of each label."""
    seen: set[str] = set()
    copies = []
    for row in group:
        label = rows.labels[row].strip()
        if label in seen:
            copies.append(row)
        seen.add(label)
    return copies
