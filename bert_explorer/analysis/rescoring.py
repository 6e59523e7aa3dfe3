"""Several sentences put in the order of a model's liking, with a score of their own where they have one.

A speech recogniser or a translator gives a list of its n best guesses, each with a log-score. Rescoring mixes
that score with the pseudo-log-likelihood of a masked model (Salazar et al. 2020), by a weight w:

    total = (1 - w) own score + w PLL

    own -1 and PLL -20, w = 0.25:   0.75 * -1 + 0.25 * -20 = -5.75

Both are natural logarithms in the paper; where the own score is on another scale, so is the best weight.
Without own scores the PLL alone decides. A long sentence has a lower PLL than a short one, as a probability
would.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.analysis.pseudo_likelihood import Progress, check_count, score_texts
from bert_explorer.errors import DataError, EmptyTextError, InputError
from bert_explorer.results import TextScore

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_SENTENCES = 200


@dataclass(frozen=True)
class Hypothesis:
    """One sentence of the list, with its own log-score if it came with one."""

    text: str
    own_score: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A sentence with its scores; ``place`` is its number in the list as it was given, from 1."""

    place: int
    hypothesis: Hypothesis
    score: TextScore
    total: float


def parse_hypotheses(content: str) -> tuple[Hypothesis, ...]:
    """One sentence a line, or ``score<TAB>sentence``, or ``sentence<TAB>score``, the same in all lines.

    Raises DataError with the line where columns or numbers are missing, EmptyTextError without a
    sentence, InputError beyond ``MAX_SENTENCES``.

    >>> parse_hypotheses("-1.5\\twreck a nice beach")
    (Hypothesis(text='wreck a nice beach', own_score=-1.5),)
    """
    lines = [(i, line.split("\t")) for i, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if not lines:
        raise EmptyTextError("There is no sentence. Write one a line.")
    check_count([str(i) for i, _ in lines], MAX_SENTENCES, "sentences")
    num_columns = len(lines[0][1])
    for number, cells in lines:
        if len(cells) != num_columns or num_columns > 2:
            wanted = min(num_columns, 2)
            raise DataError(
                f"The line has {len(cells)} columns and should have {wanted}, like the first line. "
                "Columns are parted by tabs: a score and a sentence, or a sentence alone.",
                line=number,
            )
    if num_columns == 1:
        return tuple(Hypothesis(cells[0].strip()) for _, cells in lines)
    score_column = 0 if _is_number(lines[0][1][0]) else 1
    return tuple(_read_line(number, cells, score_column) for number, cells in lines)


def _read_line(number: int, cells: Sequence[str], score_column: int) -> Hypothesis:
    score, text = cells[score_column].strip(), cells[1 - score_column].strip()
    if not _is_number(score):
        raise DataError(
            f"'{score[:40]}' is not a number. The scores are in column {score_column + 1}.", line=number
        )
    if not text:
        raise DataError("The sentence is empty.", line=number)
    return Hypothesis(text, float(score))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def rank_hypotheses(
    engine: "Engine",
    hypotheses: Sequence[Hypothesis],
    *,
    weight: float = 0.5,
    progress: Progress | None = None,
) -> tuple[Ranked, ...]:
    """The sentences, best first. ``weight`` from 0 (own scores alone) to 1 (the model alone)."""
    scores = score_hypotheses(engine, hypotheses, progress=progress)
    return mix_scores(hypotheses, scores, weight=weight)


def score_hypotheses(
    engine: "Engine", hypotheses: Sequence[Hypothesis], *, progress: Progress | None = None
) -> tuple[TextScore, ...]:
    """What the model thinks of each, in their order."""
    found = dict(score_texts(engine, [item.text for item in hypotheses], progress=progress))
    return tuple(found[i] for i in range(len(hypotheses)))


def mix_scores(
    hypotheses: Sequence[Hypothesis], scores: Sequence[TextScore], *, weight: float
) -> tuple[Ranked, ...]:
    """Best total first; equal totals keep their order."""
    if not 0 <= weight <= 1:
        raise InputError(f"The weight is {weight:g}. Choose between 0 and 1.")
    ranked = []
    for place, (item, score) in enumerate(zip(hypotheses, scores, strict=True), start=1):
        likelihood = score.pseudo_log_likelihood
        own = item.own_score
        total = likelihood if own is None else (1 - weight) * own + weight * likelihood
        ranked.append(Ranked(place, item, score, total))
    return tuple(sorted(ranked, key=lambda item: -item.total))
