"""Vectors for texts and for tokens, from any layer of the model.

A text's vector is the mean, the maximum or the first ([CLS]) of its token vectors; a token's vector
is its hidden state. Layer 0 is the embedding output, before any attention: a word has the same
vector there in every text, up to its position.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.errors import EmptyTextError
from bert_explorer.models.requests import Pooling
from bert_explorer.results import Embeddings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


def embed_texts(
    engine: "Engine", texts: Sequence[str], *, layer: int, pooling: Pooling, progress: Progress | None = None
) -> Embeddings:
    """One vector a text, shape (len(texts), hidden_size); longer texts are cut at the model's limit.

    ``progress(done, total)`` is called as batches finish.
    """
    check_texts(texts)
    vectors = engine.pooled(texts, layer=layer, pooling=pooling, progress=progress)
    return Embeddings(vectors, tuple(texts), tuple(range(len(texts))), layer, pooling)


def embed_tokens(
    engine: "Engine", texts: Sequence[str], layer: int, *, with_special: bool = True
) -> Embeddings:
    """One vector a token of each text, special tokens too unless ``with_special`` is False."""
    check_texts(texts)
    vectors, items, rows = [], [], []
    for row, text in enumerate(texts):
        states = engine.hidden_states(text, layers=[layer])
        kept = np.flatnonzero(with_special | ~states.tokens.is_special)
        vectors.append(states.hidden_states[0, kept])  # (kept, hidden_size)
        items += [states.tokens.tokens[i] for i in kept]
        rows += [row] * len(kept)
    return Embeddings(np.concatenate(vectors), tuple(items), tuple(rows), layer, "token")


def check_texts(texts: Sequence[str]) -> None:
    """EmptyTextError where there is no text, or one has no words; it names the line, from 1."""
    if not texts:
        raise EmptyTextError("There are no texts. Give one text a line.")
    for line, text in enumerate(texts, start=1):
        if not text.strip():
            raise EmptyTextError(f"Text {line} is empty. Remove it, or fill it.")
