"""Four answers to "which words made the model say this?", on one scale: nats of evidence for one prediction.

With F the evidence (log-odds, see models/evidence) and x the vectors that the embeddings give to the tokens:

    gradient x input       sum_h x[t, h] dF / dx[t, h] (Denil et al. 2014; Shrikumar et al. 2017)
    integrated gradients   sum_h (x - x0)[t, h] integral of dF / dx[t, h] on the line from x0 to x; their sum
                           is F(x) - F(x0) (Sundararajan et al. 2017). x0 is the same text with [PAD] as
                           every word; special tokens, masks and positions stay
    occlusion              F of the text minus F of the text with [MASK] in the token's place, or without it
                           (Zeiler & Fergus 2014); of a word all its pieces at once
    rollout                the token's share in attention rollout (Abnar & Zuidema 2020), seen from [CLS] or
                           from the token that is asked about: it knows nothing of the prediction

Of a word the first two are sums over its pieces. Gradients say what a tiny change does, occlusion what is
missing without one word while all others stay: words that say the same twice look dispensable to it.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.attention_words import Units, merge_scores, token_units, word_units
from bert_explorer.analysis.evidence import Asked, ask_edits, ask_slopes, to_likelihood
from bert_explorer.analysis.integration import LineIntegral, integrate_line
from bert_explorer.analysis.predictions import find_asked
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.errors import InputError
from bert_explorer.models.evidence_requests import Baseline, TextEdit
from bert_explorer.results import Attributions, FloatArray, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Removal = Literal["mask", "delete"]
GRADIENT, INTEGRATED, OCCLUSION, ROLLOUT = "gradient-input", "integrated-gradients", "occlusion", "rollout"
METHODS = (GRADIENT, INTEGRATED, OCCLUSION, ROLLOUT)
TOLERANCE = 0.01  # of integrated gradients, relative to what they should sum to
MAX_POINTS = 1_025


def explain_text(
    engine: "Engine",
    text: str,
    pair: str | None = None,
    *,
    target: str | None = None,
    word: int | None = None,
    mask: int = 0,
    by_words: bool = True,
    baseline: Baseline = "pad",
    removal: Removal = "mask",
) -> Attributions:
    """Scores of all methods for one prediction (see ``find_asked`` for which).

    Raises CapabilityError for a model that predicts nothing, and the errors of ``find_asked``.
    """
    asked = find_asked(engine, text, pair, target=target, word=word, mask=mask)
    return explain(engine, asked, by_words=by_words, baseline=baseline, removal=removal)


def explain(
    engine: "Engine",
    asked: Asked,
    *,
    by_words: bool = True,
    baseline: Baseline = "pad",
    removal: Removal = "mask",
) -> Attributions:
    """The same for a prediction that is already found."""
    tokens = engine.tokenize(asked.text, asked.pair, truncate=asked.truncate)
    units = word_units(tokens) if by_words else token_units(tokens)
    inputs = multiply_gradient(engine, asked, tokens)
    integral = integrate_gradients(engine, asked, tokens, baseline=baseline)
    hidden = occlude(engine, asked, tokens, units, removal=removal)
    rollout = follow_attention(engine, asked)
    scores = [
        merge_scores(inputs, units),
        merge_scores(integral.values, units),
        hidden,
        merge_scores(rollout, units),
    ]
    evidence = integral.start + integral.change
    return Attributions(
        tokens=tokens,
        target=asked.target,
        name=asked.name,
        evidence=evidence,
        likelihood=float(to_likelihood(np.array(evidence), engine.info)),
        by_words=by_words,
        methods=METHODS,
        scores=np.stack(scores).astype(np.float32),
        change=integral.change,
        gap=integral.gap,
        num_points=integral.num_points,
    )


def units_of(found: Attributions) -> Units:
    """What the scores are about: words or tokens."""
    return word_units(found.tokens) if found.by_words else token_units(found.tokens)


def ranked_units(tokens: Tokens, units: Units, mask_token: str | None) -> list[int]:
    """Indices of the units that are part of the text: no special tokens, and no masks."""
    return [
        i
        for i, group in enumerate(units.groups)
        if not units.is_special[i] and all(tokens.tokens[place] != mask_token for place in group)
    ]


def multiply_gradient(engine: "Engine", asked: Asked, tokens: Tokens) -> NDArray[np.float64]:
    """(seq_len,) gradient times input."""
    slopes, _ = ask_slopes(engine, asked, [1.0], baseline="origin", seq_len=len(tokens))
    return np.asarray(slopes[0])


def integrate_gradients(
    engine: "Engine", asked: Asked, tokens: Tokens, *, baseline: Baseline, tolerance: float = TOLERANCE
) -> LineIntegral:
    """Integrated gradients (seq_len,), complete to ``tolerance`` or after MAX_POINTS points."""
    if baseline == "origin":
        raise InputError("Integrated gradients need a text to start from. Choose 'pad', 'mask' or 'zero'.")
    evaluate = partial(ask_slopes, engine, asked, baseline=baseline, seq_len=len(tokens))
    return integrate_line(evaluate, tolerance=tolerance, max_points=MAX_POINTS)


def occlude(
    engine: "Engine", asked: Asked, tokens: Tokens, units: Units, *, removal: Removal = "mask"
) -> FloatArray:
    """(num_units,) what the evidence loses without each unit; 0 for special tokens and masks.

    The unit that is asked about (the word of the tag) is hidden where it cannot be left out.
    """
    kept = ranked_units(tokens, units, engine.info.mask_token)
    edits = [_remove(units.groups[i], asked, removal) for i in kept]
    evidence = ask_edits(engine, asked, [TextEdit(), *edits], seq_len=len(tokens))
    scores = np.zeros(len(units), dtype=np.float32)
    scores[kept] = evidence[0] - evidence[1:]
    return scores


def _remove(group: tuple[int, ...], asked: Asked, removal: Removal) -> TextEdit:
    if removal == "mask" or asked.target.position in group:
        return TextEdit(hidden=group)
    return TextEdit(dropped=group)


def follow_attention(engine: "Engine", asked: Asked) -> FloatArray:
    """(seq_len,) shares of rollout after the last layer."""
    weights = engine.compact_attentions(asked.text, asked.pair).half_attentions
    row: FloatArray = compute_rollout(weights)[-1, asked.target.position or 0]
    return row


Scorer = Callable[["Engine", Asked, Tokens, Units], FloatArray]


def _score_gradient(engine: "Engine", asked: Asked, tokens: Tokens, units: Units) -> FloatArray:
    return merge_scores(multiply_gradient(engine, asked, tokens), units)


def _score_integrated(engine: "Engine", asked: Asked, tokens: Tokens, units: Units) -> FloatArray:
    return merge_scores(integrate_gradients(engine, asked, tokens, baseline="pad").values, units)


SCORERS: dict[str, Scorer] = {
    OCCLUSION: occlude,
    INTEGRATED: _score_integrated,
    GRADIENT: _score_gradient,
}
