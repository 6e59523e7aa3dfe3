"""The settings with which a page or a command starts a pretraining of the reader's own (task "
"masked-words)."""

from collections.abc import Sequence

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import FROM_NOTHING, MASKED_WORDS, FineTuneConfig

# A fresh model needs large steps and many passes; one that knows something forgets it with either.
SMALL_RATE, SMALL_BATCH, SMALL_PASSES, MAX_SMALL_PASSES = 3e-3, 64, 40, 100
CONTINUED_RATE, CONTINUED_BATCH, CONTINUED_PASSES, MAX_CONTINUED_PASSES = 1e-4, 16, 3, 10
TOKENS_A_WORD = 1.4
# Tokens a second on two cores: of the small BERT, and of the bundled one (22.9 million weights).
SMALL_SPEED, BUNDLED_SPEED, BUNDLED_WEIGHTS = 20_000, 900, 22.9e6
START_S = 15.0  # of a process with torch and transformers


def own_pretraining(model: str, passes: int | None = None, cloze: Sequence[str] = ()) -> FineTuneConfig:
    """``model`` is a reference, or FROM_NOTHING. Raises InputError."""
    is_small = model == FROM_NOTHING
    return FineTuneConfig(
        task=MASKED_WORDS,
        text_column="",
        label_column="",
        model=model,
        epochs=passes or (SMALL_PASSES if is_small else CONTINUED_PASSES),
        learning_rate=SMALL_RATE if is_small else CONTINUED_RATE,
        batch_size=SMALL_BATCH if is_small else CONTINUED_BATCH,
        cloze=tuple(line.strip() for line in cloze if line.strip()),
    )


def estimate_pretraining_s(num_words: int, config: FineTuneConfig, info: ModelInfo) -> float:
    """Seconds on two cores; ``info`` is the model to go on with, and unused where the run begins from "
    "nothing."""
    is_small = config.model == FROM_NOTHING
    speed = SMALL_SPEED if is_small else BUNDLED_SPEED * BUNDLED_WEIGHTS / info.num_parameters
    return START_S + num_words * TOKENS_A_WORD * config.epochs / speed
