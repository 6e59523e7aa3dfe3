"""Tokens counted by the doctor, against transformers' own tokenizer."""

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from bert_explorer.errors import BrokenModelError
from bert_explorer.training.doctor.findings import Rows, Severity
from bert_explorer.training.doctor.tokens import TokenCounts, check_lengths, check_vocabulary, count_tokens

TEXTS = ("the cat sat", "żółw śpi ☃", "the dog sat on the mat .", "")


@pytest.mark.parametrize("pairs", [None, ("a cat", "the", "☃", "sat on")])
def test_counts_equal_those_of_transformers(tiny_bert: Path, pairs: tuple[str, ...] | None) -> None:
    counts = count_tokens(tiny_bert, Rows(TEXTS, ("x",) * 4, pairs))
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    encoded = tokenizer(list(TEXTS), list(pairs) if pairs else None)["input_ids"]
    assert counts.lengths.tolist() == [len(ids) for ids in encoded]
    assert counts.unknown.tolist() == [ids.count(tokenizer.unk_token_id) for ids in encoded]
    assert counts.unknown.sum() > 0


def counts_of(tokens: list[int], unknown: list[int], words: list[int]) -> TokenCounts:
    return TokenCounts(np.array(tokens), np.array(unknown), np.array(words), 2)


def test_the_longest_texts_come_first() -> None:
    finding = check_lengths(counts_of([5, 20, 126, 200], [0] * 4, [1] * 4), 127)
    assert finding is not None
    assert finding.rows == (3, 2)
    assert "50%" in finding.title
    assert check_lengths(counts_of([5, 20], [0] * 2, [1] * 2), 127) is None


@pytest.mark.parametrize(
    ("tokens", "unknown", "words", "severity"),
    [
        ([1300], [0], [1000], None),
        ([1300], [2], [1000], Severity.NOTE),
        ([1300], [20], [1000], Severity.WARNING),
        ([2600], [0], [1000], Severity.WARNING),
        ([12], [0], [4], None),  # too little to tell
    ],
)
def test_a_foreign_language_shows_in_unknown_tokens_or_in_many_pieces(
    tokens: list[int], unknown: list[int], words: list[int], severity: Severity | None
) -> None:
    finding = check_vocabulary(counts_of(tokens, unknown, words), "a model")
    assert (finding.severity if finding else None) == severity


def test_a_model_without_tokenizer_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"tokenizer\.json"):
        count_tokens(tmp_path, Rows(("a",), ("x",)))
