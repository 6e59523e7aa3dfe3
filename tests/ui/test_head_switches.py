"""Which heads are off: what is typed, what is clicked, and what a forger sends."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bert_explorer.errors import InputError
from bert_explorer.results import ModelInfo
from bert_explorer.ui.ablation_inputs import default_off, format_heads, parse_heads
from bert_explorer.ui.components.head_grid import read_click

MODEL = ModelInfo("x", "x", "bert", 3, 4, 8, 10, 16, 100, 100, frozenset())  # 3 layers of 4 heads


def test_heads_and_layers_are_read_from_one_on() -> None:
    assert parse_heads("2-1, 1-4;1-4", MODEL) == ((0, 3), (1, 0))
    assert parse_heads("3", MODEL) == ((2, 0), (2, 1), (2, 2), (2, 3))
    assert parse_heads(" , ", MODEL) == ()


@given(some.sets(some.tuples(some.integers(0, 2), some.integers(0, 3))))
def test_what_is_written_is_read_back(heads: set[tuple[int, int]]) -> None:
    assert parse_heads(format_heads(heads, MODEL), MODEL) == tuple(sorted(heads))


@pytest.mark.parametrize("typed", ["4", "1-5", "0", "1-0", "1--2", "a", "1-2-3", "99999-1", "²"])
def test_other_words_are_refused_with_the_range(typed: str) -> None:
    with pytest.raises(InputError, match="layers from 1 to 3 and heads from 1 to 4"):
        parse_heads(f"1-1, {typed}", MODEL)


def test_a_small_model_opens_with_a_head_that_it_has() -> None:
    assert default_off(MODEL) == "1-1"
    assert default_off(dataclasses.replace(MODEL, num_layers=6, num_heads=12)) == "2-9, 3-9"


def test_a_click_names_a_head_or_a_whole_layer() -> None:
    assert read_click([2, 3], 3, 4) == ((2, 3),)
    assert read_click([1, -1], 3, 2) == ((1, 0), (1, 1))
    for forged in (
        None,
        1,
        [3, 0],
        [0, 4],
        [0, -2],
        [-1, 0],
        [0],
        [0, 1, 2],
        [True, 0],
        ["0", "1"],
        [0.0, 1],
    ):
        assert read_click(forged, 3, 4) == ()
