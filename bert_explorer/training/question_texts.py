"""Questions with a context and the place of the answer in it (extractive question answering).

    .json     as SQuAD has it (Rajpurkar et al. 2016): data, paragraphs, context, qas, answers
    .jsonl    {"question": "...", "context": "...", "answer": "...", "answer_start": 17}

Without ``answer_start`` the first occurrence counts. No answer ("answers": [] in SQuAD 2.0, or an empty
"answer") is an answer too: the context does not tell.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bert_explorer.errors import DataError
from bert_explorer.training.tables.decoding import decode_text

MIN_QUESTIONS = 10


@dataclass(frozen=True)
class Question:
    """``start`` is where ``answers[0]`` begins in ``context``; no answers: the context does not tell."""

    question: str
    context: str
    answers: tuple[str, ...]
    start: int
    line: int  # of a JSONL file; in SQuAD's JSON the number of the question
    part: str = ""  # what the file says that it is for, if it does (see told_parts)


@dataclass(frozen=True)
class QuestionTexts:
    rows: tuple[Question, ...]
    parts: tuple[str, ...] | None = None  # of the user's own split

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(row.question for row in self.rows)

    @property
    def pairs(self) -> tuple[str, ...]:
        return tuple(row.context for row in self.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        return ()

    @property
    def line_numbers(self) -> tuple[int, ...]:
        return tuple(row.line for row in self.rows)


def read_questions(filename: str, content: bytes) -> QuestionTexts:
    """Raises DataError that names the question whose answer is not where it should be."""
    text = decode_text(content)[0]
    extension = PurePath(filename).suffix.lower()
    if extension not in (".json", ".jsonl"):
        raise DataError(f"Questions are read from .json (SQuAD) or .jsonl; the file is '{filename}'.")
    records = _read_lines(text) if extension == ".jsonl" else enumerate(_read_squad(text), start=1)
    rows = tuple(_to_question(record, number) for number, record in records)
    if len(rows) < MIN_QUESTIONS:
        raise DataError(f"The file has {len(rows)} questions; at least {MIN_QUESTIONS} are needed.")
    if len({row.context for row in rows}) < 2:
        raise DataError("All questions are about one context. Two are needed, one to measure with.")
    return QuestionTexts(rows)


def _read_lines(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataError("This is not a JSON object. Write one on each line.", line=number) from error
        if not isinstance(record, dict):
            raise DataError("This is not a JSON object with question, context and answer.", line=number)
        if "answers" not in record:
            answer = {"text": record.get("answer", ""), "answer_start": record.get("answer_start")}
            record["answers"] = [answer] if answer["text"] else []
        yield number, record


def _read_squad(text: str) -> Iterator[dict[str, Any]]:
    message = 'This is not SQuAD\'s JSON: {"data": [{"paragraphs": [{"context", "qas": [...]}]}]}.'
    try:
        for article in json.loads(text)["data"]:
            for paragraph in article["paragraphs"]:
                for record in paragraph["qas"]:
                    yield {"split": article.get("split", ""), **record, "context": paragraph["context"]}
    except (json.JSONDecodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise DataError(message) from error


def _to_question(record: dict[str, Any], line: int) -> Question:
    question, context = record.get("question"), record.get("context")
    if not isinstance(question, str) or not isinstance(context, str):
        raise DataError("A question and a context are needed, as texts.", line=line)
    if not question.strip() or not context.strip():
        raise DataError("The question or the context is empty.", line=line)
    answers, part = _read_answers(record.get("answers"), line), str(record.get("split") or "")
    if not answers:
        return Question(question, context, (), 0, line, part)
    text, start = answers[0]
    found = context.find(text) if start is None else start
    if found < 0 or context[found : found + len(text)] != text:
        where = "anywhere" if start is None else f"at character {start}"
        raise DataError(
            f"The answer '{text[:60]}' is not in the context {where}. Copy it from the context, letter by "
            "letter, and count characters from 0.",
            line=line,
        )
    return Question(question, context, tuple(answer for answer, _ in answers), found, line, part)


def _read_answers(answers: Any, line: int) -> list[tuple[str, int | None]]:
    if isinstance(answers, dict):  # as the `datasets` library writes them
        texts, starts = answers.get("text", []), answers.get("answer_start", [])
        answers = [{"text": text, "answer_start": start} for text, start in zip(texts, starts, strict=False)]
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        raise DataError(
            'The "answers" have to be a list of objects with "text" and "answer_start".', line=line
        )
    read = [(answer.get("text"), answer.get("answer_start")) for answer in answers]
    for text, start in read:
        if not isinstance(text, str) or not text.strip() or not (start is None or type(start) is int):
            raise DataError('An answer needs a "text" and a whole number "answer_start".', line=line)
    return [(str(text), start) for text, start in read]
