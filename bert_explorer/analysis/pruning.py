"""How many heads can go? Heads are switched off step by step, and the model is measured after each step.

    greedy    at each step the heads of least importance (head_importance) given what is off already; each
              layer's importances are divided by their root of squares, as Michel et al. (2019) do
    random    the same numbers of heads in a random order, several times: what any heads would cost

Importance is taken from one half of the rows, and what is shown is measured on the other, so that the choice
is not judged by the rows that made it. Measured is the accuracy where rows have classes, and else the mean of
-log p of hidden tokens (in nats; its exponential is a perplexity). Nothing is trained on the way, and heads
are only off while a question is answered.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.head_importance import Row, leave_out_typed, measure_importance, text_rows
from bert_explorer.analysis.treebank import read_bundled_treebank, spread_sentences
from bert_explorer.errors import InputError
from bert_explorer.models.requests import Heads
from bert_explorer.results import PruningCurve
from bert_explorer.settings import Settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
NUM_STEPS = 12
NUM_RANDOM = 3
MIN_ROWS = 4
ACCURACY, LOSS = "accuracy", "loss"


def masked_rows(engine: "Engine", texts: Sequence[str]) -> list[Row]:
    """Texts to guess hidden tokens in, each cut at the model's limit; those of typed masks alone left out."""
    hideable = []
    for text in texts:
        tokens = engine.tokenize(text, truncate=True)
        ordinary = np.flatnonzero(~tokens.is_special)
        hideable.append(leave_out_typed(ordinary, tokens.input_ids, engine.special_ids))
    return text_rows(texts, hideable, engine.info)


def treebank_rows(engine: "Engine", count: int, settings: Settings) -> list[Row]:
    """The same for ``count`` sentences of the bundled treebank, evenly taken."""
    sentences = spread_sentences(read_bundled_treebank(settings), count)
    return masked_rows(engine, [sentence.text for sentence in sentences])


def measure_pruning(
    engine: "Engine", rows: Sequence[Row], *, seed: int = 0, progress: Progress | None = None
) -> PruningCurve:
    """The greedy curve and NUM_RANDOM random ones, from all heads on to all heads off.

    ``progress(done, total)`` counts measurements; whatever it raises ends the work. Raises InputError for
    fewer than 4 rows.
    """
    if len(rows) < MIN_ROWS:
        raise InputError(f"There are {len(rows)} texts to measure on; at least {MIN_ROWS} are needed.")
    work = _Work(engine, rows[::2], rows[1::2], progress)
    start = work.measure(())
    greedy = list(work.prune_greedily())
    generator = np.random.default_rng(seed)
    random = [list(work.prune_randomly(generator)) for _ in range(NUM_RANDOM)]
    return PruningCurve(
        measure=work.kind,
        num_off=np.array([0, *work.sizes]),
        greedy=np.array([start, *(value for value, _ in greedy)]),
        random=np.array([[start, *values] for values in random]),
        order=greedy[-1][1],
        num_measured=len(work.measured),
    )


@dataclass
class _Work:
    """The engine, the two halves of the rows, and how many measurements are done."""

    engine: "Engine"
    learned: Sequence[Row]
    measured: Sequence[Row]
    progress: Progress | None
    done: int = 0

    @property
    def kind(self) -> str:
        return LOSS if self.measured[0].positions else ACCURACY

    @property
    def heads(self) -> Heads:
        info = self.engine.info
        return tuple(np.ndindex(info.num_layers, info.num_heads))

    @property
    def sizes(self) -> list[int]:
        """How many heads are off after each step."""
        num_heads = len(self.heads)
        return sorted({round(num_heads * step / NUM_STEPS) for step in range(1, NUM_STEPS + 1)} - {0})

    def measure(self, off: Heads) -> float:
        """Mean loss or accuracy of the measured half."""
        answers = self.engine.map(row.ask_answer(off) for row in self.measured)
        if self.kind == LOSS:
            value = float(-np.concatenate(list(answers)).mean())
        else:
            hits = [
                int(np.argmax(logits)) == row.label
                for row, logits in zip(self.measured, answers, strict=True)
            ]
            value = float(np.mean(hits))
        self._tell()
        return value

    def prune_greedily(self) -> Iterator[tuple[float, Heads]]:
        """After each step the measure, and the heads that are off in the order in which they went."""
        off: Heads = ()
        for size in self.sizes:
            importance = normalize_layers(measure_importance(self.engine, self.learned, ablated=off))
            self._tell()
            left = [head for head in self.heads if head not in off]
            off += tuple(sorted(left, key=lambda head: float(importance[head]))[: size - len(off)])
            yield self.measure(off), off

    def prune_randomly(self, generator: np.random.Generator) -> Iterator[float]:
        order = [self.heads[i] for i in generator.permutation(len(self.heads))]
        for size in self.sizes:
            yield self.measure(tuple(order[:size]))

    def _tell(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, 1 + (2 + NUM_RANDOM) * len(self.sizes))


def normalize_layers(importance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(num_layers, num_heads), each row divided by its root of squares; rows of zeros stay."""
    norms = np.linalg.norm(importance, axis=1, keepdims=True)
    return np.asarray(np.divide(importance, norms, out=np.zeros_like(importance), where=norms > 0))
