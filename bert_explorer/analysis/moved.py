"""What a training changed: weights, vectors and attention, layer by layer and head by head.

    weights      |w - w0| / |w0|
    vectors      1 - CKA of the vectors of the same tokens (Kornblith et al. 2019, see alignment)
    attention    Jensen-Shannon divergence of the two rows of attention of a token, in bits: 0 where a head
                 looks as before, 1 where it looks elsewhere altogether

The claim that "the top layers change most" (Merchant et al. 2020; Kovaleva et al. 2019) is checked by each of
them: with Spearman's correlation r of the layer's number and its change, it holds where r is at least 0.5 and
the top third of the layers changes more than the bottom third on average, is refuted where r is at most -0.5
and it changes less, and is undecided between.

What is read are held-out texts: on those of the training a model may look as if it had changed more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.alignment import linear_cka
from bert_explorer.analysis.head_distances import Array, compute_entropy
from bert_explorer.errors import InputError, RunError
from bert_explorer.models.requests import AttentionsRequest, HiddenStatesRequest
from bert_explorer.results import Attention, FloatArray, HiddenStates, ModelInfo, ModelMoves, WeightMoves

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
MAX_TEXTS = 60
MAX_TOKENS = 1_800  # rows for CKA, evenly taken from all texts
MAX_COMPARED_ROWS = 32  # of attention in one text
WINDOW = 4  # texts under way at a time: their attention is large
CLEAR = 0.5  # of Spearman's correlation
HOLDS, REFUTED, UNDECIDED = "holds", "refuted", "undecided"
SAME = ("family", "num_layers", "num_heads", "hidden_size", "vocab_size")


@dataclass(frozen=True)
class Claim:
    """Whether the top layers changed most, by one measure."""

    correlation: float
    bottom: float  # mean change of the lowest third of the layers
    top: float
    verdict: str


def check_comparable(base: ModelInfo, tuned: ModelInfo) -> None:
    """Raises RunError where the two cannot be one model before and after."""
    for name in SAME:
        one, other = getattr(base, name), getattr(tuned, name)
        if one != other:
            raise RunError(
                f"'{tuned.name}' and the model that it began from, '{base.ref}', do not belong together: "
                f"{name.replace('_', ' ')} is {other} and {one}. '{base.ref}' was exchanged since then."
            )


def compute_moves(
    base: "Engine",
    tuned: "Engine",
    texts: Sequence[str],
    pairs: Sequence[str] | None,
    weights: WeightMoves,
    *,
    progress: Progress | None = None,
) -> ModelMoves:
    """On at most 60 of the texts, evenly taken. Raises InputError without a text, RunError for strangers."""
    check_comparable(base.info, tuned.info)
    if not texts:
        raise InputError("There is no held-out text to compare the two models on. Keep some when you train.")
    chosen = np.unique(np.linspace(0, len(texts) - 1, MAX_TEXTS).round().astype(int)).tolist()
    asked = [(texts[row], pairs[row] if pairs is not None else None) for row in chosen]
    states: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    divergences: list[Array] = []
    for done, (seen, looks) in enumerate(_read(base, tuned, asked), start=1):
        if seen[0].tokens.tokens != seen[1].tokens.tokens:
            raise RunError(
                f"'{base.info.ref}' splits texts into other tokens than the run's model: it was exchanged "
                "since the training, and the two cannot be compared."
            )
        places = _spread(len(seen[0].tokens), max(1, MAX_TOKENS // len(asked)))
        for side, one in zip(states, seen, strict=True):
            side.append(one.hidden_states[:, places])
        divergences.append(compare_attention(*looks))
        if progress is not None:
            progress(done, len(asked))
    joined = [np.concatenate(side, axis=1) for side in states]  # (num_layers + 1, num_tokens, hidden_size)
    return ModelMoves(
        weights=weights,
        similarities=np.array(
            [linear_cka(*layers) for layers in zip(*joined, strict=True)], dtype=np.float32
        ),
        divergences=np.mean(divergences, axis=0).astype(np.float32),
        num_texts=len(asked),
        num_tokens=int(joined[0].shape[1]),
    )


def _read(
    base: "Engine", tuned: "Engine", asked: Sequence[tuple[str, str | None]]
) -> Iterator[tuple[tuple[HiddenStates, HiddenStates], tuple[Attention, Attention]]]:
    layers = tuple(range(base.info.num_layers))
    states = [HiddenStatesRequest(text, pair, True, (*layers, len(layers))) for text, pair in asked]
    looks = [AttentionsRequest(text, pair, True, layers=layers) for text, pair in asked]
    answers = (engine.map(items, window=WINDOW) for items in (states, looks) for engine in (base, tuned))
    for base_states, tuned_states, base_looks, tuned_looks in zip(*answers, strict=True):
        yield (base_states, tuned_states), (base_looks, tuned_looks)


def compare_attention(base: Attention, tuned: Attention) -> Array:
    """(num_layers, num_heads): the mean divergence over at most 32 ordinary tokens of one text."""
    ordinary = np.flatnonzero(~base.tokens.is_special)
    if not len(ordinary):
        ordinary = np.arange(len(base.tokens))
    rows = ordinary[_spread(len(ordinary), MAX_COMPARED_ROWS)]
    found = jensen_shannon(base.attentions[:, :, rows], tuned.attentions[:, :, rows])
    return np.asarray(found.mean(axis=-1))


def jensen_shannon(first: NDArray[np.floating], second: NDArray[np.floating]) -> Array:
    """H((p + q) / 2) - H(p) / 2 - H(q) / 2 over the last axis, in bits, from 0 to 1.

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])).item()
    1.0
    """
    p, q = first.astype(np.float64), second.astype(np.float64)
    found = compute_entropy((p + q) / 2) - (compute_entropy(p) + compute_entropy(q)) / 2
    return np.maximum(found, 0.0)


def check_claim(changes: Sequence[float] | FloatArray) -> Claim | None:
    """Of one change a layer, lowest first; None for fewer than three layers or changes that are not known."""
    values = np.asarray(changes, dtype=np.float64)
    if len(values) < 3 or not np.isfinite(values).all():
        return None
    third = max(1, len(values) // 3)
    bottom, top = float(values[:third].mean()), float(values[-third:].mean())
    correlation = _spearman(values)
    verdict = UNDECIDED
    if abs(correlation) >= CLEAR and (top > bottom) == (correlation > 0):
        verdict = HOLDS if correlation > 0 else REFUTED
    return Claim(correlation, bottom, top, verdict)


def count_fixed(weights: Sequence[float] | FloatArray) -> int:
    """How many layers from the lowest on did not learn at all, from the change of their weights."""
    learned = np.flatnonzero(np.asarray(weights) != 0)
    return int(learned[0]) if learned.size else len(weights)


def layer_changes(moves: ModelMoves) -> dict[str, FloatArray]:
    """(num_layers,) by each measure; the embeddings are left out."""
    return {
        "weights": moves.weights.layers,
        "vectors": np.asarray(1 - moves.similarities[1:], dtype=np.float32),
        "attention": np.asarray(moves.divergences.mean(axis=1), dtype=np.float32),
    }


def _spearman(values: NDArray[np.float64]) -> float:
    """With the place of each value; equal values share their mean rank, and are worth 0 if all are equal."""
    ranks = np.array([(values < value).sum() + ((values == value).sum() - 1) / 2 for value in values])
    if np.ptp(ranks) == 0:
        return 0.0
    return float(np.corrcoef(np.arange(len(values)), ranks)[0, 1])


def _spread(count: int, limit: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, limit)).round().astype(np.int64))
