"""Vectors for texts, words and tokens, from any layer of the model or the mean of several.

A text's vector is the mean, the maximum or the first ([CLS]) of its token vectors; a word's the mean
of its pieces; a token's vector is its hidden state. Layer 0 is the embedding output, before any attention: a
word has the same vector there in every text, up to its position.

A text beyond the model's limit is cut there, or read in windows that are joined: the mean over all their
tokens, the maximum over all, or the mean of their [CLS]. No window knows what stands in another one.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import EmptyTextError
from bert_explorer.models.requests import HiddenStatesRequest, Pooling
from bert_explorer.results import Embeddings, FloatArray, HiddenStates, IntArray, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


def embed_texts(
    engine: "Engine",
    texts: Sequence[str],
    *,
    layer: int,
    pooling: Pooling,
    num_layers: int = 1,
    windows: bool = False,
    progress: Progress | None = None,
) -> Embeddings:
    """One vector a text, shape (len(texts), hidden_size), the mean of ``num_layers`` up to ``layer``.

    Texts longer than the model's limit are cut there, or read in ``windows``. ``progress(done, total)`` is
    called as batches finish.
    """
    check_texts(texts)
    layers = averaged_layers(layer, num_layers)
    read = partial(embed_in_windows, engine) if windows else engine.pooled_layers
    vectors = read(texts, layers=layers, pooling=pooling, progress=progress)
    return Embeddings(vectors.mean(axis=0), tuple(texts), tuple(range(len(texts))), layer, pooling)


def averaged_layers(layer: int, num_layers: int) -> tuple[int, ...]:
    """``layer`` and those below it, ``num_layers`` together, as far as there are so many."""
    return tuple(range(max(0, layer - num_layers + 1), layer + 1))


def embed_in_windows(
    engine: "Engine",
    texts: Sequence[str],
    *,
    layers: Sequence[int],
    pooling: Pooling,
    progress: Progress | None = None,
) -> FloatArray:
    """(len(layers), len(texts), hidden_size), of long texts over all their windows."""
    long = find_long(engine, texts)
    if not len(long):
        return engine.pooled_layers(texts, layers=layers, pooling=pooling, progress=progress)
    pieces = dict(zip(long.tolist(), engine.windows([texts[row] for row in long]), strict=True))
    owners = [row for row, text in enumerate(texts) for _ in pieces.get(row, (text,))]
    windows = [piece for row, text in enumerate(texts) for piece in pieces.get(row, (text,))]
    shown = None if progress is None else _count_texts(progress, len(texts))
    vectors = engine.pooled_layers(windows, layers=layers, pooling=pooling, progress=shown)
    weights = engine.lengths(windows) if pooling == "mean" else np.ones(len(windows), dtype=np.int64)
    return join_windows(vectors, np.array(owners), weights, pooling)


def _count_texts(progress: Progress, num_texts: int) -> Progress:
    """Progress of windows told as that of the texts they belong to, on average."""
    return lambda done, total: progress(max(1, done * num_texts // total), num_texts)


def find_long(engine: "Engine", texts: Sequence[str]) -> IntArray:
    """Rows of the texts that the model cannot read at once."""
    return np.flatnonzero(engine.lengths(texts) > engine.info.max_length)


def join_windows(vectors: FloatArray, owners: IntArray, weights: IntArray, pooling: Pooling) -> FloatArray:
    """(layers, windows, hidden_size) -> (layers, texts, hidden_size); ``owners`` names each window's text.

    Owners are sorted. The maximum, or the mean weighted by ``weights`` (windows,).
    """
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    if pooling == "max":
        return np.asarray(np.maximum.reduceat(vectors, starts, axis=1))
    shares = weights / np.add.reduceat(weights, starts)[owners]
    joined = np.add.reduceat(vectors * shares[:, None], starts, axis=1)
    return np.asarray(joined, dtype=np.float32)


def embed_tokens(
    engine: "Engine", texts: Sequence[str], layer: int, *, num_layers: int = 1, with_special: bool = True
) -> Embeddings:
    """One vector a token of each text, special tokens too unless ``with_special`` is False."""
    check_texts(texts)
    layers = averaged_layers(layer, num_layers)
    vectors, items, rows = [], [], []
    for row, states in enumerate(_hidden_states(engine, texts, layers, truncate=False)):
        kept = np.flatnonzero(with_special | ~states.tokens.is_special)
        vectors.append(states.hidden_states[:, kept].mean(axis=0))  # (kept, hidden_size)
        items += [states.tokens.tokens[i] for i in kept]
        rows += [row] * len(kept)
    return Embeddings(np.concatenate(vectors), tuple(items), tuple(rows), layer, "token")


def embed_words(
    engine: "Engine",
    texts: Sequence[str],
    layer: int,
    *,
    num_layers: int = 1,
    progress: Progress | None = None,
) -> Embeddings:
    """One vector a word of each text: the mean of its pieces. Longer texts are cut at the model's limit."""
    check_texts(texts)
    layers = averaged_layers(layer, num_layers)
    vectors, items, rows = [], [], []
    for row, states in enumerate(_hidden_states(engine, texts, layers, truncate=True)):
        mean = states.hidden_states.mean(axis=0)  # (seq_len, hidden_size)
        for word, positions in find_words(states.tokens):
            vectors.append(mean[positions].mean(axis=0))
            items.append(word)
            rows.append(row)
        if progress is not None:
            progress(row + 1, len(texts))
    return Embeddings(np.array(vectors, dtype=np.float32), tuple(items), tuple(rows), layer, "word")


def find_words(tokens: Tokens) -> list[tuple[str, list[int]]]:
    """Each word of a text as it is written, with the positions of its tokens."""
    words: dict[int, list[int]] = {}
    for position, word in enumerate(tokens.word_ids):
        if word is not None:
            words.setdefault(word, []).append(position)
    return [
        (tokens.text[tokens.offsets[places[0]][0] : tokens.offsets[places[-1]][1]].strip(), places)
        for places in words.values()
    ]


def _hidden_states(
    engine: "Engine", texts: Sequence[str], layers: tuple[int, ...], *, truncate: bool
) -> Iterator[HiddenStates]:
    yield from engine.map(HiddenStatesRequest(text, truncate=truncate, layers=layers) for text in texts)


def check_texts(texts: Sequence[str]) -> None:
    """EmptyTextError where there is no text, or one has no words; it names the line, from 1."""
    if not texts:
        raise EmptyTextError("There are no texts. Give one text a line.")
    for line, text in enumerate(texts, start=1):
        if not text.strip():
            raise EmptyTextError(f"Text {line} is empty. Remove it, or fill it.")
