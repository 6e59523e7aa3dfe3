"""Two sentences with one mask each: which words does the difference between them make likelier?

For each token w of the vocabulary the two probabilities are compared by their ratio, in logarithms:

    difference(w) = log p(w | first) - log p(w | second)        0.02 against 0.01: ln 2 = 0.69

Rare tokens differ wildly and mean little, so only words are listed that reach ``FLOOR`` in one of the two. A
difference shows what the model's texts say together, not what is so (Kurita et al. 2019, "Measuring Bias in
Contextualized Word Representations").
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.masked_words import log_softmax
from bert_explorer.errors import MaskError

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

FLOOR = 1e-3


@dataclass(frozen=True)
class TemplateComparison:
    """Log-probabilities (natural) of every token that is a word or a piece; special ones are left out."""

    first: str
    second: str
    tokens: tuple[str, ...]
    log_first: NDArray[np.float64]  # (num_tokens,)
    log_second: NDArray[np.float64]  # (num_tokens,)

    @property
    def differences(self) -> NDArray[np.float64]:
        """(num_tokens,): positive where the first template makes the token likelier."""
        return self.log_first - self.log_second

    def most_different(self, count: int) -> tuple[list[int], list[int]]:
        """Indices of the tokens that the first, then those that the second makes likelier, most first."""
        known = np.flatnonzero(np.maximum(self.log_first, self.log_second) >= np.log(FLOOR))
        ordered = known[np.argsort(-self.differences[known], kind="stable")].tolist()
        first = [i for i in ordered if self.differences[i] > 0]
        second = [i for i in reversed(ordered) if self.differences[i] < 0]
        return first[:count], second[:count]


def compare_templates(engine: "Engine", first: str, second: str) -> TemplateComparison:
    """Both distributions over the vocabulary. Raises MaskError unless each text has just one mask."""
    answers = []
    for name, text in (("first", first), ("second", second)):
        answer = engine.mask_logits(text)
        if len(answer.positions) != 1:
            raise MaskError(f"The {name} sentence has {len(answer.positions)} masks; it should have one.")
        answers.append(log_softmax(answer.logits[0]))
    kept = [i for i, name in enumerate(engine.vocabulary) if name and i not in engine.special_ids]
    names = tuple(engine.vocabulary[i] for i in kept)
    return TemplateComparison(first, second, names, answers[0][kept], answers[1][kept])
