"""What is asked about masks: words for each of them, fillings of all together, the guess of every layer."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bert_explorer.results import LayerGuess, MaskedWords

if TYPE_CHECKING:
    from bert_explorer.analysis.joint_words import JointAnswer
    from bert_explorer.models.engine import Engine

NUM_GUESSES = 5  # shown of each layer


@dataclass(frozen=True)
class MaskedWordsQuestion:
    """Which words fit the masks of ``text``?"""

    text: str
    top_k: int = 10
    targets: tuple[str, ...] = ()

    def ask(self, engine: "Engine") -> MaskedWords:
        from bert_explorer.analysis.masked_words import predict_masks
        from bert_explorer.analysis.word_scores import score_words

        answer = predict_masks(engine, self.text, top_k=self.top_k)
        if not self.targets:
            return answer
        words = (score_words(engine, self.text, self.targets, mask=i) for i in range(len(answer.masks)))
        return replace(answer, words=tuple(words))

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.analysis.word_scores import score_words
from bert_explorer.models.cache import open_model

text = {self.text!r}
with open_model({model!r}) as engine:
    answer = predict_masks(engine, text, top_k={self.top_k})
    own_words = score_words(engine, text, {self.targets!r})  # at the first mask

for mask in answer.masks:
    for word in mask.predictions:
        print(f"{{word.rank:4}}  {{word.token:20}} {{word.probability:.4f}}")
for word in own_words:
    print(f"{{word.rank:4}}  {{word.word:20}} {{word.probability:.4f}}  {{'+'.join(word.pieces)}}")
"""


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
