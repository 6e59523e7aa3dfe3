"""Texts of users reach the page as texts, never as markup; secrets never reach it at all."""

import csv
import io

import pytest

from bert_explorer.results import TokenProbability
from bert_explorer.ui.bars import bars_html
from bert_explorer.ui.downloads import table_csv
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.owner import SECRET

HOSTILE = "<img src=x onerror=alert(1)>"


def test_bars_escape_text_and_words() -> None:
    html = bars_html(HOSTILE, [TokenProbability(HOSTILE, 1, 0.5, 1)])
    assert HOSTILE not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_the_longest_bar_belongs_to_the_likeliest_word() -> None:
    html = bars_html("x", [TokenProbability("a", 1, 0.4, 1), TokenProbability("b", 2, 0.1, 2)])
    assert "width: 100.0%" in html
    assert "width: 25.0%" in html
    assert "40.0 %" in html


@pytest.mark.parametrize("text", [HOSTILE, "[a](b)", "**b**", "$x$", ":red[x]", "`c`", "# h", "a_b_c", "~s~"])
def test_markdown_is_escaped_character_by_character(text: str) -> None:
    escaped = escape_markdown(text)
    assert escaped.replace("\\", "") == text
    for before, character in zip("x" + escaped, escaped, strict=False):
        assert character.isalnum() or character in " /=\\" or before == "\\"


@pytest.mark.parametrize(
    ("text", "kept_apart"),
    [
        ("see https://evil.example/x", ":\u2060//"),
        ("see WWW.evil.example", "WWW\u2060."),
        ("me@evil.example", "me\u2060@"),
    ],
)
def test_a_bare_address_is_kept_from_becoming_a_link(text: str, kept_apart: str) -> None:
    escaped = escape_markdown(text).replace("\\", "")
    assert kept_apart in escaped
    assert escaped.replace("\u2060", "") == text


def test_csv_survives_commas_quotes_line_ends_and_other_scripts() -> None:
    rows = [("a,b", 'say "hi"'), ("two\nlines", "日本語")]
    content = table_csv(("x", "y"), rows)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [["x", "y"], *map(list, rows)]


@pytest.mark.parametrize("secret", ["cli", "", "a" * 63, "A" * 64, "a" * 64 + "\n", "../" * 21 + "a"])
def test_nothing_but_a_drawn_secret_is_an_owner(secret: str) -> None:
    assert SECRET.fullmatch(secret) is None
    assert SECRET.fullmatch("0f" * 32) is not None
