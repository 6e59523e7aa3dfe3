"""What a model is, and a text as it reads it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results.arrays import IntArray


class Capability(StrEnum):
    """What a checkpoint can answer, read from its config and weights, never from its name."""

    MASKED_LM = "fill-mask"
    NEXT_SENTENCE = "next-sentence"
    SEQUENCE_CLASSIFICATION = "text-classification"
    TOKEN_CLASSIFICATION = "token-classification"
    QUESTION_ANSWERING = "question-answering"
    EMBEDDINGS = "embeddings"
    ATTENTIONS = "attentions"


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model before (and after) its weights are read.

    ``max_length`` is the largest number of tokens of one input, special tokens included.
    ``labels`` are the names of the classes in the order of the logits, empty without a class head.
    ``problem_type`` is the config's: "" or "single_label_classification" (softmax over the logits),
    "multi_label_classification" (a sigmoid each) or "regression" (no probabilities).
    """

    ref: str  # bundled, run:ID, local:NAME, org/name, org/name@revision
    name: str
    family: str  # the config's model_type: bert, distilbert, ...
    num_layers: int
    num_heads: int
    hidden_size: int
    vocab_size: int
    max_length: int
    num_parameters: int
    size_bytes: int
    capabilities: frozenset[Capability]
    labels: tuple[str, ...] = ()
    mask_token: str | None = None
    problem_type: str = ""


@dataclass(frozen=True)
class Tokens:
    """One text, or a pair, as the model reads it.

    All sequences have length seq_len. ``word_ids[i]`` is the index of the word in its own text
    (None for special tokens), ``sequence_ids[i]`` is 0 or 1 for the first or second text (None for
    special tokens), ``offsets[i]`` the characters [start, end) in that text.
    ``num_dropped`` tokens were cut off at the model's limit (0 where truncation was not allowed).
    """

    text: str
    pair: str | None
    tokens: tuple[str, ...]
    input_ids: IntArray  # (seq_len,)
    word_ids: tuple[int | None, ...]
    sequence_ids: tuple[int | None, ...]
    offsets: IntArray  # (seq_len, 2)
    num_dropped: int = 0

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def is_special(self) -> NDArray[np.bool_]:
        """(seq_len,) True where the tokenizer added the token."""
        return np.array([sequence is None for sequence in self.sequence_ids], dtype=bool)
