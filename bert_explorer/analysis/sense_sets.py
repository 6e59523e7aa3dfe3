"""Sentences with one word in several senses: the bundled sets, and lines that somebody wrote."""

from bert_explorer.settings import Settings

SETS = ("bank", "spring", "bat")


def read_set(word: str, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(sentences, senses) of one of SETS."""
    path = settings.assets / "examples" / "senses" / f"{word}.tsv"
    return parse_senses(path.read_text(encoding="utf-8"))


def parse_senses(lines: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(sentences, senses) of ``sense<TAB>sentence``, one a line; blank lines are left out.

    A line without a tab has the sense "", which the comparison refuses.

    >>> parse_senses("river\\tWe sat on the bank.")
    (('We sat on the bank.',), ('river',))
    """
    rows = [line.partition("\t") for line in lines.splitlines() if line.strip()]
    sentences = tuple((sentence if tab else sense).strip() for sense, tab, sentence in rows)
    return sentences, tuple(sense.strip() if tab else "" for sense, tab, _ in rows)
