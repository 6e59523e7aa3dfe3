"""Which heads follow which grammatical relations (Clark et al. 2019, section 4.2).

Each head is taken for a parser without training, and asked for the head word of every word of a treebank:

    forward    the word that the dependent attends to most      (argmax_j A[i, j])
    reverse    the word that attends most to the dependent      (argmax_j A[j, i])

A is the attention between words (see treebank_words), [CLS], [SEP] and the word itself left out. For a
relation such as ``det``, the accuracy of an attention head is the share of its cases in which the answer is
the word that the treebank gives. The baseline always answers the word at one fixed distance, the best one
for this relation: a head must beat it to know more than positions. What this does not show: that the model
*uses* what a head follows (see ablation).

Sentences are read as their words with blanks between them. One that does not fit into the model, or holds
nothing that it can read, is left out and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.treebank import ROOT, Sentence
from bert_explorer.analysis.treebank_words import MostAttended
from bert_explorer.errors import DataError
from bert_explorer.intervals import wilson_interval
from bert_explorer.models.requests import ReducedAttentionsRequest
from bert_explorer.results import HeadRelations, RelationHead

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]
FORWARD, REVERSE = 0, 1
MIN_COUNT = 20  # cases, for a relation to say something about a head


def evaluate_relations(
    engine: "Engine", sentences: Sequence[Sentence], *, progress: Progress | None = None
) -> HeadRelations:
    """All heads against all relations, in both directions; ``progress(done, total)`` per sentence read.

    Raises DataError where no sentence fits into the model or none has a relation between two words.
    """
    kept, answers = [], []
    order = _order_readable(engine, sentences)
    for done, (sentence, answer) in enumerate(zip(order, _ask(engine, order), strict=True), start=1):
        if answer.size:
            kept.append(sentence)
            answers.append(answer)
        if progress is not None:
            progress(done, len(order))
    if not any(head != ROOT for sentence in kept for head in sentence.heads):
        raise DataError(
            f"None of the {len(sentences)} sentences has two words and fits into the "
            f"{engine.info.max_length} tokens that the model reads at once."
        )
    return count_hits(kept, np.concatenate(answers, axis=-1), num_skipped=len(sentences) - len(kept))


def _order_readable(engine: "Engine", sentences: Sequence[Sentence]) -> list[Sentence]:
    """Without those that the engine refuses: of no token, or of too many characters. Shortest first.

    Sentences of as many tokens share batches without padding.
    """
    short = [item for item in sentences if len(item.text) <= engine.max_text_chars]
    lengths = engine.lengths([item.text for item in short])
    return [short[i] for i in np.argsort(lengths, kind="stable").tolist() if lengths[i]]


def _ask(engine: "Engine", sentences: Sequence[Sentence]) -> Iterator[NDArray[np.int16]]:
    layers = tuple(range(engine.info.num_layers))
    return engine.map(
        ReducedAttentionsRequest(item.text, truncate=True, layers=layers, reduce=MostAttended(item.spans))
        for item in sentences
    )


def count_hits(
    sentences: Sequence[Sentence], predicted: NDArray[np.integer], *, num_skipped: int = 0
) -> HeadRelations:
    """Compare ``predicted`` (2, num_layers, num_heads, words of all sentences) with the trees."""
    heads = np.array([head for sentence in sentences for head in sentence.heads])
    places = np.concatenate([np.arange(len(sentence.words)) for sentence in sentences])
    names = [name for sentence in sentences for name in sentence.relations]
    counts = Counter(name for name, head in zip(names, heads, strict=True) if head != ROOT)
    relations = tuple(name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    numbers = {name: number for number, name in enumerate(relations)}
    codes = np.array([numbers.get(name, -1) for name in names])  # (words,)
    is_case = (codes == np.arange(len(relations))[:, None]) & (heads != ROOT)  # (num_relations, words)
    is_hit = (predicted == heads).astype(np.float32)
    hits = np.moveaxis(is_hit @ is_case.T.astype(np.float32), -1, 1)  # (2, num_relations, layers, heads)
    offsets = [Counter((heads - places)[cases].tolist()).most_common(1)[0] for cases in is_case]
    return HeadRelations(
        relations=relations,
        counts=is_case.sum(axis=1),
        hits=np.rint(hits).astype(np.int64),
        offsets=np.array([offset for offset, _ in offsets]),
        offset_hits=np.array([number for _, number in offsets]),
        num_sentences=len(sentences),
        num_skipped=num_skipped,
    )


def find_best_head(found: HeadRelations, relation: int, direction: int = FORWARD) -> RelationHead:
    """The head that follows relation number ``relation`` best, the first of equals."""
    hits = found.hits[direction, relation]
    layer, head = np.unravel_index(int(hits.argmax()), hits.shape)
    return describe_head(found, relation, direction, int(layer), int(head))


def find_best_relations(found: HeadRelations, min_count: int = MIN_COUNT) -> list[list[RelationHead]]:
    """For each [layer][head] the relation, forward, on which it gains most over the fixed offset.

    Relations of fewer than ``min_count`` cases count only where there are no others.
    """
    often = np.flatnonzero(found.counts >= min_count)
    kept = often if len(often) else np.arange(len(found.counts))
    shares = found.hits[FORWARD] / found.counts[:, None, None]  # (num_relations, num_layers, num_heads)
    gains = shares - (found.offset_hits / found.counts)[:, None, None]
    best = kept[gains[kept].argmax(axis=0)]
    return [
        [describe_head(found, int(relation), FORWARD, layer, head) for head, relation in enumerate(row)]
        for layer, row in enumerate(best)
    ]


def describe_head(found: HeadRelations, relation: int, direction: int, layer: int, head: int) -> RelationHead:
    """Accuracy of one head on one relation, with its interval and the baseline."""
    hits, count = int(found.hits[direction, relation, layer, head]), int(found.counts[relation])
    return RelationHead(
        relation=found.relations[relation],
        direction=direction,
        layer=layer,
        head=head,
        accuracy=hits / count,
        interval=wilson_interval(hits, count),
        baseline=int(found.offset_hits[relation]) / count,
        offset=int(found.offsets[relation]),
        count=count,
    )
