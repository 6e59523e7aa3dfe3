"""The user's own split in files without columns, and two files of such a kind as one.

    .jsonl                     "split": "test" in a line
    .json (SQuAD)              "split": "test" in an article, for all of its questions
    .conll .conllu and kin     a line "# split = test", for all sentences below it

Examples of which nothing is said are learned from, where anything is said of others. The readers of both
kinds keep what they find as ``part`` of each row.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from bert_explorer.errors import DataError
from bert_explorer.training.question_texts import QuestionTexts
from bert_explorer.training.tables.decoding import decode_text
from bert_explorer.training.tables.parts import COLUMN, TEST, TRAIN, is_split, name_parts
from bert_explorer.training.tagged_texts import CONLL_EXTENSIONS, PART, TaggedTexts

Examples = TaggedTexts | QuestionTexts


def tells_parts(examples: Examples) -> bool:
    """Whether what the file says of its examples is a split, and no other use of the word."""
    return is_split(_cells(examples))


def take_parts(examples: Examples) -> Examples:
    """The examples with the split that their file tells. Raises DataError where it tells none."""
    if not any(row.part for row in examples.rows):
        raise DataError(
            "The file says of no example whether it is to learn from or to measure with. Write "
            f'"{COLUMN}": "{TEST}" into lines of JSON, or a line "# {COLUMN} = {TEST}" above sentences in '
            "columns; or let chance choose."
        )
    return replace(examples, parts=name_parts(_cells(examples), examples.line_numbers, COLUMN))


def _cells(examples: Examples) -> list[str]:
    return [row.part or TRAIN for row in examples.rows]


def join_examples(filename: str, content: bytes, held_out_name: str, held_out: bytes) -> tuple[str, bytes]:
    """Name and content of one file with both; the second is measured with, whatever split either tells.

    Lines of the first keep their numbers. Raises DataError for files of different kinds, and for JSON that
    cannot be read.
    """
    kind, other = (PurePath(name).suffix.lower() for name in (filename, held_out_name))
    if kind != other and not {kind, other} <= set(CONLL_EXTENSIONS):
        raise DataError(
            f"The file of held-out examples is '{held_out_name}', and the other one '{filename}'. Both have "
            f"to be of one kind: save it as {kind or 'the same'}."
        )
    join: Callable[[str, str], str] = {".jsonl": _join_lines, ".json": _join_squad}.get(kind, _join_columns)
    joined = join(decode_text(content)[0], decode_text(held_out)[0])
    name = f"{PurePath(filename).stem} and {PurePath(held_out_name).stem}{kind}"
    return name, joined.encode()


def _join_columns(first: str, second: str) -> str:
    told = f"# {COLUMN} = {TEST}"
    return f"{_mark_anew(first, TRAIN).rstrip()}\n\n{told}\n{_mark_anew(second, TEST)}"


def _mark_anew(text: str, part: str) -> str:
    """With this part in place of those that lines tell."""
    lines = text.split("\n")
    return "\n".join(f"# {COLUMN} = {part}" if PART.fullmatch(line.strip()) else line for line in lines)


def _join_lines(first: str, second: str) -> str:
    told = [(line, part) for text, part in ((first, TRAIN), (second, TEST)) for line in text.split("\n")]
    return "\n".join(_tell(line, part) if line.strip() else line for line, part in told)


def _tell(line: str, part: str) -> str:
    """A line that is no JSON object stays: its reader says so, with the line."""
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return line
    return json.dumps(record | {COLUMN: part}, ensure_ascii=False) if isinstance(record, dict) else line


def _join_squad(first: str, second: str) -> str:
    articles: list[Any] = []
    for text, part in ((first, TRAIN), (second, TEST)):
        try:
            articles += [_tell_questions(article, part) for article in json.loads(text)["data"]]
        except (json.JSONDecodeError, RecursionError, KeyError, TypeError) as error:
            raise DataError(
                f'The {part} file is not SQuAD\'s JSON, with a list "data" of articles.'
            ) from error
    return json.dumps({"data": articles}, ensure_ascii=False)


def _tell_questions(article: dict[str, Any], part: str) -> dict[str, Any]:
    """In each of them, since what a question tells goes before what its article does."""
    paragraphs = [
        paragraph | {"qas": [record | {COLUMN: part} for record in paragraph["qas"]]}
        for paragraph in article["paragraphs"]
    ]
    return article | {"paragraphs": paragraphs}
