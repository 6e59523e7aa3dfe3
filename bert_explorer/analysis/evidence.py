"""What analyses ask about the evidence for a prediction, split so that nobody else waits for long.

Evidence is the log-odds of a prediction in nats, or the number itself for regression (see models/evidence):

    probability = 1 / (1 + exp(-evidence))
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.classification import gives_number
from bert_explorer.models.evidence_requests import (
    Baseline,
    EditedCopiesRequest,
    PathGradientsRequest,
    TextEdit,
)
from bert_explorer.results import FloatArray, ModelInfo, Target

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
T = TypeVar("T")
WINDOW = 8  # requests in the queue at a time


@dataclass(frozen=True)
class Asked:
    """A prediction about a text, with its name for people."""

    text: str
    pair: str | None
    target: Target
    name: str
    truncate: bool = False


def ask_slopes(
    engine: "Engine", asked: Asked, points: Sequence[float], *, baseline: Baseline, seq_len: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes (num_points, seq_len) and evidence (num_points,) on the line from the baseline to the text."""
    requests = (
        PathGradientsRequest(
            asked.text,
            asked.pair,
            asked.truncate,
            target=asked.target,
            baseline=baseline,
            points=tuple(part),
        )
        for part in _parts(points, engine.max_batch_tokens // seq_len)
    )
    answers = list(engine.map(requests, window=WINDOW))
    slopes = np.concatenate([answer.slopes for answer in answers])
    evidence = np.concatenate([answer.evidence for answer in answers])
    return slopes.astype(np.float64), evidence.astype(np.float64)


def ask_edits(
    engine: "Engine",
    asked: Asked,
    edits: Sequence[TextEdit],
    *,
    seq_len: int,
    progress: Progress | None = None,
) -> FloatArray:
    """Evidence (num_edits,) in the edited copies; equal edits are computed once."""
    unique = list(dict.fromkeys(edits))
    requests = (
        EditedCopiesRequest(asked.text, asked.pair, asked.truncate, target=asked.target, edits=tuple(part))
        for part in _parts(unique, engine.max_batch_tokens // seq_len)
    )
    found: list[float] = []
    for evidence in engine.map(requests, window=WINDOW):
        found += evidence.tolist()
        if progress is not None:
            progress(len(found), len(unique))
    known = dict(zip(unique, found, strict=True))
    return np.array([known[edit] for edit in edits], dtype=np.float32)


def to_likelihood(evidence: NDArray[np.floating], info: ModelInfo) -> NDArray[np.float64]:
    """The probability; of a model that gives a number, the number itself."""
    values = evidence.astype(np.float64)
    if gives_number(info):
        return values
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)))


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    step = max(1, size)
    for start in range(0, len(items), step):
        yield items[start : start + step]
