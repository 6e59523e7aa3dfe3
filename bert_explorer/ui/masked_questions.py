"""Closer questions about masks: fillings of all of them together, and the guess of every layer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import LayerGuess

if TYPE_CHECKING:
    from bert_explorer.analysis.joint_words import JointAnswer
    from bert_explorer.models.engine import Engine

NUM_GUESSES = 5  # shown of each layer


@dataclass(frozen=True)
class JointQuestion:
    """Which words fit all masks of ``text`` together?"""

    text: str
    top_k: int = 10

    def ask(self, engine: "Engine") -> "JointAnswer":
        from bert_explorer.analysis.joint_words import compare_fillings

        return compare_fillings(engine, self.text, top_k=self.top_k)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.joint_words import compare_fillings
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = compare_fillings(engine, {self.text!r}, top_k={self.top_k})

print("each on its own:", answer.independent.words, f"{{answer.independent.log_probability:.3f}}")
for filling in answer.found:
    print(filling.words, f"{{filling.log_probability:.3f}}")
"""


@dataclass(frozen=True)
class LayersQuestion:
    """What would each layer answer at mask number ``mask`` (from 0)?"""

    text: str
    mask: int = 0

    def ask(self, engine: "Engine") -> tuple[LayerGuess, ...]:
        from bert_explorer.analysis.layer_guesses import guess_by_layer

        return guess_by_layer(engine, self.text, mask=self.mask, top_k=NUM_GUESSES)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.layer_guesses import guess_by_layer
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    layers = guess_by_layer(engine, {self.text!r}, mask={self.mask}, top_k={NUM_GUESSES})

for item in layers:
    words = " ".join(word.token for word in item.best)
    print(f"{{item.layer:2}}  {{item.final.token}}: rank {{item.final.rank}}  best: {{words}}")
"""
