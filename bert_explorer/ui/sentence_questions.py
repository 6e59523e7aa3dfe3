"""What the page Sentence scores asks: one text, a list of sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import TextScore

if TYPE_CHECKING:
    from bert_explorer.analysis.rescoring import Hypothesis
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class TextScoreQuestion:
    """How expected is each token of ``text``?"""

    text: str

    def ask(self, engine: "Engine") -> TextScore:
        from bert_explorer.analysis.pseudo_likelihood import score_text

        return score_text(engine, self.text)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.pseudo_likelihood import score_text
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    score = score_text(engine, {self.text!r})

for token, bits, guess in zip(score.tokens, score.surprisal_bits, score.guesses):
    print(f"{{token:15}} {{bits:6.2f}} bits   first guess: {{guess}}")
print(f"{{score.pseudo_log_likelihood:.3f}}", f"{{score.pseudo_perplexity:.3f}}")
"""


@dataclass(frozen=True)
class RankingQuestion:
    """What does the model think of each sentence of a list? The weight is applied afterwards."""

    hypotheses: "tuple[Hypothesis, ...]"

    def ask(self, engine: "Engine") -> tuple[TextScore, ...]:
        from bert_explorer.analysis.rescoring import score_hypotheses

        return score_hypotheses(engine, self.hypotheses)

    def code(self, model: str, *, weight: float) -> str:
        lines = "\n".join(f"    Hypothesis({item.text!r}, {item.own_score!r})," for item in self.hypotheses)
        return f"""\
from bert_explorer.analysis.rescoring import Hypothesis, rank_hypotheses
from bert_explorer.models.cache import open_model

hypotheses = [
{lines}
]
with open_model({model!r}) as engine:
    ranked = rank_hypotheses(engine, hypotheses, weight={weight})

for item in ranked:
    print(f"{{item.total:9.3f}}  {{item.hypothesis.text}}")
"""
