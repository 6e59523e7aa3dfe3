"""What the pages Sentence scores and Calibration ask: one text, a list, pairs, the bundled sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import Calibration, TextScore
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.analysis.minimal_pairs import MinimalPair
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


@dataclass(frozen=True)
class PairsQuestion:
    """Which of two sentences is likelier, of each pair? Asked by ``bench``, which can be stopped."""

    pairs: "tuple[MinimalPair, ...]"
    bundled: bool

    def code(self, model: str) -> str:
        lines = "\n".join(f"    {pair}," for pair in self.pairs)
        needed, pairs = ("MinimalPair", f"(\n{lines}\n)")
        if self.bundled:
            needed, pairs = "read_bench", "read_bench(get_settings())"
        settings = "\nfrom bert_explorer.settings import get_settings" if self.bundled else ""
        return f"""\
from bert_explorer.analysis.minimal_pairs import {needed}, compute_accuracies, judge_pairs
from bert_explorer.models.cache import open_model{settings}

pairs = {pairs}
with open_model({model!r}) as engine:
    judged = [item for _, item in judge_pairs(engine, pairs) if item is not None]

for item in compute_accuracies(judged):
    interval = f"{{item.low:.3f}} to {{item.high:.3f}}"
    print(f"{{item.phenomenon:28}} {{item.num_right}} of {{item.num_pairs}}  {{interval}}")
"""


@dataclass(frozen=True)
class CalibrationQuestion:
    """How often is the model right when it says so many percent, on the bundled sentences?"""

    def ask(self, engine: "Engine") -> Calibration:
        from bert_explorer.analysis.calibration import measure_calibration, read_held_out

        return measure_calibration(engine, read_held_out(get_settings()))

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.calibration import measure_calibration, read_held_out
from bert_explorer.models.cache import open_model
from bert_explorer.settings import get_settings

with open_model({model!r}) as engine:
    answer = measure_calibration(engine, read_held_out(get_settings()))

for item in answer.bins:
    print(f"says {{item.mean_probability:.3f}}  is right {{item.share_right:.3f}}  of {{item.count}}")
"""
