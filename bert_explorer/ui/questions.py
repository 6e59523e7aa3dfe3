"""What each page asks a model: its inputs as one frozen value, the one call, and the same call as code.

A question can be compared and hashed, so that a page asks only when something changed, and stored
with its answer (see stored.py). ``code`` gives a program that prints the same answer.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from bert_explorer.results import (
    AttentionSummaries,
    Classification,
    CompactAttention,
    Embeddings,
    MaskedWords,
    NextSentence,
    PairVerdicts,
    Restoration,
)
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.analysis.embeddings import Progress
    from bert_explorer.models.engine import Engine
    from bert_explorer.models.requests import Pooling

CODE_TEXTS = 50  # written out in a program
Answer = TypeVar("Answer", covariant=True)


class Question(Protocol[Answer]):
    """Anything that a page asks a model."""

    def ask(self, engine: "Engine") -> Answer: ...

    def __hash__(self) -> int: ...


class LongQuestion(Protocol[Answer]):
    """A question whose answer takes so long that its progress is shown."""

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> Answer: ...

    def __hash__(self) -> int: ...


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
class AttentionQuestion:
    """Who looks at whom, in every head of every layer?"""

    text: str
    pair: str | None = None

    def ask(self, engine: "Engine") -> CompactAttention:
        from bert_explorer.analysis.attention import compute_whole_attention

        return compute_whole_attention(engine, self.text, self.pair)

    def code(self, model: str, *, layer: int = 0, head: int = 0) -> str:
        return f"""\
from bert_explorer.analysis.attention import compute_attention
from bert_explorer.models.cache import open_model

layer, head = {layer}, {head}  # counted from 0
with open_model({model!r}) as engine:
    answer = compute_attention(engine, {self.text!r}, {self.pair!r}, layers=[layer])

weights = answer.attentions[0, head]  # (query, key), every row sums to 1
for token, row in zip(answer.tokens.tokens, weights):
    print(f"{{token:15}} looks most at {{answer.tokens.tokens[row.argmax()]:15}} {{row.max():.3f}}")
"""


@dataclass(frozen=True)
class SummariesQuestion:
    """Which tokens matter for a prediction: of mask number ``mask`` (from 0), or of a class?"""

    text: str
    pair: str | None = None
    mask: int = 0
    target: str | None = None

    def ask(self, engine: "Engine") -> AttentionSummaries:
        from bert_explorer.analysis.attention_summaries import compute_summaries

        return compute_summaries(engine, self.text, self.pair, mask=self.mask, target=self.target)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.attention_summaries import compute_summaries
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = compute_summaries(engine, {self.text!r}, {self.pair!r}, mask={self.mask}, target={self.target!r})

print("token".ljust(15), *answer.methods, answer.prediction)
for token, scores in zip(answer.tokens.tokens, answer.scores.T):
    print(token.ljust(15), *(f"{{score:8.4f}}" for score in scores))
"""


@dataclass(frozen=True)
class TextsQuestion:
    """One vector for each text: the mean of ``num_layers`` layers up to ``layer`` (0: before the first).

    Texts that the model cannot read at once are read in windows.
    """

    texts: tuple[str, ...]
    layer: int
    pooling: "Pooling" = "mean"
    num_layers: int = 1

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> Embeddings:
        from bert_explorer.analysis.embeddings import embed_texts

        return embed_texts(
            engine,
            self.texts,
            layer=self.layer,
            pooling=self.pooling,
            num_layers=self.num_layers,
            windows=True,
            progress=progress,
        )

    def code(self, model: str, *, method: str = "pca", dimensions: int = 2, correction: str = "none") -> str:
        return f"""\
from bert_explorer.analysis.anisotropy import correct_vectors
from bert_explorer.analysis.embeddings import embed_texts
from bert_explorer.analysis.projection import project
from bert_explorer.models.cache import open_model

{write_texts(self.texts)}
with open_model({model!r}) as engine:
    answer = embed_texts(
        engine,
        texts,
        layer={self.layer},
        pooling={self.pooling!r},
        num_layers={self.num_layers},
        windows=True,
    )

vectors = correct_vectors(answer.vectors, {correction!r})
projection = project(vectors, method={method!r}, dimensions={dimensions})
print(answer.vectors.shape, projection.coordinates.shape)
"""


def write_texts(texts: tuple[str, ...]) -> str:
    """The texts as a line of a program that assigns them; of many, the first."""
    shown = texts[:CODE_TEXTS]
    note = f"  # the first {CODE_TEXTS} of {len(texts):,}" if len(texts) > CODE_TEXTS else ""
    lines = "\n".join(f"    {text!r}," for text in shown)
    return f"texts = [{note}\n{lines}\n]"


@dataclass(frozen=True)
class WordsQuestion:
    """One vector for each word of each text, in its context."""

    texts: tuple[str, ...]
    layer: int
    num_layers: int = 1

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> Embeddings:
        from bert_explorer.analysis.embeddings import embed_words

        return embed_words(engine, self.texts, self.layer, num_layers=self.num_layers, progress=progress)

    def code(self, model: str, *, method: str = "pca", dimensions: int = 2, correction: str = "none") -> str:
        return f"""\
from bert_explorer.analysis.anisotropy import correct_vectors
from bert_explorer.analysis.embeddings import embed_words
from bert_explorer.analysis.projection import project
from bert_explorer.models.cache import open_model

{write_texts(self.texts)}
with open_model({model!r}) as engine:
    answer = embed_words(engine, texts, {self.layer}, num_layers={self.num_layers})

vectors = correct_vectors(answer.vectors, {correction!r})
projection = project(vectors, method={method!r}, dimensions={dimensions})
print(answer.items, projection.coordinates.shape)
"""


@dataclass(frozen=True)
class TokensQuestion:
    """One vector for each token of one text, in its context."""

    text: str
    layer: int
    num_layers: int = 1

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> Embeddings:  # noqa: ARG002 - quick
        from bert_explorer.analysis.embeddings import embed_tokens

        return embed_tokens(engine, [self.text], self.layer, num_layers=self.num_layers)

    def code(self, model: str, *, method: str = "pca", dimensions: int = 2, correction: str = "none") -> str:
        return f"""\
from bert_explorer.analysis.anisotropy import correct_vectors
from bert_explorer.analysis.embeddings import embed_tokens
from bert_explorer.analysis.projection import project
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = embed_tokens(engine, [{self.text!r}], {self.layer}, num_layers={self.num_layers})

vectors = correct_vectors(answer.vectors, {correction!r})
projection = project(vectors, method={method!r}, dimensions={dimensions})
print(answer.items, projection.coordinates.shape)
"""


@dataclass(frozen=True)
class ClassificationQuestion:
    """Which of its own labels does a fine-tuned model give to ``text``, or to the pair?"""

    text: str
    pair: str | None = None

    def ask(self, engine: "Engine") -> Classification:
        from bert_explorer.analysis.classification import classify

        return classify(engine, self.text, self.pair)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.classification import classify
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = classify(engine, {self.text!r}, {self.pair!r})

print(answer.label, f"{{answer.probability:.4f}}")
"""


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
