"""A reader's own text as sentences in documents, fit for BERT's two pretraining games.

What is typed, pasted or uploaded has no chapters: every eight sentences in a row count as a document, so
that strangers for next-sentence prediction can come from another one, and one document in ten is kept
apart to measure on.
"""

import re
from dataclasses import dataclass

from bert_explorer.analysis.sentence_pairs import split_sentences
from bert_explorer.errors import DataError

MIN_WORDS, MIN_SENTENCES = 200, 24
MAX_CHARS = 2_000_000
SENTENCES_A_DOCUMENT = 8
HELD_OUT_EVERY = 10  # of the documents, beginning with the second
MAX_WORDS_A_SENTENCE = 60  # a longer one is cut: a training sequence could not hold it
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # written without blanks: each counts as a word
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\W{_IDEOGRAPH}]+")
_FULL_WIDTH_END = re.compile(r"(?<=[。！？])")
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class TrainingText:
    """Sentences in the order of the text, each in one document."""

    learned: tuple[tuple[str, ...], ...]
    held_out: tuple[tuple[str, ...], ...]
    num_words: int

    @property
    def num_sentences(self) -> int:
        return sum(len(document) for document in (*self.learned, *self.held_out))


def divide_text(text: str) -> TrainingText:
    """Raises DataError for too little text, too much, or one without sentences, and says what to add."""
    if len(text) > MAX_CHARS:
        raise DataError(
            f"The text has {len(text):,} characters; at most {MAX_CHARS:,} are trained on here. Take a part "
            "of it, or train with `python -m bert_explorer pretrain run`."
        )
    num_words = len(_WORD.findall(text))
    if num_words < MIN_WORDS:
        raise DataError(
            f"The text has {num_words:,} words; there is something to learn from {MIN_WORDS} on, and much "
            f"more "
            "is better. Add text."
        )
    sentences = [piece for paragraph in _paragraphs(text) for piece in _sentences(paragraph)]
    if len(sentences) < MIN_SENTENCES:  # perhaps one a line, with blank lines between some of them
        lines = (" ".join(line.split()) for line in text.splitlines())
        sentences = [piece for line in lines for piece in _sentences(line)]
    if len(sentences) < MIN_SENTENCES:
        raise DataError(
            f"The {num_words:,} words are {len(sentences)} sentences; at least {MIN_SENTENCES} are needed. "
            f"End "
            "sentences with a full stop and begin the next with a capital letter, or put each on a line of "
            "its own."
        )
    pieces = [piece for sentence in sentences for piece in _cut(sentence)]
    documents = [
        tuple(pieces[i : i + SENTENCES_A_DOCUMENT]) for i in range(0, len(pieces), SENTENCES_A_DOCUMENT)
    ]
    is_held_out = [i % HELD_OUT_EVERY == 1 for i in range(len(documents))]
    return TrainingText(
        learned=tuple(d for d, held in zip(documents, is_held_out, strict=True) if not held),
        held_out=tuple(d for d, held in zip(documents, is_held_out, strict=True) if held),
        num_words=num_words,
    )


def _paragraphs(text: str) -> list[str]:
    """Where blank lines part paragraphs, the lines between them are one; else each line is a paragraph."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    parts = _BLANK_LINE.split(text)
    return [" ".join(part.split()) for part in (parts if len(parts) > 1 else text.split("\n"))]


def _sentences(paragraph: str) -> list[str]:
    return [
        part.strip()
        for sentence in split_sentences(paragraph)
        for part in _FULL_WIDTH_END.split(sentence)
        if _WORD.search(part)
    ]


def _cut(sentence: str) -> list[str]:
    """Pieces of at most MAX_WORDS_A_SENTENCE words, as they stand in the sentence."""
    starts = [word.start() for word in _WORD.finditer(sentence)][::MAX_WORDS_A_SENTENCE]
    ends = [*starts[1:], len(sentence)]
    return [sentence[start:end].strip() for start, end in zip([0, *starts[1:]], ends, strict=True)]
