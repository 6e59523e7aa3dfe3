"""Many masked copies of a text: one request in parts of a batch each, and their answers joined again."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bert_explorer.models.requests import MaskedCopiesRequest
from bert_explorer.results import CopyScores, Tokens


def split_copies(
    requests: Iterable[MaskedCopiesRequest], texts: Iterable[Tokens], counts: deque[int], *, max_tokens: int
) -> Iterator[MaskedCopiesRequest]:
    """In parts of at most ``max_tokens``, or of one copy; ``counts`` gets how many each request became."""
    for request, tokens in zip(requests, texts, strict=True):
        step = max(1, max_tokens // len(tokens))
        starts = range(0, max(1, len(request.copies)), step)
        counts.append(len(starts))
        for start in starts:
            yield replace(request, copies=request.copies[start : start + step])


def join_scores(parts: Sequence[CopyScores]) -> CopyScores:
    """The scores of one request that was split."""
    return CopyScores(
        tokens=parts[0].tokens,
        log_probabilities=np.concatenate([part.log_probabilities for part in parts]),
        ranks=np.concatenate([part.ranks for part in parts]),
        best_ids=np.concatenate([part.best_ids for part in parts]),
        best_log_probabilities=np.concatenate([part.best_log_probabilities for part in parts]),
    )
