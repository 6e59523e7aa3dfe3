"""What the command ``attention`` adds to the weights: rollout, value norms, and methods side by side.

Everything is over tokens, or over words where they are asked for (to a word: the sum, from it: the mean).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.attention_summaries import ranked_units
from bert_explorer.analysis.attention_words import Units, merge_scores, merge_units
from bert_explorer.analysis.rank_agreement import agreement, kendall, spearman
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.cli.output import format_columns
from bert_explorer.results import AttentionSummaries, ValueNorms

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

DECIMALS = 7  # of float32 no more are real


def rounded(values: NDArray[np.floating]) -> Any:
    """Nested lists of numbers."""
    return np.round(values.astype(np.float64), DECIMALS).tolist()


def rollout_json(engine: "Engine", text: str, pair: str | None, units: Units) -> Any:
    """[layer][query][key] of all layers."""
    return rounded(merge_units(compute_rollout(engine.attentions(text, pair).attentions), units))


def norms_json(norms: ValueNorms, units: Units) -> dict[str, Any]:
    """``vectors`` [layer][head][key] of each token, and ``mixed`` [layer][query][key] of all heads together.

    Norms of single tokens cannot be added up to norms of words: the vectors stay those of tokens.
    """
    return {"vectors": rounded(norms.vector_norms), "mixed": rounded(merge_units(norms.mixed_norms, units))}


def summaries_json(summaries: AttentionSummaries, units: Units) -> dict[str, Any]:
    """Scores by method, and the agreement of every two methods over the tokens that are ranked."""
    scores = merge_scores(summaries.scores, units)
    ranked = scores[:, ranked_units(units, summaries.position)]
    return {
        "prediction": summaries.prediction or None,
        "log_probability": summaries.log_probability,
        "position": summaries.position,
        "scores": {name: rounded(row) for name, row in zip(summaries.methods, scores, strict=True)},
        "methods": list(summaries.methods),
        "spearman": agreement(list(ranked), spearman),
        "kendall": agreement(list(ranked), kendall),
    }


def print_summaries(found: dict[str, Any], names: list[str]) -> str:
    """Scores as columns, and Spearman's rho below them."""
    methods = found["methods"]
    rows = [("TOKEN", *(name.upper() for name in methods))]
    for i, name in enumerate(names):
        rows.append((name, *(f"{found['scores'][method][i]:.4f}" for method in methods)))
    agree = [("SPEARMAN", *methods)]
    for method, values in zip(methods, found["spearman"], strict=True):
        agree.append((method, *("-" if value is None else f"{value:.2f}" for value in values)))
    what = f"Prediction: {found['prediction']}\n" if found["prediction"] else ""
    return f"{what}{format_columns(rows)}\n\n{format_columns(agree)}"
