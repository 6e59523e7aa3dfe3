"""How the model's vocabulary takes the texts: their lengths in tokens, and what it does not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bert_explorer.errors import BrokenModelError
from bert_explorer.results import IntArray
from bert_explorer.training.doctor.findings import Finding, Rows, Severity, count

UNKNOWN_NOTE, UNKNOWN_WARNING = 0.001, 0.01  # of the tokens
FOREIGN_PIECES = 2.5  # pieces a word: English in BERT's own vocabulary takes 1.2 to 1.4
MIN_WORDS = 20
TRUNCATED_WARNING = 0.1  # of the texts


@dataclass(frozen=True)
class TokenCounts:
    """Of each row, (num_rows,): ``tokens`` without special ones, ``unknown`` ones among them, ``words``."""

    tokens: IntArray
    unknown: IntArray
    words: IntArray
    num_special: int  # that the model adds to each row

    @property
    def lengths(self) -> IntArray:
        """(num_rows,) tokens that the model would read if nothing were cut off."""
        return self.tokens + self.num_special


def count_tokens(folder: Path, rows: Rows) -> TokenCounts:
    """Counts by the tokenizer.json of a model folder, in a tokenizer of this thread's own; needs no torch.

    Raises BrokenModelError where the folder has no such file.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise BrokenModelError(f"'{folder.name}' has no tokenizer.json, so its tokens cannot be counted.")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    unknown_id = _unknown_id(tokenizer)
    columns = [rows.texts] if rows.pairs is None else [rows.texts, rows.pairs]
    counted = [_count_column(tokenizer, column, unknown_id) for column in columns]
    tokens, unknown, words = np.sum(counted, axis=0)
    num_special = tokenizer.num_special_tokens_to_add(rows.pairs is not None)
    return TokenCounts(tokens, unknown, words, num_special)


def check_lengths(counts: TokenCounts, max_length: int) -> Finding | None:
    """Texts whose ends the model would not read."""
    longer = np.flatnonzero(counts.lengths > max_length)
    if not len(longer):
        return None
    share = len(longer) / len(counts.lengths)
    whole = int(np.quantile(counts.lengths, 0.95, method="higher"))
    return Finding(
        "lengths",
        Severity.WARNING if share >= TRUNCATED_WARNING else Severity.NOTE,
        f"{count(len(longer), 'text')} ({share:.0%}) longer than {max_length} tokens",
        f"Their ends are not read. With {whole:,} tokens a text, 95 % would be read whole, and training "
        "would take longer.",
        tuple(longer[np.argsort(-counts.lengths[longer], kind="stable")].tolist()),
    )


def check_vocabulary(counts: TokenCounts, model: str) -> Finding | None:
    """Texts in a language or script that the model's vocabulary was not made for."""
    total = int(counts.tokens.sum())
    share = int(counts.unknown.sum()) / max(1, total)
    pieces = total / max(1, int(counts.words.sum()))
    is_foreign = counts.words.sum() >= MIN_WORDS and pieces >= FOREIGN_PIECES
    if share < UNKNOWN_NOTE and not is_foreign:
        return None
    foreign = np.where(counts.words > 0, counts.tokens / np.maximum(counts.words, 1), 0)
    order = np.lexsort((-foreign, -counts.unknown))
    shown = [row for row in order.tolist() if counts.unknown[row] or foreign[row] >= FOREIGN_PIECES]
    strange = share >= UNKNOWN_WARNING or is_foreign
    return Finding(
        "vocabulary",
        Severity.WARNING if strange else Severity.NOTE,
        f"{share:.1%} of the tokens are unknown to {model}, and a word takes {pieces:.1f} pieces",
        "Its vocabulary hardly knows the language or the signs of these texts, so little can be learned from "
        "them: choose a model of their language (a multilingual one knows most)."
        if strange
        else "What it does not know reaches the model as one sign, [UNK], whatever it was.",
        tuple(shown),
    )


def _count_column(tokenizer: "object", texts: Sequence[str], unknown_id: int | None) -> IntArray:
    """(3, num_rows): tokens, unknown ones, words."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)  # type: ignore[attr-defined]
    columns = [
        (len(item.ids), item.ids.count(unknown_id), len(set(item.word_ids) - {None})) for item in encodings
    ]
    return np.array(columns, dtype=np.int64).reshape(-1, 3).T


def _unknown_id(tokenizer: "object") -> int | None:
    """The id of [UNK] or <unk>; byte-level vocabularies have none that is ever used."""
    for token in ("[UNK]", "<unk>"):
        found: int | None = tokenizer.token_to_id(token)  # type: ignore[attr-defined]
        if found is not None:
            return found
    return None
