"""What the pages about heads ask a model (see questions)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import HeadAtlas, HeadRelations, HeadsComparison
from bert_explorer.settings import get_settings
from bert_explorer.ui.questions import write_texts

if TYPE_CHECKING:
    from bert_explorer.analysis.treebank import Sentence
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AtlasQuestion:
    """What does every head do on these texts?"""

    texts: tuple[str, ...]

    def ask(self, engine: "Engine", progress: Progress | None = None) -> HeadAtlas:
        from bert_explorer.analysis.head_statistics import compute_atlas

        return compute_atlas(engine, self.texts, progress=progress)

    def code(self, model: str, *, statistic: str = "entropy") -> str:
        return f"""\
from bert_explorer.analysis.head_statistics import compute_atlas
from bert_explorer.models.cache import open_model

{write_texts(self.texts)}
with open_model({model!r}) as engine:
    atlas = compute_atlas(engine, texts)

for layer, heads in enumerate(atlas.statistic({statistic!r}), start=1):
    print(f"layer {{layer:2}}", *(f"{{value:7.3f}}" for value in heads))
"""


@dataclass(frozen=True)
class RelationsQuestion:
    """Which heads follow which relations, in ``num_sentences`` spread over the bundled treebank?

    ``treebank`` takes its place where it is not empty: the sentences of an upload, all of them.
    """

    num_sentences: int
    treebank: "tuple[Sentence, ...]" = ()

    def ask(self, engine: "Engine", progress: Progress | None = None) -> HeadRelations:
        from bert_explorer.analysis.relations import evaluate_relations
        from bert_explorer.analysis.treebank import read_bundled_treebank, spread_sentences

        sentences = self.treebank or spread_sentences(
            read_bundled_treebank(get_settings()), self.num_sentences
        )
        return evaluate_relations(engine, sentences, progress=progress)

    def code(self, model: str) -> str:
        reading = (
            'sentences = read_treebank(Path("YOUR_FILE.conllu").read_bytes())'
            if self.treebank
            else f"sentences = spread_sentences(read_bundled_treebank(get_settings()), {self.num_sentences})"
        )
        return f"""\
from pathlib import Path

from bert_explorer.analysis.relations import evaluate_relations, find_best_head
from bert_explorer.analysis.treebank import read_bundled_treebank, read_treebank, spread_sentences
from bert_explorer.models.cache import open_model
from bert_explorer.settings import get_settings

{reading}
with open_model({model!r}) as engine:
    found = evaluate_relations(engine, sentences)

for number in range(len(found.relations)):
    best = find_best_head(found, number)
    name = f"{{best.layer + 1}}-{{best.head + 1}}"
    print(f"{{best.relation:15}} {{name:6}} {{best.accuracy:6.1%}} {{best.count:6}}")
"""


@dataclass(frozen=True)
class AblationQuestion:
    """What does the model say about ``text`` without the heads (layer, head) in ``ablated``?"""

    text: str
    ablated: tuple[tuple[int, int], ...]

    def ask(self, engine: "Engine") -> HeadsComparison:
        from bert_explorer.analysis.ablation import compare_heads

        return compare_heads(engine, self.text, ablated=self.ablated)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.ablation import ask_without
from bert_explorer.models.cache import open_model

heads = {self.ablated!r}  # (layer, head), counted from 0
with open_model({model!r}) as engine:
    for ablated in ((), heads):
        answer = ask_without(engine, {self.text!r}, ablated=ablated)
        print(f"{{len(ablated)}} heads off, pseudo-perplexity {{answer.perplexity}}")
        for mask in answer.words.masks if answer.words else ():
            print([f"{{word.token}} {{word.probability:.3f}}" for word in mask.predictions[:5]])
        if answer.probabilities is not None:
            print(dict(zip(engine.info.labels, answer.probabilities.round(3).tolist())))
"""
