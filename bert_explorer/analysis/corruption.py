"""BERT's corruption of its input (Devlin et al. 2019, section 3.1, appendix A.1).

Some tokens are chosen for prediction. Of these, 80 % are replaced by [MASK], 10 % by a random word and
10 % stay as they are, so that the model cannot know which of the tokens it sees are true. The paper
chooses 15 % of the tokens; Wettig et al. 2023 find 40 % better for small budgets.

Example, with [MASK] = 9 and every token chosen:
    input_ids  5  6  7  8       draws  0.10  0.85  0.95  0.79
    corrupted  9  r  7  9       where r is a random word
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import IntArray

MASK_SHARE, RANDOM_SHARE = 0.8, 0.1


@dataclass(frozen=True)
class Corruption:
    """``positions`` index into the sequence, ``labels`` are the true ids there."""

    input_ids: IntArray  # (seq_len,)
    positions: IntArray  # (num_chosen,)
    labels: IntArray  # (num_chosen,)


@dataclass(frozen=True)
class Masking:
    """How to corrupt: the share of tokens to predict, and what to put in their places."""

    share: float
    mask_token_id: int
    vocab_size: int
    first_word_id: int = 0  # random words are drawn from [first_word_id, vocab_size)
    mask_share: float = MASK_SHARE
    random_share: float = RANDOM_SHARE

    def corrupt(
        self, input_ids: IntArray, is_special: NDArray[np.bool_], generator: np.random.Generator
    ) -> Corruption:
        """Choose round(share * words), at least one, among the tokens that are not special."""
        candidates = np.flatnonzero(~is_special)
        num_chosen = min(len(candidates), max(1, round(self.share * len(candidates))))
        positions = np.sort(generator.permutation(candidates)[:num_chosen])
        draws = generator.random(num_chosen)
        random_ids = generator.integers(self.first_word_id, self.vocab_size, num_chosen)
        corrupted = input_ids.copy()
        is_random = (draws >= self.mask_share) & (draws < self.mask_share + self.random_share)
        corrupted[positions[draws < self.mask_share]] = self.mask_token_id
        corrupted[positions[is_random]] = random_ids[is_random]
        return Corruption(corrupted, positions, input_ids[positions])
