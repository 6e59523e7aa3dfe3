"""Checks of the labels alone."""

import difflib
import math
from collections import Counter, defaultdict

from bert_explorer.training.doctor.findings import Finding, Fix, Rows, Severity, count, name_some

IMBALANCE = 10  # times as many rows in the largest class as in the smallest
FEW_MEASURED = 5  # held-out rows of a class below which its figures are mere chance
NUMBERS_MIN_DISTINCT = 10
MISS_SIMILARITY = 0.85  # difflib's ratio: one or two letters in a word of eight
MISS_RARITY = 10  # a slip is this much rarer than what was meant
MISS_MIN_LETTERS = 4
MAX_COMPARED_LABELS = 600  # compared two by two


def check_balance(rows: Rows, *, held_out_share: float = 0.2) -> Finding | None:
    """Some class is rare: always naming the commonest one looks good, and figures of the rare are coarse."""
    counts = Counter(_filled(rows))
    if len(counts) < 2:
        return None
    (largest, most), (smallest, least) = counts.most_common()[0], counts.most_common()[-1]
    few = [
        label
        for label, number in counts.items()
        if number > 1 and number * held_out_share < FEW_MEASURED  # single rows: see check_single_rows
    ]
    if most < IMBALANCE * least and not few:
        return None
    share = most / sum(counts.values())
    advice = (
        f"Always answering '{largest}' would be right in {share:.0%} of the rows: judge the model by macro "
        "F1 and by the confusion matrix, not by accuracy alone."
    )
    if few:
        advice += (
            f" Fewer than {FEW_MEASURED} rows will measure {name_some(few)}: more rows would make "
            "their figures mean something."
        )
    ratio = f"'{largest}' has {count(most, 'row')}, '{smallest}' {least:,}"
    severity = Severity.WARNING if most >= IMBALANCE * least else Severity.NOTE
    return Finding("balance", severity, f"Classes of different size: {ratio}", advice)


def check_single_rows(rows: Rows) -> Finding | None:
    """Classes of one row cannot be both learned and measured."""
    counts = Counter(_filled(rows))
    single = tuple(row for row, label in enumerate(rows.labels) if counts[label.strip()] == 1)
    if not single:
        return None
    names = name_some([rows.labels[row].strip() for row in single])
    return Finding(
        "single-rows",
        Severity.PROBLEM,
        f"{count(len(single), 'label')} with one row only: {names}",
        "A class needs at least two different texts, one to learn from and one to measure with. Add texts, "
        "or leave these rows out.",
        single,
        Fix("Leave these rows out", drop=single),
    )


def check_spellings(rows: Rows) -> Finding | None:
    """Labels that differ by case, blanks, end marks or the writing of a number: ``pos`` and ``Pos ``."""
    spellings: dict[object, Counter[str]] = defaultdict(Counter)
    for label in rows.labels:
        if label.strip():
            spellings[_key(label)][label.strip()] += 1
    best = {key: _commonest(names) for key, names in spellings.items()}
    wrong = tuple(
        (row, best[_key(label)])
        for row, label in enumerate(rows.labels)
        if label.strip() and label.strip() != best[_key(label)]
    )
    if not wrong:
        return None
    changes = dict.fromkeys((rows.labels[row].strip(), label) for row, label in wrong)
    shown = ", ".join(f"'{old}' for '{new}'" for old, new in list(changes)[:3])
    return Finding(
        "spellings",
        Severity.WARNING,
        f"{count(len(wrong), 'row')} whose label is another spelling of a commoner one: {shown}",
        "They would count as classes of their own. If they mean the same, write them alike.",
        tuple(row for row, _ in wrong),
        Fix("Use the commonest spelling", relabel=wrong),
    )


def check_near_misses(rows: Rows) -> Finding | None:
    """Rare labels one or two letters away from a common one. No fix: only a reader knows."""
    counts = Counter(_filled(rows))
    if len(counts) > MAX_COMPARED_LABELS:
        return None
    meant = {label: _nearest(label, counts) for label in counts}
    misses = {label: other for label, other in meant.items() if other is not None}
    found = tuple(row for row, label in enumerate(rows.labels) if label.strip() in misses)
    if not found:
        return None
    shown = ", ".join(f"'{label}' (meant: '{other}'?)" for label, other in list(misses.items())[:3])
    return Finding(
        "near-misses",
        Severity.WARNING,
        f"{count(len(misses), 'rare label')} nearly spelled like a common one: {shown}",
        "Correct them in your file if they are slips.",
        found,
    )


def check_numbers(rows: Rows) -> Finding | None:
    """A column of numbers with a point in them measures something; its values are hardly classes."""
    names = set(_filled(rows))
    fractions = [name for name in names if "." in name and _is_number(name) and not float(name).is_integer()]
    if len(names) < NUMBERS_MIN_DISTINCT or len(fractions) < len(names) / 2:
        return None
    return Finding(
        "numbers",
        Severity.WARNING,
        f"The labels look like measurements: {len(names):,} different numbers, such as {min(fractions)}",
        "A classifier learns names, and does not know that 3.1 is near 3.2. Choose the column of classes, or "
        "make classes of the numbers (low, middle, high) first.",
    )


def _filled(rows: Rows) -> list[str]:
    return [label.strip() for label in rows.labels if label.strip()]


def _commonest(names: Counter[str]) -> str:
    """The most frequent spelling; of equals one without capitals."""
    return min(names, key=lambda name: (-names[name], name != name.lower(), name))


def _key(label: str) -> object:
    """Equal for spellings of one label. Numbers by their value; only words lose their end marks."""
    if _is_number(label):
        return float(label)
    return " ".join(label.casefold().replace("_", " ").split()).strip(".,;:!?\"'") or label.strip()


def _is_number(label: str) -> bool:
    try:
        return math.isfinite(float(label))
    except ValueError:
        return False


def _nearest(label: str, counts: Counter[str]) -> str | None:
    """The much commoner label that this one resembles."""
    if len(label) < MISS_MIN_LETTERS or not label.isalpha():
        return None
    for other, number in counts.most_common():
        if number < MISS_RARITY * counts[label]:
            return None
        is_other = _key(other) != _key(label)
        if is_other and difflib.SequenceMatcher(None, label, other).ratio() >= MISS_SIMILARITY:
            return other
    return None
