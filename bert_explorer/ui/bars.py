"""Probability bars in plain HTML: they need neither plotly nor pandas, so the first page is there at once."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from bert_explorer.results import TokenProbability


def show_bars(text: str, words: Sequence[TokenProbability]) -> None:
    """Draw one bar a word, the longest for the likeliest, below the text that they complete."""
    st.html(bars_html(text, words))


def bars_html(text: str, words: Sequence[TokenProbability]) -> str:
    """A table with a bar in each row. Everything that comes from a text or a vocabulary is escaped."""
    largest = max((word.probability for word in words), default=1.0)
    rows = "".join(_row(word, largest) for word in words)
    return f'<table class="bars"><caption>{escape(text)}</caption><tbody>{rows}</tbody></table>'


def _row(word: TokenProbability, largest: float) -> str:
    width = 100 * word.probability / largest
    return (
        f'<tr><th scope="row">{escape(word.token)}</th>'
        f'<td><span class="bar" style="width: {width:.1f}%"></span></td>'
        f'<td class="share">{100 * word.probability:.1f} %</td></tr>'
    )
