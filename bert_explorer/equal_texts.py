"""When two texts count as the same. Shared by every room that keeps texts to measure on."""

from collections.abc import Iterable


def normalise_text(text: str) -> str:
    """Case and blanks do not make a text a different one.

    >>> normalise_text(" The  cat ")
    'the cat'
    """
    return " ".join(text.casefold().split())


def number_groups(texts: Iterable[str]) -> tuple[int, ...]:
    """A number for each text, from 0 in the order of their first mention; equal texts share theirs.

    >>> number_groups(["a cat", "a dog", "A  cat"])
    (0, 1, 0)
    """
    numbers: dict[str, int] = {}
    return tuple(numbers.setdefault(normalise_text(text), len(numbers)) for text in texts)
