"""How much a loss depends on each head (Michel et al. 2019, "Are Sixteen Heads Really Better than One?").

    importance[layer, head] = mean over texts of |d loss / d xi|,  xi = 1 the gate on the head's output

For a model that guesses masked words the loss is the mean of -log p of about 15 % of a text's tokens, hidden
together; which ones follows from the text alone. For a model that sorts texts into classes it is -log p of
the true class, or, where none is given, of the class that the model finds likeliest.

The gradient says what a small change would do. A head of small importance can mostly go; two that stand in
for each other can both look unimportant.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bert_explorer.models.requests import (
    ClassLogitsRequest,
    HeadGradientsRequest,
    Heads,
    HiddenTokensRequest,
)
from bert_explorer.results import Capability, IntArray, ModelInfo

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
MASKED_SHARE = 0.15  # as BERT was trained (Devlin et al. 2019)


@dataclass(frozen=True)
class Row:
    """One text to measure on: with tokens to hide at ``positions``, or with the index of its class."""

    text: str
    pair: str | None = None
    positions: tuple[int, ...] = ()
    label: int | None = None

    def ask_gradients(self, ablated: Heads) -> HeadGradientsRequest:
        return HeadGradientsRequest(self.text, self.pair, True, self.positions, self.label, ablated=ablated)

    def ask_answer(self, ablated: Heads) -> HiddenTokensRequest | ClassLogitsRequest:
        """Log-probabilities of the hidden tokens, or logits of the classes."""
        if self.positions:
            return HiddenTokensRequest(self.text, self.pair, True, self.positions, ablated=ablated)
        return ClassLogitsRequest(self.text, self.pair, True, ablated=ablated)


def can_measure_importance(info: ModelInfo) -> bool:
    """Whether the model guesses masked words, or sorts texts into classes of which one is right."""
    sorts = Capability.SEQUENCE_CLASSIFICATION in info.capabilities and len(info.labels) > 1
    exclusive = info.problem_type in ("", "single_label_classification")
    return Capability.MASKED_LM in info.capabilities or (sorts and exclusive)


def text_rows(texts: Sequence[str], ordinary: Sequence[IntArray], info: ModelInfo) -> list[Row]:
    """Texts without labels as rows; ``ordinary`` are the positions of the tokens that can be hidden.

    A text that has none is no row for a model that guesses masked words.
    """
    if Capability.MASKED_LM not in info.capabilities:
        return [Row(text) for text in texts]
    return [
        Row(text, positions=choose_positions(text, positions))
        for text, positions in zip(texts, ordinary, strict=True)
        if len(positions)
    ]


def leave_out_typed(positions: IntArray, input_ids: IntArray, special_ids: Collection[int]) -> IntArray:
    """``positions`` of a text without those of special tokens typed in it: "[MASK]" is no word to guess."""
    return positions[~np.isin(input_ids[positions], list(special_ids))]


def choose_positions(text: str, ordinary: IntArray) -> tuple[int, ...]:
    """About 15 % of the positions, one at least; always the same ones for the same text."""
    generator = np.random.default_rng(crc32(text.encode("utf-8", "surrogatepass")))
    count = max(1, round(MASKED_SHARE * len(ordinary)))
    return tuple(sorted(generator.choice(ordinary, count, replace=False).tolist()))


def measure_importance(
    engine: "Engine", rows: Sequence[Row], *, ablated: Heads = (), progress: Progress | None = None
) -> NDArray[np.float64]:
    """(num_layers, num_heads) with the heads in ``ablated`` switched off; ``progress`` after each row.

    NaN without any row.
    """
    total = np.zeros((engine.info.num_layers, engine.info.num_heads))
    for done, gradients in enumerate(engine.map(row.ask_gradients(ablated) for row in rows), start=1):
        total += np.abs(gradients)
        if progress is not None:
            progress(done, len(rows))
    return total / len(rows) if rows else np.full_like(total, np.nan)
