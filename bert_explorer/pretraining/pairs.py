"""Sentence pairs for next-sentence prediction (Devlin et al. 2019, section 3.1 and appendix A.2).

A document is cut into stretches of whole sentences that fill a sequence. Each stretch is split at a
random sentence boundary into A and B; in half of the cases B is exchanged for sentences of another
document, and the sentences that were not used go back to the next stretch. One stretch in ten is short, so
that the model also reads single sentences. Stretches of one sentence, and documents without connected
text, become one segment without a next-sentence label.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.pretraining.corpus import TokenizedDocuments

SHORT_SHARE = 0.1
SHORT_MINIMUM = 8
PLACES_TO_TRY = 20  # for a random sentence that is short enough
IS_NEXT, NOT_NEXT, NO_LABEL = 0, 1, -100  # the values of BertForPreTraining

Sentence = NDArray[np.uint16]


@dataclass(frozen=True)
class Pair:
    """Token ids of two segments without special tokens; ``second`` is empty for a single segment."""

    first: NDArray[np.uint16]
    second: NDArray[np.uint16]
    label: int  # IS_NEXT, NOT_NEXT or NO_LABEL

    @property
    def seq_len(self) -> int:
        """With [CLS] and one [SEP] a segment."""
        return len(self.first) + len(self.second) + (3 if len(self.second) else 2)


def build_pairs(documents: TokenizedDocuments, *, seq_len: int, seed: tuple[int, ...]) -> list[Pair]:
    """Every sentence of every document about once, as pairs of at most ``seq_len`` tokens."""
    generator = np.random.default_rng(seed)
    pairs: list[Pair] = []
    for document in range(documents.num_documents):
        if documents.is_connected[document]:
            pairs.extend(_connected_pairs(documents, document, seq_len, generator))
        else:
            pairs.extend(_single_segments(documents.sentences(document), seq_len, generator))
    return pairs


def _connected_pairs(
    documents: TokenizedDocuments, document: int, seq_len: int, generator: np.random.Generator
) -> list[Pair]:
    sentences = documents.sentences(document)
    budget = seq_len - 3
    pairs: list[Pair] = []
    position = 0
    while position < len(sentences):
        target = _target_length(budget, generator)
        stretch = _take(sentences, position, target)
        if len(stretch) == 1:
            pairs.append(Pair(stretch[0][: seq_len - 2], stretch[0][:0], NO_LABEL))
            position += 1
            continue
        boundary = int(generator.integers(1, len(stretch)))
        first = np.concatenate(stretch[:boundary])
        if generator.random() < 0.5:
            second, label = np.concatenate(stretch[boundary:]), IS_NEXT
            position += len(stretch)
        else:
            second, label = _random_text(documents, document, target - len(first), generator), NOT_NEXT
            position += boundary
        pairs.append(Pair(*_fit(first, second, budget), label))
    return pairs


def _single_segments(sentences: list[Sentence], seq_len: int, generator: np.random.Generator) -> list[Pair]:
    pairs: list[Pair] = []
    position = 0
    while position < len(sentences):
        # Half of the unrelated sentences are read alone, as people type them.
        alone = generator.random() < 0.5
        stretch = _take(sentences, position, 1 if alone else seq_len - 2)
        pairs.append(Pair(np.concatenate(stretch)[: seq_len - 2], stretch[0][:0], NO_LABEL))
        position += len(stretch)
    return pairs


def _target_length(budget: int, generator: np.random.Generator) -> int:
    if generator.random() < SHORT_SHARE:
        return int(generator.integers(min(SHORT_MINIMUM, budget), budget + 1))
    return budget


def _take(sentences: list[Sentence], position: int, budget: int) -> list[Sentence]:
    """At least one sentence, then as many as fit."""
    end, length = position + 1, len(sentences[position])
    while end < len(sentences) and length + len(sentences[end]) <= budget:
        length += len(sentences[end])
        end += 1
    return sentences[position:end]


def _random_text(
    documents: TokenizedDocuments, not_document: int, budget: int, generator: np.random.Generator
) -> NDArray[np.uint16]:
    """Sentences from a random place of another connected document.

    They fill what true neighbours would have filled, as whole sentences where a place has one that fits:
    neither the length of a pair nor its last mark must tell its label.
    """
    candidates = np.flatnonzero(documents.is_connected)
    if len(candidates) < 2:
        candidates = np.arange(documents.num_documents)
    others = candidates[candidates != not_document] if len(candidates) > 1 else candidates
    for _ in range(PLACES_TO_TRY):
        sentences = documents.sentences(int(others[generator.integers(len(others))]))
        place = int(generator.integers(len(sentences)))
        if len(sentences[place]) <= budget:
            break
    return np.concatenate(_take(sentences, place, budget))[: max(budget, 1)]


def _fit(
    first: NDArray[np.uint16], second: NDArray[np.uint16], budget: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Cut both at their ends; the shorter one only when both exceed half of the budget."""
    first = first[: max(budget - len(second), budget // 2)]
    return first, second[: budget - len(first)]
