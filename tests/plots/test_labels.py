import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.plots.labels import (
    format_hover,
    format_label,
    format_token,
    measure_width,
    shorten,
    show_characters,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>R&D</b>", "&lt;b&gt;R&amp;D&lt;/b&gt;"),
        ("a<br>b", "a&lt;br&gt;b"),
        ("$x^2$", "&#36;x^2&#36;"),
        ("&lt;", "&amp;lt;"),
        ("plain text", "plain text"),
    ],
)
def test_markup_and_formulas_are_printed_as_typed(text: str, expected: str) -> None:
    assert format_label(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\u202e", "a␉b‹202E›"),
        ("line\nnext\x00\x7f", "line␊next␀␡"),
        ("   ", "␣␣␣"),
        ("", ""),
        ("zero\u200bwidth\ufeff", "zero‹200B›width‹FEFF›"),
        ("half \ud800", "half \ufffd"),
        ("می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬"),
        ("\u2028", "‹2028›"),
    ],
)
def test_invisible_characters_are_shown(text: str, expected: str) -> None:
    assert show_characters(text) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("internationalization", 10, "internati…"),
        ("exactly ten", 11, "exactly ten"),
        ("日本語の文章", 7, "日本語…"),
        ("e\u0301" * 5, 5, "e\u0301" * 5),
    ],
)
def test_long_text_is_cut_by_its_width(text: str, width: int, expected: str) -> None:
    assert shorten(text, width) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [("Ġparis", "paris"), ("▁paris", "paris"), ("##ing", "##ing"), ("Ġ", "Ġ"), ("[CLS]", "[CLS]")],
)
def test_tokens_lose_only_their_word_start_marker(token: str, expected: str) -> None:
    assert format_token(token) == expected


@given(st.text(), st.integers(2, 30))
def test_labels_are_one_safe_line_of_bounded_width(text: str, width: int) -> None:
    label = format_label(text, width)
    assert not set(label) & set("<>$\n\r\t\x00\u202e\u2028")
    assert measure_width(shorten(show_characters(text), width)) <= width
    label.encode("utf-8")


@given(st.text(max_size=2000))
def test_hover_texts_hold_no_markup_but_their_own_line_breaks(text: str) -> None:
    lines = format_hover(text).split("<br>")
    assert len(lines) <= 4
    assert not any(set(line) & set("<>$\n") for line in lines)
