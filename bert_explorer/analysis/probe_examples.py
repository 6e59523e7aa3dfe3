"""Labelled examples for probes and their vectors in every layer: whole texts, or the words of a treebank.

Equal texts, and the words of equal sentences, are one group: a text learned from is never measured on.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.embeddings import Progress, check_texts, embed_in_windows
from bert_explorer.analysis.probes import Examples, probe_layers
from bert_explorer.analysis.treebank import Sentence, spread_sentences
from bert_explorer.analysis.treebank_words import NO_WORD, group_tokens
from bert_explorer.equal_texts import number_groups
from bert_explorer.errors import InputError
from bert_explorer.models.requests import HiddenStatesRequest, Pooling
from bert_explorer.results import FloatArray, HiddenStates, ProbeReport

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_TEXTS = 3_000
NUM_SENTENCES = 200  # of the treebank: about 4,000 words
READING_SHARE = 0.5  # of the progress; fitting is the rest


def probe_texts(
    engine: "Engine",
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    pooling: Pooling = "mean",
    seed: int = 0,
    progress: Progress | None = None,
) -> ProbeReport:
    """Probe the vectors of labelled texts. Raises InputError for an unlabelled text or more than 3,000."""
    check_texts(texts)
    if len(texts) > MAX_TEXTS:
        raise InputError(f"There are {len(texts):,} texts; at most {MAX_TEXTS:,} are probed. Keep fewer.")
    if not all(label.strip() for label in labels):
        line = [bool(label.strip()) for label in labels].index(False) + 1
        raise InputError(f"Text {line} has no label. Every text needs one: label, tab, text.")
    layers = range(engine.info.num_layers + 1)
    vectors = embed_in_windows(
        engine, texts, layers=layers, pooling=pooling, progress=_part(progress, 0, READING_SHARE)
    )
    types = tuple(text.split()[0].casefold() for text in texts)
    examples = Examples(tuple(labels), types, number_groups(texts), tuple(texts))
    return probe_layers(vectors, examples, seed=seed, progress=_part(progress, READING_SHARE, 1))


def probe_tags(
    engine: "Engine",
    sentences: Sequence[Sentence],
    *,
    num_sentences: int = NUM_SENTENCES,
    seed: int = 0,
    progress: Progress | None = None,
) -> ProbeReport:
    """Probe the parts of speech of the words of a treebank, ``num_sentences`` of it in even steps.

    Raises InputError for a treebank without tags.
    """
    chosen = [item for item in spread_sentences(sentences, num_sentences) if item.tags]
    if not chosen:
        raise InputError("The treebank holds no parts of speech (column 4, UPOS).")
    layers = tuple(range(engine.info.num_layers + 1))
    requests = (HiddenStatesRequest(item.text, truncate=True, layers=layers) for item in chosen)
    reading = _part(progress, 0, READING_SHARE)
    numbers = number_groups(item.text for item in chosen)
    vectors, labels, types, groups = [], [], [], []
    for done, (item, states) in enumerate(zip(chosen, engine.map(requests), strict=True), start=1):
        words, found = read_words(states, item)
        vectors.append(found)
        labels += [item.tags[word] for word in words]
        types += [item.words[word].casefold() for word in words]
        groups += [numbers[done - 1]] * len(words)
        if reading is not None:
            reading(done, len(chosen))
    examples = Examples(tuple(labels), tuple(types), tuple(groups))
    joined = np.concatenate(vectors, axis=1)
    return probe_layers(joined, examples, seed=seed, progress=_part(progress, READING_SHARE, 1))


def read_words(states: HiddenStates, sentence: Sentence) -> tuple[list[int], FloatArray]:
    """Indices of the words that the model read, and their vectors (num_layers, num_words, hidden_size)."""
    owners, units = group_tokens(states.tokens, sentence.spans)
    kept = [index for index, owner in enumerate(owners) if owner != NO_WORD]
    vectors = [states.hidden_states[:, list(units.groups[index])].mean(axis=1) for index in kept]
    return [int(owners[index]) for index in kept], np.stack(vectors, axis=1)


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Progress of a part of the work, as a share of the whole in thousandths."""
    if progress is None:
        return None
    return lambda done, total: progress(round(1000 * (start + (end - start) * done / total)), 1000)
