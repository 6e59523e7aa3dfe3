"""When the model says 30 %, is it right in 30 of 100 cases?

Words of held-out sentences are hidden one at a time. First guesses are sorted by their probability into ten
bins; in each, the mean probability is set beside the share of right guesses (Guo et al. 2017, "On Calibration
of Modern Neural Networks"; for BERT: Desai & Durrett 2020). The expected calibration error is the mean gap:

    ECE = sum_b (n_b / N) |share right in b - mean probability in b|

    two guesses at 0.8, one of them right:  |0.5 - 0.8| = 0.3
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.models.requests import MaskedCopiesRequest, MaskedCopy, TokenizeRequest
from bert_explorer.results import Calibration, ConfidenceBin, Tokens
from bert_explorer.settings import Settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

NUM_BINS = 10
HIDDEN = 2  # words of each sentence
SEED = 0


def read_held_out(settings: Settings) -> tuple[str, ...]:
    """The bundled sentences, which the bundled model was not trained on."""
    content = (settings.assets / "examples" / "held_out.txt").read_text(encoding="utf-8")
    return tuple(content.splitlines())


def measure_calibration(engine: "Engine", sentences: tuple[str, ...]) -> Calibration:
    """Calibration of first guesses at ``HIDDEN`` places of each sentence, the same at every call."""
    chance = np.random.default_rng(SEED)
    read: list[Tokens] = list(engine.map(TokenizeRequest(text) for text in sentences))
    requests = [MaskedCopiesRequest(tokens.text, copies=_choose(tokens, chance)) for tokens in read]
    requests.sort(key=lambda request: len(request.text))  # texts of a length share batches
    answers = list(engine.score_copies(requests))
    probabilities = np.exp(np.concatenate([answer.best_log_probabilities[:, 0] for answer in answers]))
    is_right = np.concatenate([answer.ranks == 1 for answer in answers])
    return compute_calibration(probabilities.astype(np.float64), is_right)


def _choose(tokens: Tokens, chance: np.random.Generator) -> tuple[MaskedCopy, ...]:
    """Places whose token has a letter or a digit: punctuation would be too easy."""
    words = [
        i
        for i, (token, special) in enumerate(zip(tokens.tokens, tokens.is_special, strict=True))
        if not special and any(character.isalnum() for character in token)
    ]
    chosen = chance.choice(len(words), size=min(HIDDEN, len(words)), replace=False)
    return tuple(MaskedCopy(words[i]) for i in sorted(chosen.tolist()))


def compute_calibration(probabilities: NDArray[np.float64], is_right: NDArray[np.bool_]) -> Calibration:
    """Bins of equal width from (num_guesses,) probabilities and whether each guess was right."""
    places = np.minimum((probabilities * NUM_BINS).astype(int), NUM_BINS - 1)
    bins = []
    for place in range(NUM_BINS):
        inside = places == place
        if inside.any():
            low, high = place / NUM_BINS, (place + 1) / NUM_BINS
            mean = float(probabilities[inside].mean())
            bins.append(ConfidenceBin(low, high, int(inside.sum()), int(is_right[inside].sum()), mean))
    gaps = [item.count * abs(item.share_right - item.mean_probability) for item in bins]
    count = len(probabilities)
    return Calibration(
        tuple(bins), count, int(is_right.sum()), float(probabilities.mean()), sum(gaps) / count
    )
