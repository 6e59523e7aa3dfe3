import csv
import io

import numpy as np
import pytest

from bert_explorer.plots.matrices import (
    Matrix,
    Picture,
    clamp_window,
    compare_pictures,
    number,
    picture_csv,
    picture_html,
    sum_text,
)

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("size", "start", "expected"),
    [(384, 380, (352, 384)), (384, 0, (0, 32)), (384, -5, (0, 32)), (9, 4, (0, 9)), (32, 100, (0, 32))],
)
def test_a_window_never_passes_the_end(size: int, start: int, expected: tuple[int, int]) -> None:
    window = clamp_window(size, start, 32)
    assert (window.start, window.stop) == expected


def test_numbers_have_three_decimals_and_a_true_minus() -> None:
    assert [number(value) for value in (-0.12345, 2, -np.inf)] == ["−0.123", "2.000", "−∞"]


def test_a_sum_names_its_largest_products_and_what_is_left() -> None:
    assert sum_text(np.array([2.0, 3.0]), np.array([1.0, 2.0]), 0.5) == (
        "3.000 × 2.000 + 2.000 × 1.000 + 0.500 (bias)"
    )
    text = sum_text(np.array([1.0, -4.0, 2.0, 3.0, 0.5]), np.ones(5))
    assert text == "−4.000 × 1.000 + 3.000 × 1.000 + 2.000 × 1.000 + 1.500 from 2 smaller products"


def make_picture() -> Picture:
    values = np.array([[1.0, -2.0, 0.5], [0.0, -np.inf, 4.0]], dtype=np.float32)
    how = ("a", "b", "c", "d", HOSTILE, "f")
    matrix = Matrix("s", HOSTILE, values, ("x", HOSTILE), ("1", "2", "3"), (2, 3), how=how)
    return Picture((HOSTILE,), (matrix,), HOSTILE, 1e-6, "gelu")


def test_a_page_of_tables_holds_no_markup_from_texts() -> None:
    page = picture_html(make_picture(), HOSTILE, HOSTILE)
    assert "<img" not in page
    assert page.count("<td") == 6
    assert 'title="d">0.000' in page
    assert "−∞" in page


def test_a_file_has_one_line_a_cell() -> None:
    rows = list(csv.DictReader(io.StringIO(picture_csv(make_picture()).decode("utf-8-sig"))))
    assert len(rows) == 6
    assert rows[5] == {"matrix": HOSTILE, "row": HOSTILE, "column": "3", "value": "4.0", "how": "f"}
    assert rows[1]["value"] == "-2.0"


def test_pictures_are_compared_where_they_show_the_same_places() -> None:
    def picture(*values: list[list[float]], start: tuple[int, int] = (0, 0)) -> Picture:
        matrices = tuple(
            Matrix(symbol, symbol, np.array(rows), (), (), (9, 9), start if symbol == "b" else (0, 0))
            for symbol, rows in zip("ab", values, strict=True)
        )
        return Picture(("x",), matrices, "", 0.0, "gelu")

    first, second = picture([[3, 4, -np.inf]], [[1]]), picture([[3, 5, 8]], [[2]])
    distances = compare_pictures(first, second)
    assert [(item.symbol, item.largest) for item in distances] == [("a", 1), ("b", 1)]
    assert [item.relative for item in distances] == pytest.approx([1 / 5, 1])
    moved = compare_pictures(first, picture([[3, 4, 0]], [[2]], start=(0, 1)))
    assert [(item.symbol, item.largest, item.relative) for item in moved] == [("a", 0, 0)]
