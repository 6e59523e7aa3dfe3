"""What each attention head does on a set of texts, in numbers that can be compared between heads.

For every ordinary token i of a text (special tokens are no rows, but do count as what is looked at):

    entropy      -sum_j A_ij log2 A_ij      0 bits: looks at one token; log2(n) bits: at all n alike
    distance     sum A_ij |i - j| / sum A_ij over ordinary i, j: how far it looks (Vig & Belinkov 2019)
    start        A_i[CLS]
    separator    A_ij summed over all [SEP]
    self         A_ii
    previous     A_i,i-1, where that is an ordinary token
    next         A_i,i+1, where that is an ordinary token

Each is the mean over all rows of all texts, so that long texts count for more. Importance is how much the
loss depends on the head (see head_importance), and distances say which heads look alike (head_distances).
What this does not show: whether the model uses what a head looks at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.embeddings import check_texts
from bert_explorer.analysis.head_distances import Array, compute_entropy, sum_divergences
from bert_explorer.analysis.head_importance import (
    can_measure_importance,
    leave_out_typed,
    measure_importance,
    text_rows,
)
from bert_explorer.errors import InputError
from bert_explorer.models.requests import ReducedAttentionsRequest
from bert_explorer.results import Attention, HeadAtlas, IntArray

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
STATISTICS = ("entropy", "distance", "start", "separator", "self", "previous", "next")
IMPORTANCE = "importance"
MAX_TEXTS = 500
MAX_COMPARED_ROWS = 32  # of one text, evenly spread: to compare all heads at all rows would take long


@dataclass(frozen=True)
class TextSums:
    """What one text adds to the statistics of all heads."""

    sums: Array  # (2, 7, num_layers, num_heads): numerators and denominators of STATISTICS
    divergences: Array  # (heads, heads), added over ``num_compared`` rows
    num_compared: int
    ordinary: IntArray  # positions of the tokens that are not special
    input_ids: IntArray  # (seq_len,)


def reduce_to_sums(attention: Attention) -> TextSums:
    """From the attention over one text."""
    weights = attention.attentions.astype(np.float64)
    is_special = attention.tokens.is_special
    ordinary = np.flatnonzero(~is_special)
    spread = np.linspace(0, len(ordinary) - 1, MAX_COMPARED_ROWS).round().astype(int)
    compared = np.unique(ordinary[spread])
    rows = weights.reshape(-1, *weights.shape[2:])[:, compared]  # (heads, compared, seq_len)
    sums, divergences = sum_statistics(weights, is_special), sum_divergences(rows)
    return TextSums(sums, divergences, len(compared), ordinary, attention.tokens.input_ids)


def compute_atlas(engine: "Engine", texts: Sequence[str], *, progress: Progress | None = None) -> HeadAtlas:
    """All statistics of all heads over the texts, each cut at the model's limit.

    Importance is among them where the model can tell a loss. ``progress(done, total)`` counts texts, twice
    each with importance. Raises EmptyTextError that names the text, InputError for too many.
    """
    check_texts(texts)
    if len(texts) > MAX_TEXTS:
        raise InputError(f"There are {len(texts):,} texts; at most {MAX_TEXTS:,} are read. Keep fewer lines.")
    with_importance = can_measure_importance(engine.info)
    total = len(texts) * (2 if with_importance else 1)

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, total)

    parts = []
    for part in _ask(engine, texts):
        parts.append(part)
        tell(len(parts))
    values = [divide_sums(_add([part.sums for part in parts]))]
    if with_importance:
        values.append(_measure_importance(engine, texts, parts, lambda done: tell(len(texts) + done))[None])
        tell(total)  # texts of typed masks alone were not measured
    squared = _add([part.divergences for part in parts]) / sum(part.num_compared for part in parts)
    return HeadAtlas(
        statistics=(*STATISTICS, IMPORTANCE) if with_importance else STATISTICS,
        values=np.concatenate(values).astype(np.float32),
        distances=np.sqrt(squared).astype(np.float32),
        num_texts=len(texts),
        num_tokens=sum(len(part.ordinary) for part in parts),
    )


def _measure_importance(
    engine: "Engine", texts: Sequence[str], parts: Sequence[TextSums], tell: Callable[[int], None]
) -> Array:
    special = engine.special_ids
    hideable = [leave_out_typed(part.ordinary, part.input_ids, special) for part in parts]
    rows = text_rows(texts, hideable, engine.info)
    return measure_importance(engine, rows, progress=lambda done, _: tell(done))


def _ask(engine: "Engine", texts: Sequence[str]) -> Iterator[TextSums]:
    layers = tuple(range(engine.info.num_layers))
    return engine.map(
        ReducedAttentionsRequest(text, truncate=True, layers=layers, reduce=reduce_to_sums) for text in texts
    )


def _add(arrays: Sequence[Array]) -> Array:
    return np.asarray(np.sum(arrays, axis=0))


def sum_statistics(weights: Array, is_special: NDArray[np.bool_]) -> Array:
    """(2, 7, num_layers, num_heads): numerators and denominators of STATISTICS over the rows of one text.

    ``weights`` are (num_layers, num_heads, seq_len, seq_len).
    """
    ordinary, special = np.flatnonzero(~is_special), np.flatnonzero(is_special)
    rows = weights[:, :, ordinary]  # (num_layers, num_heads, ordinary, seq_len)
    between = rows[..., ordinary]
    apart = np.abs(ordinary[:, None] - ordinary)
    followed = ordinary[:-1][np.diff(ordinary) == 1]  # an ordinary token stands right behind these
    start, separators = special[special == 0], special[special > 0]
    number = np.full(weights.shape[:2], float(len(ordinary)))
    neighbours = np.full(weights.shape[:2], float(len(followed)))
    pairs = (
        (compute_entropy(rows).sum(axis=-1), number),
        ((between * apart).sum(axis=(-2, -1)), between.sum(axis=(-2, -1))),
        (rows[..., start].sum(axis=(-2, -1)), number),
        (rows[..., separators].sum(axis=(-2, -1)), number),
        (weights[:, :, ordinary, ordinary].sum(axis=-1), number),
        (weights[:, :, followed + 1, followed].sum(axis=-1), neighbours),
        (weights[:, :, followed, followed + 1].sum(axis=-1), neighbours),
    )
    return np.stack([np.stack(column) for column in zip(*pairs, strict=True)])


def divide_sums(sums: Array) -> Array:
    """(2, n, num_layers, num_heads) -> (n, num_layers, num_heads); NaN where no row could be counted."""
    unknown = np.full_like(sums[0], np.nan)
    return np.asarray(np.divide(sums[0], sums[1], out=unknown, where=sums[1] > 0))
