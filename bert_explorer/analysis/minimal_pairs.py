"""Does the model prefer the grammatical one of two sentences that differ in one place?

As in BLiMP (Warstadt et al. 2020, "BLiMP: The Benchmark of Linguistic Minimal Pairs for English"), with the
pseudo-log-likelihood as the score (Salazar et al. 2020): a pair is right where PLL(good) > PLL(bad). Guessing
is right half of the time. The interval is Wilson's at 95 %:

    8 of 10 right: accuracy 0.80, interval 0.490 to 0.943
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.analysis.pseudo_likelihood import check_count, score_texts
from bert_explorer.errors import DataError, EmptyTextError
from bert_explorer.intervals import wilson_interval
from bert_explorer.settings import Settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_PAIRS = 2_000
OWN = "your pairs"


@dataclass(frozen=True)
class MinimalPair:
    phenomenon: str
    good: str
    bad: str


@dataclass(frozen=True)
class JudgedPair:
    """Scores are pseudo-log-likelihoods."""

    pair: MinimalPair
    good_score: float
    bad_score: float

    @property
    def is_right(self) -> bool:
        return self.good_score > self.bad_score


@dataclass(frozen=True)
class Accuracy:
    """Share of right pairs with its 95 % interval."""

    phenomenon: str
    num_right: int
    num_pairs: int
    share: float
    low: float
    high: float


def read_bench(settings: Settings) -> tuple[MinimalPair, ...]:
    """The bundled pairs."""
    path = settings.assets / "datasets" / "blimp_sample.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(MinimalPair(row["phenomenon"].replace("_", " "), row["good"], row["bad"]) for row in rows)


def parse_pairs(content: str) -> tuple[MinimalPair, ...]:
    """``good<TAB>bad`` or ``phenomenon<TAB>good<TAB>bad`` a line. Raises DataError with the line.

    >>> parse_pairs("the cats sit\\tthe cats sits")
    (MinimalPair(phenomenon='your pairs', good='the cats sit', bad='the cats sits'),)
    """
    pairs = []
    for number, line in enumerate(content.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip():
            continue
        if len(cells) not in (2, 3) or not all(cells):
            raise DataError(
                f"The line has {len(cells)} columns, or an empty one. Write the right sentence, a tab and "
                "the wrong one; a name for the phenomenon may stand before them, with a tab of its own.",
                line=number,
            )
        pairs.append(MinimalPair(*cells) if len(cells) == 3 else MinimalPair(OWN, *cells))
    if not pairs:
        raise EmptyTextError("There is no pair. Write the right sentence, a tab, and the wrong one.")
    check_count([pair.good for pair in pairs], MAX_PAIRS, "pairs")
    return tuple(pairs)


def judge_pairs(engine: "Engine", pairs: Sequence[MinimalPair]) -> Iterator[tuple[int, JudgedPair | None]]:
    """(sentences done, a pair whose two sentences are scored or None), one step a sentence."""
    texts = [text for pair in pairs for text in (pair.good, pair.bad)]
    scores: dict[int, float] = {}
    for done, (i, score) in enumerate(score_texts(engine, texts), start=1):
        scores[i] = score.pseudo_log_likelihood
        first = i - i % 2
        if first in scores and first + 1 in scores:
            yield done, JudgedPair(pairs[i // 2], scores[first], scores[first + 1])
        else:
            yield done, None


def compute_accuracies(judged: Sequence[JudgedPair]) -> tuple[Accuracy, ...]:
    """By phenomenon, in alphabetical order."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for item in judged:
        groups[item.pair.phenomenon].append(item.is_right)
    return tuple(
        Accuracy(
            name, sum(right), len(right), sum(right) / len(right), *wilson_interval(sum(right), len(right))
        )
        for name, right in sorted(groups.items())
    )
