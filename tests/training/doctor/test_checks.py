"""Each check on a small file made for it: what it finds, what it must not find, what its fix leaves."""

import pytest

from bert_explorer.training.doctor.duplicates import check_conflicts, check_copies, check_near_copies
from bert_explorer.training.doctor.findings import Finding, Rows, Severity, apply_fix, name_some, rows_of
from bert_explorer.training.doctor.labels import (
    check_balance,
    check_near_misses,
    check_numbers,
    check_single_rows,
    check_spellings,
)
from bert_explorer.training.doctor.memory import check_memory
from bert_explorer.training.doctor.texts import check_empty, check_giveaways, check_leaks
from bert_explorer.training.tables.table import read_table
from bert_explorer.training.tables.writing import write_table

CLEAN = Rows(tuple(f"text number {i} of {i * 7}" for i in range(60)), ("good", "bad") * 30)


def labels(*names: str) -> Rows:
    return Rows(tuple(f"text {i}" for i in range(len(names))), names)


def found(finding: Finding | None) -> Finding:
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    "check",
    [
        check_balance,
        check_single_rows,
        check_spellings,
        check_near_misses,
        check_numbers,
        check_empty,
        check_leaks,
        check_giveaways,
        check_copies,
        check_conflicts,
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(check: object) -> None:
    assert check(CLEAN) is None  # type: ignore[operator]


def test_spellings_of_one_label_become_the_commonest() -> None:
    rows = labels("pos", "Pos ", "neg", "pos", "POS.", "neg", "1", "1.0", "1")
    finding = found(check_spellings(rows))
    assert finding.rows == (1, 4, 7)
    assert finding.fix is not None
    assert dict(finding.fix.relabel) == {1: "pos", 4: "pos", 7: "1"}


def test_blanks_around_a_label_alone_are_no_other_spelling() -> None:
    assert check_spellings(labels("pos ", " pos", "neg")) is None


def test_labels_of_signs_alone_stay_apart() -> None:
    assert check_spellings(labels("?", "!", "?", "+", "-")) is None


def test_rare_slips_are_seen_and_rare_words_are_not() -> None:
    names = ["positive"] * 30 + ["negative"] * 30 + ["positve", "neutral"]
    assert found(check_near_misses(labels(*names))).rows == (60,)
    assert check_near_misses(labels(*["cat"] * 30, "car", "bat")) is None


def test_single_rows_can_be_left_out() -> None:
    finding = found(check_single_rows(labels("a", "a", "b", "c ", "c")))
    assert (finding.severity, finding.rows) == (Severity.PROBLEM, (2,))


@pytest.mark.parametrize(("large", "expected"), [(99, None), (300, Severity.WARNING)])
def test_balance_is_about_the_ratio(large: int, expected: Severity | None) -> None:
    finding = check_balance(labels(*["a"] * large, *["b"] * 30))
    assert (finding.severity if finding else None) == expected
    small = found(check_balance(labels(*["a"] * 40, *["b"] * 20)))
    assert small.severity is Severity.NOTE
    assert "measure 'b'" in small.advice
    rarest = found(check_balance(labels(*["a"] * 30, *["b"] * 5, "c", "c")))
    assert "measure 'b', 'c'" in rarest.advice


def test_measurements_are_no_classes() -> None:
    assert check_numbers(labels(*(f"{i / 7:.2f}" for i in range(40)))) is not None
    assert check_numbers(labels(*(str(i % 5) for i in range(40)))) is None
    assert check_numbers(labels(*(f"{i % 5}.0" for i in range(40)))) is None


def test_empty_cells_of_every_column() -> None:
    rows = Rows(("a", " ", "c", "d"), ("x", "y", "", "x"), ("1", "2", "3", "\t"))
    assert found(check_empty(rows)).rows == (1, 2, 3)


def test_texts_that_name_their_label() -> None:
    texts = [f"[spam] offer {i}" for i in range(20)] + [f"hello {i}" for i in range(20)]
    rows = Rows(tuple(texts), ("spam",) * 20 + ("ham",) * 20)
    assert found(check_leaks(rows)).rows == tuple(range(20))
    both = Rows(tuple(f"is this spam? {i}" for i in range(40)), ("spam", "ham") * 20)
    assert check_leaks(both) is None


def test_one_word_that_gives_a_class_away() -> None:
    texts = [f"row {i} reuters" for i in range(20)] + [f"row {i}" for i in range(20)]
    finding = found(check_giveaways(Rows(tuple(texts), ("news",) * 20 + ("other",) * 20)))
    assert "'reuters'" in finding.title
    assert finding.rows == tuple(range(20))


def test_copies_and_contradictions() -> None:
    rows = Rows(("Hello  you", "hello you", "other", "HELLO YOU", "other"), ("x", "x", "x", "y", "x "))
    assert found(check_copies(rows)).rows == (1, 4)
    assert found(check_conflicts(rows)).rows == (0, 1, 3)


def test_pairs_are_copies_only_when_both_texts_are() -> None:
    rows = Rows(("a", "a", "a"), ("x", "x", "y"), ("b", "c", "b"))
    assert check_copies(rows) is None
    assert found(check_conflicts(rows)).rows == (0, 2)


def test_near_copies_on_both_sides_of_the_split_come_first() -> None:
    import numpy as np

    rows = Rows(tuple(f"text {i}" for i in range(6)), ("x", "x", "y", "x", "x", "x"))
    finding = found(check_near_copies(rows, [(0, 1, 2), (3, 4)], np.array([3, 4, 2])))
    assert finding.rows == (2, 0, 1, 3, 4)
    assert finding.severity is Severity.WARNING
    assert finding.fix is not None
    assert finding.fix.drop == (1, 4), "the first row of each label stays"
    honest = found(check_near_copies(rows, [(3, 4)], np.array([3, 4])))
    assert honest.severity is Severity.NOTE


def test_memory_is_compared_with_what_is_free() -> None:
    assert check_memory(1_000, None) is None
    assert check_memory(1_000, 1_000) is None
    assert "2 MB" in found(check_memory(2_000_000, 1_000_000)).title


def test_a_fix_changes_what_it_names_and_nothing_else() -> None:
    table = read_table("a.csv", b'text,label,more\na,pos,"1,5"\n"b\nb",Pos,=2\n,neg,3\nd,neg,4\n')
    rows = rows_of(table, "text", "label")
    spelling, empty = found(check_spellings(rows)).fix, found(check_empty(rows)).fix
    assert spelling is not None
    assert empty is not None
    mended = apply_fix(apply_fix(table, "label", spelling), "label", empty)
    assert mended.rows == (("a", "pos", "1,5"), ("b\nb", "pos", "=2"), ("d", "neg", "4"))
    assert mended.line_numbers == (2, 3, 6)
    assert table.rows[1] == ("b\nb", "Pos", "=2"), "the table itself is as it was"
    again = read_table("b.csv", write_table(mended))
    assert (again.columns, again.rows) == (mended.columns, mended.rows)


def test_long_lists_of_names_are_cut() -> None:
    assert name_some(list("abcdefg")) == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert name_some(["a"]) == "'a'"
