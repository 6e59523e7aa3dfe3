"""Four answers to "which tokens matter here?", side by side, because they disagree.

For one token (the mask that is predicted, or [CLS] for a class) each method scores every token j:

    mean       A[i, j], the mean over all layers and heads
    rollout    R[i, j] after the last layer (Abnar & Zuidema 2020), see rollout.py
    norms      the share of j in the row of ``|sum_h A[h, i, j] f_h(x_j)|``, the mean over the layers:
               attention weighted by the vectors that it mixes (Kobayashi et al. 2020)
    gradients  sum over layers, heads and all queries of A[q, j] d log p / d A[q, j]: how many nats, to
               first order, the prediction would lose if no weight led to j; negative where j speaks
               against it

The first three are shares and know nothing of a prediction; the fourth knows only this one. None of them is
"the" explanation (Jain & Wallace 2019): agreement between them is what a reader may lean on.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.attention_words import Units
from bert_explorer.analysis.classification import gives_number, refuse_numbers
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.results import AttentionSummaries, Capability, FloatArray, ValueNorms

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MEAN, ROLLOUT, NORMS, GRADIENTS = "mean", "rollout", "norms", "gradients"
METHODS = (MEAN, ROLLOUT, NORMS, GRADIENTS)


@dataclass(frozen=True)
class Prediction:
    """What is asked about: ``target`` at the mask in ``position``, or, without one, the class ``target``."""

    name: str
    target: int
    position: int | None = None


def compute_summaries(
    engine: "Engine", text: str, pair: str | None = None, *, mask: int = 0, target: str | None = None
) -> AttentionSummaries:
    """Scores of all methods for one prediction.

    A text with a mask asks a masked language model about its mask number ``mask`` (from 0) and the word
    ``target``; any other text asks a classifier about the class ``target``. Without a target it is what the
    model finds likeliest. A model that predicts neither gets the first three methods, seen from position 0.
    Raises the errors of ``predict_masks``, and InputError for a class or a mask that does not exist.
    """
    prediction = find_prediction(engine, text, pair, mask=mask, target=target)
    attentions = engine.compact_attentions(text, pair)
    position = 0 if prediction is None or prediction.position is None else prediction.position
    weights = attentions.half_attentions
    scores = {
        MEAN: weights[:, :, position].mean(axis=(0, 1), dtype=np.float64),
        ROLLOUT: compute_rollout(weights)[-1, position],
        NORMS: norm_shares(engine.value_norms(text, pair))[:, position].mean(axis=0),
    }
    log_probability = None
    if prediction is not None:
        found = engine.attention_gradients(text, pair, target=prediction.target, position=prediction.position)
        scores[GRADIENTS] = found.products.sum(axis=(0, 1, 2), dtype=np.float64)
        log_probability = found.log_probability
    return AttentionSummaries(
        attentions.tokens,
        tuple(scores),
        np.stack(list(scores.values())).astype(np.float32),
        position,
        "" if prediction is None else prediction.name,
        log_probability,
    )


def ranked_units(units: Units, position: int) -> list[int]:
    """Indices of the units whose ranks are compared: no special tokens, and not the one asked from.

    Rollout gives that one a large share by its own definition.
    """
    return [i for i, group in enumerate(units.groups) if not units.is_special[i] and position not in group]


def norm_shares(norms: ValueNorms) -> FloatArray:
    """(layers, query, key): each row of the mixed norms divided by its sum, so that layers compare."""
    sums = norms.mixed_norms.sum(axis=-1, keepdims=True)
    shares: FloatArray = np.divide(
        norms.mixed_norms, sums, out=np.zeros_like(norms.mixed_norms), where=sums > 0
    )
    return shares


def find_prediction(
    engine: "Engine", text: str, pair: str | None = None, *, mask: int = 0, target: str | None = None
) -> Prediction | None:
    """The prediction that ``compute_summaries`` asks about; None where the model makes none here."""
    abilities = engine.info.capabilities
    if gives_number(engine.info):
        if target is not None:
            refuse_numbers(engine.info)
        return None
    if Capability.SEQUENCE_CLASSIFICATION in abilities:
        return _find_class(engine, text, pair, target)
    if Capability.MASKED_LM not in abilities or not _has_mask(engine, text, pair):
        if target is not None:
            raise CapabilityError(
                f"'{engine.info.name}' predicts nothing here that could be '{target}'. Put [MASK] into the "
                "text for a model that predicts masked words, or choose a model with classes."
            )
        return None
    return _find_word(engine, text, pair, mask, target)


def _find_word(engine: "Engine", text: str, pair: str | None, mask: int, target: str | None) -> Prediction:
    targets = () if target is None else (target,)
    masks = predict_masks(engine, text, pair=pair, top_k=1, targets=targets).masks
    if not 0 <= mask < len(masks):
        raise InputError(f"There is no mask {mask + 1}. The text has {len(masks)}.")
    chosen = masks[mask]
    word = (chosen.targets or chosen.predictions)[0]
    return Prediction(word.token, word.token_id, chosen.position)


def _find_class(engine: "Engine", text: str, pair: str | None, target: str | None) -> Prediction:
    labels = engine.info.labels
    if target is None:
        index = int(engine.class_logits(text, pair).argmax())
        return Prediction(labels[index], index)
    if target not in labels:
        raise InputError(f"There is no class '{target}'. The model has: {', '.join(labels)}.")
    return Prediction(target, labels.index(target))


def _has_mask(engine: "Engine", text: str, pair: str | None) -> bool:
    token = engine.info.mask_token
    return any(name == token for name in engine.tokenize(text, pair).tokens)
