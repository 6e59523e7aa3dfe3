"""What the page Explain asks a model (see questions)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bert_explorer.results import Attributions, FaithfulnessCurves

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExplainQuestion:
    """Which words made the model say ``target`` (None: what it says)? Words and masks count from 0."""

    text: str
    pair: str | None = None
    target: str | None = None
    word: int | None = None
    mask: int = 0
    by_words: bool = True
    baseline: str = "pad"
    removal: str = "mask"

    def ask(self, engine: "Engine") -> Attributions:
        from bert_explorer.analysis.attributions import explain_text

        options: dict[str, Any] = {"baseline": self.baseline, "removal": self.removal}
        return explain_text(
            engine,
            self.text,
            self.pair,
            target=self.target,
            word=self.word,
            mask=self.mask,
            by_words=self.by_words,
            **options,
        )

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.attributions import explain_text, units_of
from bert_explorer.models.cache import open_model

{self._call(model)}
print(answer.name, f"{{answer.likelihood:.4f}}", *answer.methods)
for name, scores in zip(units_of(answer).names, answer.scores.T):
    print(name.ljust(15), *(f"{{score:8.3f}}" for score in scores))
"""

    def _call(self, model: str) -> str:
        return f"""\
with open_model({model!r}) as engine:
    answer = explain_text(
        engine,
        {self.text!r},
        {self.pair!r},
        target={self.target!r},
        word={self.word!r},
        mask={self.mask},
        by_words={self.by_words},
        baseline={self.baseline!r},
        removal={self.removal!r},
    )
"""


@dataclass(frozen=True)
class CurvesQuestion:
    """Do the scores of ``of`` name the words that count?"""

    of: ExplainQuestion

    def ask(self, engine: "Engine", progress: Progress | None = None) -> FaithfulnessCurves:
        from bert_explorer.analysis.faithfulness import measure_faithfulness

        return measure_faithfulness(engine, self.of.ask(engine), progress=progress)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.attributions import explain_text
from bert_explorer.analysis.faithfulness import areas, measure_faithfulness
from bert_explorer.models.cache import open_model

{self.of._call(model)}    curves = measure_faithfulness(engine, answer)

down, up = areas(curves.shares, curves.deletion), areas(curves.shares, curves.insertion)
for method, fall, rise in zip(curves.methods, down, up):
    print(f"{{method:25}} {{fall:.3f}} {{rise:.3f}}")
"""
