"""From text files to token ids, with some documents kept apart for measuring.

A corpus file is UTF-8 text, plain or .xz: one paragraph a line, a blank line between documents. A file
whose name is in ``SENTENCE_FILES`` holds unrelated sentences, one a line: every 64 lines count as
a document, and they yield no sentence pairs.

A document is held out when the hash of its text falls in the lowest 5 %: the same documents in every
training on every machine, whatever else is in the corpus.
"""

import hashlib
import lzma
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from bert_explorer.analysis.sentence_pairs import split_sentences
from bert_explorer.errors import DataError

HELD_OUT_SHARE = 0.05
SENTENCE_FILES = ("wordnet-glosses", "wordnet-relations", "tatoeba-english")
# Never held out: a fact stands there in several forms, and held out in one it is read in the others.
FACT_FILES = ("wordnet-relations",)
LINES_A_CHUNK = 64  # of a sentence file; neighbours stay together, as in the file


@dataclass(frozen=True)
class Document:
    """Paragraphs of one chapter or section; ``is_connected`` where they follow each other as a text."""

    paragraphs: tuple[str, ...]
    is_connected: bool
    is_held_out: bool


@dataclass(frozen=True)
class TokenizedDocuments:
    """Sentences as token ids without special tokens, flat, with where each begins.

    Sentence i is ``token_ids[sentence_starts[i]:sentence_starts[i + 1]]``; document j has the sentences
    ``document_starts[j]`` up to, not including, ``document_starts[j + 1]``.
    """

    token_ids: NDArray[np.uint16]  # (num_tokens,)
    sentence_starts: NDArray[np.int64]  # (num_sentences + 1,)
    document_starts: NDArray[np.int64]  # (num_documents + 1,)
    is_connected: NDArray[np.bool_]  # (num_documents,)

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @property
    def num_documents(self) -> int:
        return len(self.is_connected)

    def sentences(self, document: int) -> list[NDArray[np.uint16]]:
        first, end = self.document_starts[document], self.document_starts[document + 1]
        starts = self.sentence_starts[first : end + 1]
        return [self.token_ids[a:b] for a, b in pairwise(starts)]


def is_held_out(paragraphs: Iterable[str]) -> bool:
    """Whether a document belongs to the 5 % that are only measured on; depends on its text alone."""
    digest = hashlib.sha256("\n".join(paragraphs).encode()).digest()
    return int.from_bytes(digest[:8], "big") < HELD_OUT_SHARE * 2**64


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """All documents of all files. A paragraph that occurred before is left out (book front matter).

    A file that is named several times is read so many times an epoch; its held-out documents count once.
    """
    seen: set[str] = set()
    documents: list[Document] = []
    for path, times in Counter(paths).items():
        name = path.name.split(".")[0]
        chunks = _line_chunks(path) if name in SENTENCE_FILES else _text_chunks(path)
        for paragraphs, is_connected in chunks:
            fresh = tuple(p for p in paragraphs if p not in seen)
            seen.update(fresh)
            if fresh:
                held_out = name not in FACT_FILES and is_held_out(paragraphs)
                document = Document(fresh, is_connected, held_out)
                documents += [document] * (1 if document.is_held_out else times)
    if not documents:
        raise DataError("The corpus has no text. Give at least one file with one paragraph a line.")
    return documents


def tokenize_documents(documents: list[Document], tokenizer: PreTrainedTokenizerFast) -> TokenizedDocuments:
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    ids: list[NDArray[np.uint16]] = []
    sentence_starts, document_starts = [0], [0]
    is_connected: list[bool] = []
    for document in documents:
        sentences = [s for paragraph in document.paragraphs for s in split_sentences(paragraph)]
        for encoding in backend.encode_batch_fast(sentences, add_special_tokens=False):
            if encoding.ids:
                ids.append(np.array(encoding.ids, dtype=np.uint16))
                sentence_starts.append(sentence_starts[-1] + len(encoding.ids))
        if len(sentence_starts) - 1 > document_starts[-1]:  # else it has nothing that the model can read
            document_starts.append(len(sentence_starts) - 1)
            is_connected.append(document.is_connected)
    return TokenizedDocuments(
        token_ids=np.concatenate(ids),
        sentence_starts=np.array(sentence_starts),
        document_starts=np.array(document_starts),
        is_connected=np.array(is_connected),
    )


def save_tokenized(tokenized: TokenizedDocuments, path: Path) -> None:
    """Written under another name first: the file is there whole, or not at all."""
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, **vars(tokenized))
    unfinished.replace(path)


def load_tokenized(path: Path) -> TokenizedDocuments:
    with np.load(path, allow_pickle=False) as arrays:
        return TokenizedDocuments(**arrays)


def _open_lines(path: Path) -> Iterator[str]:
    opener = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield line.strip()
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise DataError(
            f"The corpus file {path} cannot be read ({error}). It must be UTF-8 text or .xz."
        ) from error


def _text_chunks(path: Path) -> Iterator[tuple[list[str], bool]]:
    paragraphs: list[str] = []
    for line in _open_lines(path):
        if line:
            paragraphs.append(line)
        elif paragraphs:
            yield paragraphs, True
            paragraphs = []
    if paragraphs:
        yield paragraphs, True


def _line_chunks(path: Path) -> Iterator[tuple[list[str], bool]]:
    lines: list[str] = []
    for line in _open_lines(path):
        if line:
            lines.append(line)
        if len(lines) == LINES_A_CHUNK:
            yield lines, False
            lines = []
    if lines:
        yield lines, False
