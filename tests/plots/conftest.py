"""Attention made up by chance, for tests of figures."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from bert_explorer.results import Attention, Tokens

MakeAttention = Callable[..., Attention]


@pytest.fixture
def make_attention() -> MakeAttention:
    """``make_attention(tokens, num_layers=3, num_heads=4, second=None)``; rows sum to 1.

    ``second`` is the position at which the second text begins.
    """

    def make(
        tokens: Sequence[str], *, num_layers: int = 3, num_heads: int = 4, second: int | None = None
    ) -> Attention:
        seq_len = len(tokens)
        weights = np.random.default_rng(0).dirichlet(np.ones(seq_len), size=(num_layers, num_heads, seq_len))
        sequence_ids: list[int | None] = [int(second is not None and i >= second) for i in range(seq_len)]
        sequence_ids[0] = sequence_ids[-1] = None
        read = Tokens(
            text="a text",
            pair=None if second is None else "a pair",
            tokens=tuple(tokens),
            input_ids=np.arange(seq_len),
            word_ids=tuple(range(seq_len)),
            sequence_ids=tuple(sequence_ids),
            offsets=np.zeros((seq_len, 2), dtype=np.int64),
        )
        return Attention(read, tuple(range(num_layers)), weights.astype(np.float32))

    return make
