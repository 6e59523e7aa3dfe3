"""Words of a text, hidden and shown: whole words, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.ui.word_masking import MASK, toggle, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He drank tea.", ["He", "drank", "tea", "."]),
        ("Don't say «no»!", ["Don't", "say", "«", "no", "»", "!"]),
        ("a [MASK], [MASK]s", ["a", "[MASK]", ",", "[MASK]", "s"]),
        ("'quoted' well-known", ["'", "quoted", "'", "well", "-", "known"]),
        ("東京は大きい", ["東", "京", "は", "大", "き", "い"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שלום עולם", ["שלום", "עולם"]),
        (" \n", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [word.text for word in words_of(text)] == expected


def test_hiding_and_showing() -> None:
    first = toggle("He drank tea.", (), 2)
    assert (first.text, first.hidden) == ("He drank [MASK].", ("tea",))
    second = toggle(first.text, first.hidden, 0)
    assert (second.text, second.hidden) == ("[MASK] drank [MASK].", ("He", "tea"))
    back = toggle(second.text, second.hidden, 2)
    assert (back.text, back.hidden) == ("[MASK] drank tea.", ("He",))


def test_a_typed_mask_stays() -> None:
    assert toggle("a [MASK] b", (), 1).text == "a [MASK] b"
    assert toggle("a [MASK] b", ("x", "y"), 1).text == "a [MASK] b"  # words of another text


@given(st.text(max_size=60), st.data())
def test_what_is_hidden_comes_back(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    assert "".join(word.text for word in words) == "".join(text.split())
    plain = [i for i, word in enumerate(words) if not word.is_mask]
    if not plain or MASK in text:
        return
    index = data.draw(st.sampled_from(plain))
    hidden = toggle(text, (), index)
    masks = [i for i, word in enumerate(words_of(hidden.text)) if word.is_mask]
    assert len(masks) == 1
    assert toggle(hidden.text, hidden.hidden, masks[0]).text == text
