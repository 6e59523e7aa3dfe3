import numpy as np

from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.review import confident_errors, find_suspects, hardest, in_cell, suspected_labels

LABELS = ("a", "b")


def row(line: int, true: str, probability_of_b: float) -> HeldOutRow:
    predicted = "b" if probability_of_b > 0.5 else "a"
    return HeldOutRow(line, f"text {line}", None, true, predicted, (1 - probability_of_b, probability_of_b))


ROWS = [row(1, "a", 0.1), row(2, "a", 0.9), row(3, "b", 0.2), row(4, "b", 0.7), row(5, "a", 0.45)]


def test_the_order_of_what_a_reader_sees() -> None:
    assert [item.line for item in confident_errors(ROWS)] == [2, 3]
    assert [item.line for item in hardest(ROWS, LABELS)] == [2, 3, 5, 4, 1]
    assert [item.line for item in in_cell(ROWS, "a", "a")] == [1, 5]
    assert [item.line for item in in_cell(ROWS, "a", None)] == [1, 2, 5]
    assert [item.line for item in in_cell(ROWS, None, None)] == [1, 2, 3, 4, 5]


def test_suspects_by_hand() -> None:
    """t_a = mean(0.9, 0.1, 0.55) = 0.517, t_b = mean(0.2, 0.7) = 0.45: rows 2 and 3 reach the other's."""
    found = suspected_labels(ROWS, LABELS)
    assert [(item.line, other) for item, other in found] == [(2, "b"), (3, "a")]


def test_labels_exchanged_at_random_are_found() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 300)
    probabilities = generator.dirichlet([1, 1, 1], 300) * 0.4
    probabilities[np.arange(300), truth] += 0.6
    given = truth.copy()
    wrong = generator.choice(300, 20, replace=False)
    given[wrong] = (truth[wrong] + 1) % 3
    found = find_suspects(probabilities, given)
    rows = {row for row, _ in found}
    assert len(rows & set(wrong.tolist())) >= 12
    assert len(rows - set(wrong.tolist())) <= 10
    assert all(other == truth[row] for row, other in found if row in wrong)


def test_a_class_without_rows_is_never_suspected() -> None:
    assert find_suspects(np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([0, 0])) == []
    assert suspected_labels([], LABELS) == []
