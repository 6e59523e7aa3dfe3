"""What the pages of the group Embeddings ask: vectors of texts, words and tokens, and what lies in them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.analysis.sense_sets import read_set
from bert_explorer.results import Embeddings, LayerFilm, ProbeReport, WordSenses
from bert_explorer.settings import Settings
from bert_explorer.ui.questions import CODE_TEXTS, write_texts

if TYPE_CHECKING:
    from bert_explorer.analysis.embeddings import Progress
    from bert_explorer.models.engine import Engine
    from bert_explorer.models.requests import Pooling


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
class FilmQuestion:
    """How do these texts lie in every layer?"""

    texts: tuple[str, ...]
    pooling: "Pooling" = "mean"
    dimensions: int = 2

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> LayerFilm:
        from bert_explorer.analysis.layer_film import film_texts

        return film_texts(
            engine, self.texts, pooling=self.pooling, dimensions=self.dimensions, progress=progress
        )

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.layer_film import film_texts
from bert_explorer.models.cache import open_model

{write_texts(self.texts)}
with open_model({model!r}) as engine:
    film = film_texts(engine, texts, pooling={self.pooling!r}, dimensions={self.dimensions})

for layer, share, disparity in zip(film.layers, film.shares, film.disparities):
    print(f"layer {{layer}}: {{share:.1%}} of the variance, moved by {{disparity:.3f}}")
"""


@dataclass(frozen=True)
class TagsQuestion:
    """Which part of speech can be read off the words of the bundled treebank, layer by layer?"""

    seed: int = 0

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> ProbeReport:
        from bert_explorer.analysis.probe_examples import probe_tags
        from bert_explorer.analysis.treebank import read_bundled_treebank
        from bert_explorer.settings import get_settings

        sentences = read_bundled_treebank(get_settings())
        return probe_tags(engine, sentences, seed=self.seed, progress=progress)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.probe_examples import probe_tags
from bert_explorer.analysis.treebank import read_bundled_treebank
from bert_explorer.models.cache import open_model
from bert_explorer.settings import get_settings

with open_model({model!r}) as engine:
    report = probe_tags(engine, read_bundled_treebank(get_settings()), seed={self.seed})

for layer, (hits, control) in enumerate(zip(report.hits, report.control_hits)):
    print(f"layer {{layer}}: {{hits / report.num_test:.1%}}, control {{control / report.num_test:.1%}}")
"""


@dataclass(frozen=True)
class LabelsQuestion:
    """Which label can be read off the vectors of these texts, layer by layer?"""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    seed: int = 0

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> ProbeReport:
        from bert_explorer.analysis.probe_examples import probe_texts

        return probe_texts(engine, self.texts, self.labels, seed=self.seed, progress=progress)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.probe_examples import probe_texts
from bert_explorer.models.cache import open_model

{write_texts(self.texts)}
labels = {list(self.labels[:CODE_TEXTS])!r}
with open_model({model!r}) as engine:
    report = probe_texts(engine, texts, labels, seed={self.seed})

for layer, (hits, control) in enumerate(zip(report.hits, report.control_hits)):
    print(f"layer {{layer}}: {{hits / report.num_test:.1%}}, control {{control / report.num_test:.1%}}")
"""


@dataclass(frozen=True)
class SensesQuestion:
    """Which sense has ``word`` in each sentence, layer by layer?"""

    word: str
    sentences: tuple[str, ...]
    senses: tuple[str, ...]

    @classmethod
    def of_set(cls, word: str, settings: Settings) -> "SensesQuestion":
        """The bundled sentences with ``word``."""
        return cls(word, *read_set(word, settings))

    def ask(self, engine: "Engine") -> WordSenses:
        from bert_explorer.analysis.senses import compute_senses

        return compute_senses(engine, self.word, self.sentences, self.senses)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.senses import compute_senses
from bert_explorer.models.cache import open_model

{write_texts(self.sentences)}
senses = {list(self.senses)!r}
with open_model({model!r}) as engine:
    answer = compute_senses(engine, {self.word!r}, texts, senses[: len(texts)])

for layer, (accuracy, silhouette) in enumerate(zip(answer.accuracies, answer.silhouettes)):
    print(f"layer {{layer}}: accuracy {{accuracy:.3f}}, silhouette {{silhouette:.3f}}")
"""
