"""Masked words, scores of words and sentences, next sentences."""

from dataclasses import dataclass

import numpy as np

from bert_explorer.results.arrays import FloatArray, IntArray
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class MaskLogits:
    """Vocabulary logits at the mask positions of one input, and nowhere else."""

    tokens: Tokens
    positions: IntArray  # (num_masks,)
    logits: FloatArray  # (num_masks, vocab_size)


@dataclass(frozen=True)
class LayerLogits:
    """The masked-word head on every layer's output at one mask: row 0 is the embedding output."""

    tokens: Tokens
    position: int
    logits: FloatArray  # (num_layers + 1, vocab_size)


@dataclass(frozen=True)
class CopyScores:
    """What the model says at the place that each of ``num_copies`` masked copies of a text asks about.

    Log-probabilities are natural. ``ranks`` count from 1 over the whole vocabulary.
    """

    tokens: Tokens
    log_probabilities: FloatArray  # (num_copies,) of the token that stood there
    ranks: IntArray  # (num_copies,) of the same token
    best_ids: IntArray  # (num_copies, top_k), likeliest first
    best_log_probabilities: FloatArray  # (num_copies, top_k)


@dataclass(frozen=True)
class TokenProbability:
    """One candidate. ``rank`` counts from 1 over the whole vocabulary."""

    token: str
    token_id: int
    probability: float
    rank: int


@dataclass(frozen=True)
class MaskPrediction:
    """The model's distribution at one mask: its best candidates, and the targets asked for."""

    position: int
    predictions: tuple[TokenProbability, ...]
    targets: tuple[TokenProbability, ...] = ()


@dataclass(frozen=True)
class MaskedWords:
    """Answer to "which words fit here?": one prediction a mask, independent of each other.

    ``words`` are the reader's own, scored at each mask: one tuple a mask, or none at all.
    """

    tokens: Tokens
    masks: tuple[MaskPrediction, ...]
    words: tuple[tuple["WordScore", ...], ...] = ()

    def words_at(self, mask: int) -> tuple["WordScore", ...]:
        """The reader's words at mask number ``mask``."""
        return self.words[mask] if self.words else ()


@dataclass(frozen=True)
class TextScore:
    """How expected each token of a text is when it alone is hidden. Log-probabilities are natural.

    ``word_ids[i]`` numbers the words of the whole text from 0. ``left_to_right[i]`` is the log-probability
    with the later pieces of the same word hidden too, so that their sum over a word is the word's own;
    None where words were not asked for.
    ``guesses[i]`` is what the model finds likeliest there. A text that is longer than the model reads at
    once was read in ``num_windows`` overlapping windows.
    """

    text: str
    tokens: tuple[str, ...]
    word_ids: tuple[int, ...]
    starts: IntArray  # (num_tokens,) first character
    ends: IntArray  # (num_tokens,) after the last character
    log_probabilities: FloatArray  # (num_tokens,)
    left_to_right: FloatArray | None  # (num_tokens,)
    ranks: IntArray  # (num_tokens,) in the vocabulary, from 1
    guesses: tuple[str, ...]
    guess_log_probabilities: FloatArray  # (num_tokens,)
    num_windows: int = 1

    @property
    def pseudo_log_likelihood(self) -> float:
        return float(self.log_probabilities.sum(dtype=np.float64))

    @property
    def pseudo_perplexity(self) -> float:
        return float(np.exp(-self.pseudo_log_likelihood / len(self.tokens)))

    @property
    def surprisal_bits(self) -> FloatArray:
        """(num_tokens,)"""
        bits: FloatArray = np.asarray(-self.log_probabilities / np.log(2), dtype=np.float32)
        return bits


@dataclass(frozen=True)
class WordScore:
    """A word in the place of a mask. ``pieces`` are its tokens, ``log_probabilities`` natural, one each.

    ``rank`` counts the single tokens of the vocabulary that are likelier, plus one.
    """

    word: str
    pieces: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    rank: int

    @property
    def log_probability(self) -> float:
        return sum(self.log_probabilities)

    @property
    def probability(self) -> float:
        return float(np.exp(self.log_probability))


@dataclass(frozen=True)
class LayerGuess:
    """What one layer's output says at a mask, and where it puts the word that the last layer chooses."""

    layer: int  # 0 is the embedding output
    best: tuple[TokenProbability, ...]
    final: TokenProbability


@dataclass(frozen=True)
class ConfidenceBin:
    """Guesses whose probability lay in [low, high): how sure the model was, and how often it was right."""

    low: float
    high: float
    count: int
    num_right: int
    mean_probability: float

    @property
    def share_right(self) -> float:
        return self.num_right / self.count


@dataclass(frozen=True)
class Calibration:
    """First guesses by their probability; empty bins are left out. ``expected_error`` is a mean gap."""

    bins: tuple[ConfidenceBin, ...]
    num_guesses: int
    num_right: int
    mean_probability: float
    expected_error: float


@dataclass(frozen=True)
class NextSentence:
    """``is_next_probability``: that ``second`` followed ``first`` in a text, by the NSP head."""

    first: str
    second: str
    is_next_probability: float
