"""Texts of which every word has a tag: parts of speech, or names marked as B(egin), I(nside), O(utside).

Three kinds of file are read:

    .conllu                     CoNLL-U: words in column 2, their part of speech in column 4
    .conll .iob2 .iob .bio      a word and its tag on each line, a blank line after each sentence
    .jsonl                      {"text": "Ada was born in London.", "spans": [{"start": 0, "end": 3,
                                "label": "PER"}, ...]} with characters counted from 0, ``end`` not included

Words of a text that comes without them are runs of letters and digits, and every other mark alone.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from bert_explorer.errors import DataError
from bert_explorer.training.data import natural_order
from bert_explorer.training.tables.decoding import decode_text

CONLL_EXTENSIONS = (".conll", ".iob2", ".iob", ".bio")
CONLLU_EXTENSION = ".conllu"
OUTSIDE = "O"
MAX_TAGS = 500
MIN_TEXTS = 10
WORD = re.compile(r"\w+|[^\w\s]")
BETWEEN_BLANKS = re.compile(r"\S+")
SPAN_KEYS = ("start", "end", "label")
MARK = re.compile(r"[BI]-.+")
PART = re.compile(r"#\s*split\s*=\s*(\S+)")
WORD_ID = re.compile(r"\d+")
CONLLU_FORM, CONLLU_TAG, CONLLU_COLUMNS = 1, 3, 10


@dataclass(frozen=True)
class TaggedText:
    """``spans[i]``: the characters [start, end) of word i in ``text``. ``line`` is its first in the file.

    ``part`` is what the file says that it is for, if it does (see told_parts).
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    tags: tuple[str, ...]
    line: int
    part: str = ""


@dataclass(frozen=True)
class TaggedTexts:
    """``labels`` are all tags; ``marks_entities`` where they are B-, I- and O.

    ``between_blanks`` where the words came from columns, so that a blank is all that parts them.
    """

    rows: tuple[TaggedText, ...]
    labels: tuple[str, ...]
    between_blanks: bool = False
    parts: tuple[str, ...] | None = None  # of the user's own split

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(row.text for row in self.rows)

    @property
    def pairs(self) -> None:
        return None

    @property
    def line_numbers(self) -> tuple[int, ...]:
        return tuple(row.line for row in self.rows)

    @property
    def marks_entities(self) -> bool:
        return OUTSIDE in self.labels and all(tag == OUTSIDE or MARK.fullmatch(tag) for tag in self.labels)


def read_tagged(filename: str, content: bytes) -> TaggedTexts:
    """Raises DataError with the line for whatever is no tagged text."""
    extension = PurePath(filename).suffix.lower()
    text = decode_text(content)[0]
    if extension == ".jsonl":
        rows = tuple(_read_spans(text))
    elif extension in (*CONLL_EXTENSIONS, CONLLU_EXTENSION):
        rows = tuple(_read_columns(text, is_conllu=extension == CONLLU_EXTENSION))
    else:
        known = ", ".join((CONLLU_EXTENSION, *CONLL_EXTENSIONS, ".jsonl"))
        raise DataError(f"Tags of words are read from {known}; the file is '{filename}'. Save it as one.")
    if len(rows) < MIN_TEXTS:
        raise DataError(f"The file has {len(rows)} texts with tags; at least {MIN_TEXTS} are needed.")
    labels = tuple(sorted({tag for row in rows for tag in row.tags}, key=natural_order))
    if not 2 <= len(labels) <= MAX_TAGS:
        raise DataError(f"The file has {len(labels)} different tags; from 2 to {MAX_TAGS} can be learned.")
    return TaggedTexts(rows, labels, between_blanks=extension != ".jsonl")


def _read_columns(text: str, *, is_conllu: bool) -> Iterator[TaggedText]:
    block: list[tuple[int, list[str]]] = []
    part = ""
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        line = line.removesuffix("\r")
        told = PART.fullmatch(line.strip())
        if block and (told or not line.strip()):
            yield replace(_to_tagged(block, is_conllu=is_conllu), part=part)
            block = []
        if told:
            part = told[1]
        elif line.strip() and not line.startswith(("# ", "#\t", "-DOCSTART-")):
            block.append((number, line.split("\t") if "\t" in line else line.split()))


def _to_tagged(block: list[tuple[int, list[str]]], *, is_conllu: bool) -> TaggedText:
    """Words get one blank between them."""
    words, tags = [], []
    for number, cells in block:
        word, tag = _word_and_tag(cells, number, is_conllu=is_conllu)
        if word is not None:
            words.append(word)
            tags.append(tag)
    if not words:
        raise DataError("This sentence has no words.", line=block[0][0])
    spans, start = [], 0
    for word in words:
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return TaggedText(" ".join(words), tuple(spans), tuple(tags), block[0][0])


def _word_and_tag(cells: list[str], line: int, *, is_conllu: bool) -> tuple[str | None, str]:
    if is_conllu:
        if len(cells) != CONLLU_COLUMNS:
            raise DataError(f"The columns are {len(cells)}, and CoNLL-U has {CONLLU_COLUMNS}.", line=line)
        is_word = WORD_ID.fullmatch(cells[0])  # not a multiword token (1-2), not an empty node (2.1)
        return (cells[CONLLU_FORM].replace(" ", "_"), cells[CONLLU_TAG]) if is_word else (None, "")
    first = 1 if len(cells) > 2 and WORD_ID.fullmatch(cells[0]) else 0  # of files that count their words
    marks = [cell for cell in cells[first + 1 :] if cell == OUTSIDE or MARK.fullmatch(cell)]
    if len(cells) < first + 2 or not cells[first].strip():
        raise DataError("A word and its tag are needed on every line, with a tab between them.", line=line)
    return cells[first], marks[0] if marks else cells[-1]


def _read_spans(text: str) -> Iterator[TaggedText]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _with_spans(_parse(line, number), number)


def _parse(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError("This is not a JSON object. Write one on each line.", line=number) from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or not record["text"].strip():
        raise DataError('Each line needs a "text" and its "spans".', line=number)
    if not isinstance(record.get("spans"), list):
        raise DataError('The "spans" are missing. Write "spans": [] for a text without names.', line=number)
    return record


def _with_spans(record: dict[str, Any], line: int) -> TaggedText:
    text: str = record["text"]
    words = find_words(text)
    if not words:
        raise DataError("The text holds no word.", line=line)
    tags = [OUTSIDE] * len(words)
    for start, end, label in sorted(_check_span(span, text, line) for span in record["spans"]):
        inside = [i for i, (first, last) in enumerate(words) if first < end and last > start]
        if not inside or words[inside[0]][0] != start or words[inside[-1]][1] != end:
            raise DataError(
                f"The span {start} to {end} ('{text[start:end][:40]}') begins or ends inside a word or at a "
                "blank. Move it to the borders of words.",
                line=line,
            )
        if any(tags[i] != OUTSIDE for i in inside):
            raise DataError(
                f"The span {start} to {end} ('{text[start:end][:40]}') overlaps with another one. A word can "
                "have one tag: remove one of the two.",
                line=line,
            )
        tags[inside[0] : inside[-1] + 1] = [f"B-{label}", *[f"I-{label}"] * (len(inside) - 1)]
    return TaggedText(text, words, tuple(tags), line, str(record.get("split") or ""))


def find_words(text: str, *, between_blanks: bool = False) -> tuple[tuple[int, int], ...]:
    """The characters [start, end) of each word and each mark, or of what stands between two blanks.

    >>> find_words("it's 3.5"), find_words("it's 3.5", between_blanks=True)
    (((0, 2), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8)), ((0, 4), (5, 8)))
    """
    pattern = BETWEEN_BLANKS if between_blanks else WORD
    return tuple((match.start(), match.end()) for match in pattern.finditer(text))


def _check_span(span: Any, text: str, line: int) -> tuple[int, int, str]:
    start, end, label = (span.get(name) if isinstance(span, dict) else None for name in SPAN_KEYS)
    if bool in (type(start), type(end)) or not isinstance(start, int) or not isinstance(end, int):
        raise DataError('A span needs whole numbers "start" and "end" and a "label".', line=line)
    if not isinstance(label, str):
        raise DataError('A span needs whole numbers "start" and "end" and a "label".', line=line)
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"The span {start} to {end} does not lie in the text, which has {len(text)} characters.",
            line=line,
        )
    if not label.strip():
        raise DataError(f"The span {start} to {end} has an empty label.", line=line)
    return start, end, label.strip()


def to_entities(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """(type, first word, last word) of every entity, as conlleval and seqeval count them by default.

    An entity begins at B-, and also at an I- that continues no entity of its type:

    >>> sorted(to_entities(["B-PER", "I-PER", "O", "I-LOC"]))
    [('LOC', 3, 3), ('PER', 0, 1)]
    """
    entities: set[tuple[str, int, int]] = set()
    kind, begin = "", 0
    for index, tag in enumerate([*tags, OUTSIDE]):
        mark, _, new = tag.partition("-")
        if kind and (mark != "I" or new != kind):
            entities.add((kind, begin, index - 1))
            kind = ""
        if tag != OUTSIDE and not kind:
            kind, begin = new, index
    return entities
