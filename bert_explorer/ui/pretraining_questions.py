"""What BERT was pretrained to answer: which tokens stood there, and whether two sentences are neighbours."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import NextSentence, PairVerdicts, Restoration
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class RestorationQuestion:
    """What stood at the tokens that pretraining would choose from ``text``? ``percent`` are chosen."""

    text: str
    percent: int = 15
    seed: int = 1

    def ask(self, engine: "Engine") -> Restoration:
        from bert_explorer.analysis.restoration import restore_text

        return restore_text(engine, self.text, share=self.percent / 100, seed=self.seed)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.restoration import restore_text
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = restore_text(engine, {self.text!r}, share={self.percent / 100}, seed={self.seed})

print(*answer.corrupted.shown)
for truth, guess in zip(answer.truths, answer.guesses):
    print(f"{{truth.token:15}} {{truth.probability:.4f}}   first guess: {{guess.token}}")
"""


@dataclass(frozen=True)
class NextSentenceQuestion:
    """Did ``second`` follow ``first`` in a text?"""

    first: str
    second: str

    def ask(self, engine: "Engine") -> NextSentence:
        from bert_explorer.analysis.next_sentence import predict_next_sentence

        return predict_next_sentence(engine, self.first, self.second)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.next_sentence import predict_next_sentence
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = predict_next_sentence(engine, {self.first!r}, {self.second!r})

print(f"{{answer.is_next_probability:.4f}}")
"""


@dataclass(frozen=True)
class PairsQuestion:
    """Which sentences of ``text`` belong together? Strangers come from the example sentences."""

    text: str
    seed: int = 1

    def ask(self, engine: "Engine") -> PairVerdicts:
        from bert_explorer.analysis.sentence_pairs import judge_text
        from bert_explorer.ui.collections import parse_lines, read_example

        strangers = parse_lines(read_example(get_settings())).texts
        return judge_text(engine, self.text, strangers, seed=self.seed)

    def code(self, model: str) -> str:
        return f"""\
from pathlib import Path

from bert_explorer.analysis.sentence_pairs import judge_text
from bert_explorer.models.cache import open_model

lines = Path("assets/examples/sentences.tsv").read_text(encoding="utf-8").splitlines()
strangers = [line.split("\\t")[1] for line in lines]
with open_model({model!r}) as engine:
    answer = judge_text(engine, {self.text!r}, strangers, seed={self.seed})

for pair in answer.pairs:
    print(f"{{pair.kind:10}} {{pair.is_next_probability:.4f}}  {{pair.first}} | {{pair.second}}")
"""
