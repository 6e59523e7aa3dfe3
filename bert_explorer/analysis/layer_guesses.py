"""What each layer would answer at a mask: the masked-word head on every layer's output.

The "logit lens" (nostalgebraist 2020, "interpreting GPT: the logit lens"), here for BERT. The head was
trained on the last layer alone; that it reads earlier layers at all is owed to the residual path, and what it
reads there is a hint, not the layer's opinion (Belrose et al. 2023, "Eliciting Latent Predictions").
"""

from typing import TYPE_CHECKING

from bert_explorer.analysis.masked_words import check_top_k, rank_tokens
from bert_explorer.results import LayerGuess

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


def guess_by_layer(engine: "Engine", text: str, *, mask: int = 0, top_k: int = 3) -> tuple[LayerGuess, ...]:
    """One entry a layer, the embedding output first; the last is the model's own answer."""
    check_top_k(top_k, engine.info.vocab_size)
    answer = engine.layer_logits(text, mask=mask)
    final_id = int(answer.logits[-1].argmax())
    guesses = []
    for layer, logits in enumerate(answer.logits):
        ranked = rank_tokens(logits, engine.vocabulary, answer.position, top_k=top_k, target_ids=[final_id])
        guesses.append(LayerGuess(layer, ranked.predictions, ranked.targets[0]))
    return tuple(guesses)
