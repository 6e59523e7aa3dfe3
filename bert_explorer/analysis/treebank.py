"""Sentences with their dependency trees, read from CoNLL-U (the format of Universal Dependencies).

One word a line, ten columns between tabs, a blank line after each sentence; ``#`` opens a comment:

    1   The   the   DET    DT  _  2  det    _  _
    2   cat   cat   NOUN   NN  _  3  nsubj  _  _
    3   sat   sit   VERB   VBD _  0  root   _  _

The columns used are ID, FORM, UPOS, HEAD and DEPREL. Syntactic words are what counts: the line of a multiword
token (``1-2  don't``) only repeats the words that follow it, and empty nodes (``2.1``) are no words of the
text; both are checked and left out. What this does not do: it keeps neither features nor enhanced
dependencies, and does not check that the tree has no circle.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bert_explorer.errors import DataError
from bert_explorer.settings import Settings

BUNDLED_TREEBANK = "en_pud-ud-test.conllu"
NUM_COLUMNS = 10
MAX_RELATIONS = 500  # different ones; Universal Dependencies has 37, with subtypes a few hundred in all
ROOT = -1
_WORD, _RANGE, _EMPTY = (
    re.compile(r"[1-9]\d{0,8}"),
    re.compile(r"(\d{1,9})-(\d{1,9})"),
    re.compile(r"\d+\.\d+"),
)


@dataclass(frozen=True)
class Sentence:
    """One tree. ``heads[i]`` is the index (from 0) of the word that word i depends on, ROOT for none.

    ``line`` is the line of the first word in the file, from 1. ``tags`` are the words' parts of speech
    (NOUN, VERB, ...), empty where the file does not give one for every word.
    """

    words: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
    line: int
    tags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words with one blank between them, as the model reads them."""
        return " ".join(self.words)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The characters [start, end) of each word in ``text``."""
        spans, start = [], 0
        for word in self.words:
            spans.append((start, start + len(word)))
            start += len(word) + 1
        return tuple(spans)


@dataclass(frozen=True)
class _Row:
    line: int
    form: str
    head: int
    relation: str
    tag: str


def read_treebank(content: bytes) -> tuple[Sentence, ...]:
    """All sentences of a file. Raises DataError that names the line of what is wrong."""
    text = _decode(content)
    sentences = tuple(_to_sentence(rows) for rows in _read_blocks(text))
    if not sentences:
        raise DataError("The file holds no sentence in CoNLL-U: ten columns between tabs, one word a line.")
    num_relations = len({name for sentence in sentences for name in sentence.relations})
    if num_relations > MAX_RELATIONS:
        raise DataError(
            f"The file has {num_relations:,} different relations (DEPREL, column 8); at most {MAX_RELATIONS} "
            "are compared. Check that column 8 names relations, or leave their subtypes out."
        )
    return sentences


def read_bundled_treebank(settings: Settings) -> tuple[Sentence, ...]:
    """The 1,000 English sentences of UD English PUD."""
    return read_treebank(bundled_treebank_path(settings).read_bytes())


def bundled_treebank_path(settings: Settings) -> Path:
    """Its file, which may be missing."""
    return settings.assets / "datasets" / BUNDLED_TREEBANK


def spread_sentences(sentences: Sequence[Sentence], count: int) -> tuple[Sentence, ...]:
    """``count`` of them in even steps from first to last, all where there are fewer."""
    if count >= len(sentences):
        return tuple(sentences)
    return tuple(sentences[i * len(sentences) // count] for i in range(count))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError("These characters are not UTF-8. Save the file as UTF-8.", line=line) from None


def _read_blocks(text: str) -> Iterator[list[_Row]]:
    """The words of each sentence."""
    rows: list[_Row] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if not line.strip():
            if rows:
                yield rows
            rows = []
        elif not line.startswith("#"):
            row = _read_line(line, number, len(rows))
            if row is not None:
                rows.append(row)
    if rows:
        yield rows


def _read_line(line: str, number: int, num_words: int) -> _Row | None:
    """The word of a line; None for a multiword token or an empty node."""
    columns = line.split("\t")
    if len(columns) != NUM_COLUMNS:
        raise DataError(
            f"The columns are {len(columns)}, and CoNLL-U has {NUM_COLUMNS}, separated by tabs.",
            line=number,
        )
    word_id, form, head, relation = columns[0], columns[1], columns[6], columns[7]
    if _EMPTY.fullmatch(word_id):
        return None
    if found := _RANGE.fullmatch(word_id):
        if not num_words + 1 == int(found[1]) < int(found[2]):
            raise DataError(
                f"'{word_id}' does not announce the words that follow: word {num_words + 1} is next.",
                line=number,
            )
        return None
    if not _WORD.fullmatch(word_id) or int(word_id) != num_words + 1:
        raise DataError(
            f"The ID is '{word_id[:20]}', and word {num_words + 1} of the sentence is next.", line=number
        )
    if not form.strip():
        raise DataError("The word (column 2) is empty.", line=number)
    if not (_WORD.fullmatch(head) or head == "0"):
        raise DataError(
            f"The HEAD (column 7) is '{head[:20]}'. It is the ID of a word, or 0 for the root.", line=number
        )
    if relation in ("", "_"):
        raise DataError("The relation (DEPREL, column 8) is missing.", line=number)
    return _Row(number, form, int(head) - 1, relation, columns[3])


def _to_sentence(rows: list[_Row]) -> Sentence:
    for index, row in enumerate(rows):
        if row.head >= len(rows):
            raise DataError(
                f"The HEAD (column 7) is {row.head + 1}, and the sentence has {len(rows)} words.",
                line=row.line,
            )
        if row.head == index:
            raise DataError(f"Word {index + 1} is its own HEAD (column 7).", line=row.line)
    tags = tuple(row.tag for row in rows)
    return Sentence(
        words=tuple(row.form for row in rows),
        heads=tuple(row.head for row in rows),
        relations=tuple(row.relation for row in rows),
        line=rows[0].line,
        tags=() if {"", "_"} & set(tags) else tags,
    )
