"""Next-sentence pairs from a reader's own text, made as BERT's training made them, and the model's verdicts.

In pretraining half of the pairs are true neighbours and half have their second part from another document
(Devlin et al. 2019, section 3.1). A third kind is made here that BERT never practised: neighbours in the
wrong order, which tell topic from coherence (Lan et al. 2020, section 3.1).

    sentences A B C and strangers X Y give
    neighbours (A, B) (B, C)    strangers (A, X) (B, Y)    swapped (B, A) (C, B)
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.masked_words import softmax
from bert_explorer.errors import InputError
from bert_explorer.results import PairVerdict, PairVerdicts

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

NEIGHBOURS, STRANGERS, SWAPPED = "neighbours", "strangers", "swapped"
KINDS = (NEIGHBOURS, STRANGERS, SWAPPED)
MAX_SENTENCES = 21  # 20 pairs of each kind
_SENTENCE_END = re.compile(r"(?<=[.!?])(?P<closing>[\"”’)\]]*)\s+(?=[\"“‘(\[]*[A-Z0-9])")


def split_sentences(paragraph: str) -> list[str]:
    """Sentences by punctuation and a capital after it: crude, and enough for next-sentence pairs."""
    sentences, start = [], 0
    for end in _SENTENCE_END.finditer(paragraph):
        sentences.append(paragraph[start : end.end("closing")])
        start = end.end()
    return [sentence for sentence in [*sentences, paragraph[start:]] if sentence.strip()]


def judge_text(engine: "Engine", text: str, strangers: Sequence[str], *, seed: int = 0) -> PairVerdicts:
    """The model's verdict on pairs of every kind, made from the first sentences of ``text``.

    ``strangers`` are sentences of other documents, drawn without repetition where there are enough. Raises
    InputError for a text of fewer than two sentences, CapabilityError without a next-sentence head.
    """
    from bert_explorer.models.requests import NextSentenceRequest

    sentences = [
        " ".join(sentence.split()) for line in text.splitlines() for sentence in split_sentences(line)
    ]
    pairs = make_pairs(sentences[:MAX_SENTENCES], strangers, seed=seed)
    logits = engine.map(NextSentenceRequest(first, second) for first, second, _ in pairs)
    judged = (
        PairVerdict(first, second, kind, float(softmax(answer)[0]))
        for (first, second, kind), answer in zip(pairs, logits, strict=True)
    )
    return PairVerdicts(tuple(judged), len(sentences))


def make_pairs(
    sentences: Sequence[str], strangers: Sequence[str], *, seed: int
) -> list[tuple[str, str, str]]:
    """(first, second, kind), one of each kind for every two neighbours."""
    if len(sentences) < 2:
        raise InputError(
            f"The text has {len(sentences)} sentence{'' if len(sentences) == 1 else 's'}; pairs need two or "
            "more. End each sentence with a full stop and begin the next with a capital letter, or put "
            "each on a line of its own."
        )
    others = [sentence for sentence in strangers if sentence not in sentences]
    if not others:
        raise ValueError("there are no sentences of other documents to draw from")
    order = np.random.default_rng(seed).permutation(len(others))
    pairs = []
    for i in range(len(sentences) - 1):
        first, second = sentences[i], sentences[i + 1]
        stranger = others[order[i % len(others)]]
        pairs += [(first, second, NEIGHBOURS), (first, stranger, STRANGERS), (second, first, SWAPPED)]
    return pairs


def count_right(pairs: Sequence[PairVerdict], kind: str) -> tuple[int, int]:
    """(right, all) of a kind; for swapped pairs "right" is that the model finds no neighbours."""
    verdicts = [pair.is_next_probability >= 0.5 for pair in pairs if pair.kind == kind]
    return sum(verdict is (kind == NEIGHBOURS) for verdict in verdicts), len(verdicts)
