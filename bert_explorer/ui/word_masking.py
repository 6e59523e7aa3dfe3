"""A text as words that can be hidden behind [MASK] and shown again, by clicks. Knows no model.

words_of("Don't go!")                        -> Don't | go | !
toggle("He drank tea.", (), 2).text          = "He drank [MASK]."
toggle("He drank [MASK].", ("tea",), 2).text = "He drank tea."
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

MASK = "[MASK]"
INSIDE_WORDS = "'’"  # an apostrophe between letters
BY_CHARACTER = (
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
)  # kana and Chinese characters


@dataclass(frozen=True)
class Word:
    """Characters [start, end) of the text."""

    text: str
    start: int
    end: int

    @property
    def is_mask(self) -> bool:
        return self.text == MASK


@dataclass(frozen=True)
class Masked:
    """A text, and what its masks hide, in their order; None for a mask that was typed."""

    text: str
    hidden: tuple[str | None, ...]


def words_of(text: str) -> list[Word]:
    """Words, masks and single marks of punctuation; blanks are left out."""
    return [Word(text[start:end], start, end) for start, end in _find_words(text)]


def _find_words(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        end = _end_of_word(text, start)
        yield start, end
        start = end


def _end_of_word(text: str, start: int) -> int:
    if text.startswith(MASK, start):
        return start + len(MASK)
    if not _joins(text[start]):
        return start + 1
    for end in count(start + 1):
        apostrophe = text[end : end + 1] in INSIDE_WORDS and _joins(text[end + 1 : end + 2])
        if not (_joins(text[end : end + 1]) or (text[end : end + 1] and apostrophe)):
            return end
    raise AssertionError("unreachable")


def _joins(character: str) -> bool:
    """Whether the character is a part of a longer word; not for an empty text."""
    if not character or character.isspace() or unicodedata.category(character)[0] in "PS":
        return False
    return not any(low <= character <= high for low, high in BY_CHARACTER)


def toggle(text: str, hidden: tuple[str | None, ...], index: int) -> Masked:
    """Hide word ``index``, or show what a mask there hides. A mask that was typed stays.

    ``hidden`` belongs to the masks of ``text`` in their order; with another length it is forgotten.
    """
    words = words_of(text)
    masks = [i for i, word in enumerate(words) if word.is_mask]
    known: list[str | None] = list(hidden) if len(hidden) == len(masks) else [None] * len(masks)
    word, place = words[index], sum(i < index for i in masks)
    if not word.is_mask:
        known.insert(place, word.text)
        shown = MASK
    elif known[place] is None:
        return Masked(text, tuple(known))
    else:
        shown = str(known.pop(place))
    return Masked(text[: word.start] + shown + text[word.end :], tuple(known))
