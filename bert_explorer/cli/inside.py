"""The command ``inside``."""

from typing import TYPE_CHECKING, Any

import click
import numpy as np

from bert_explorer.cli.output import format_columns, json_option, model_option, write_result
from bert_explorer.results import Capability, FloatArray

if TYPE_CHECKING:
    from bert_explorer.analysis.anatomy.walk import LayerTrace, TextTrace, WordTrace

DECIMALS = 7  # of float32 no more are real
TOP_K = 10


@click.command()
@click.argument("text")
@click.option("--pair", metavar="TEXT", help="A second text, read after the first one.")
@click.option("--layer", type=int, default=0, show_default=True, metavar="L", help="The layer, from 0.")
@click.option("--head", type=int, default=0, show_default=True, metavar="H", help="The head, from 0.")
@click.option("--token", type=int, default=1, show_default=True, metavar="T", help="The token, from 0.")
@model_option
@json_option
def inside(text: str, pair: str | None, layer: int, head: int, token: int, model: str, as_json: bool) -> None:
    """Follow one token of TEXT through one layer and head, recomputed from the weights.

    With --json "steps" holds every vector of the token; "keys" and "values" are nested [token][dimension],
    "scores" and "weights" have one number a token. "words" is empty for a model without a masked-word head.
    "largest_difference" compares all numbers with the model's own, each vector by its largest number;
    "largest_absolute_difference" compares them as they stand.

    Example: inside "He drank a glass of [MASK]." --layer 2 --head 0 --token 6
    """
    from bert_explorer.analysis.anatomy.walk import check_position, trace_layer, trace_text, trace_word
    from bert_explorer.analysis.attention import check_head
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        check_head(head, engine.info.num_heads)
        trace = trace_text(engine, text, pair)
        check_position(token, trace.tokens)
        found = trace_layer(engine, trace, layer)
        named = Capability.MASKED_LM in engine.info.capabilities
        word = trace_word(engine, trace, token) if named else None
        words = _best_words(word, engine.vocabulary) if word is not None else []
    differences = found.differences | (word.differences if word is not None else {})
    largest = max(*trace.differences, *differences.values())
    gaps = found.absolutes | (word.absolutes if word is not None else {})
    steps = {name: _to_list(array) for name, array in token_steps(trace, found, head, token).items()}
    result = {
        "tokens": list(trace.tokens.tokens),
        "layer": layer,
        "head": head,
        "token": token,
        "steps": steps,
        "words": words,
        "differences": {"hidden_states": list(trace.differences)} | differences,
        "largest_difference": largest,
        "largest_absolute_difference": max(*trace.absolutes, *gaps.values()),
    }
    write_result(result, _print_walk(result, found), as_json=as_json)


def token_steps(trace: "TextTrace", found: "LayerTrace", head: int, token: int) -> dict[str, FloatArray]:
    """Every vector of one token on its way, and the keys and values that it meets in one head."""
    from bert_explorer.analysis.anatomy.attention import attention_scores, attention_weights

    steps, parts = found.steps, found.steps.projections
    embeddings = {"word": trace.embeddings.word[token]}
    for name in ("position", "segment"):
        table = getattr(trace.embeddings, name)
        if table is not None:
            embeddings[name] = table[token]
    return embeddings | {
        "embedding": trace.embeddings.output[token],
        "input": steps.x[token],
        "query": parts.query[head, token],
        "keys": parts.key[head],
        "values": parts.value[head],
        "scores": attention_scores(parts)[head, token],
        "weights": attention_weights(parts)[head, token],
        "mixed": steps.mixed[token],
        "attention_output": steps.attention_output[token],
        "middle": steps.middle[token],
        "up": steps.up[token],
        "active": steps.active[token],
        "down": steps.down[token],
        "output": steps.output[token],
    }


def _best_words(word: "WordTrace", vocabulary: tuple[str, ...]) -> list[dict[str, Any]]:
    logs = word.steps.log_probabilities
    best = np.argsort(-logs, kind="stable")[:TOP_K]
    return [{"token": vocabulary[i], "probability": float(np.exp(logs[i]))} for i in best]


def _to_list(array: FloatArray) -> Any:
    """JSON knows no infinity: a score of -inf (outside a local layer's window) becomes null."""
    rounded = np.round(array.astype(np.float64), DECIMALS).astype(object)
    rounded[~np.isfinite(array)] = None
    return rounded.tolist()


def _print_walk(result: dict[str, Any], found: "LayerTrace") -> str:
    from bert_explorer.plots.labels import format_token

    tokens = [format_token(token) for token in result["tokens"]]
    steps = result["steps"]
    rows = [("TOKEN", "SCORE", "WEIGHT")]
    for name, score, weight in zip(tokens, steps["scores"], steps["weights"], strict=True):
        rows.append((name, "masked" if score is None else f"{score:.3f}", f"{weight:.3f}"))
    lengths = [("STEP", "NUMBERS", "LENGTH")]
    for name, values in steps.items():
        if name not in ("keys", "values", "scores", "weights"):
            lengths.append((name, str(len(values)), f"{np.linalg.norm(values):.3f}"))
    title = f"'{tokens[result['token']]}' in layer {found.layer}, head {result['head']} (counted from 0)"
    parts = [f"{title}\n{format_columns(rows)}", format_columns(lengths)]
    if result["words"]:
        words = [(format_token(item["token"]), f"{item['probability']:.2%}") for item in result["words"]]
        parts.append(f"Words at its place\n{format_columns(words)}")
    parts.append(
        f"Largest difference from the model's own numbers: {result['largest_absolute_difference']:.1e}, "
        f"measured by the largest number of the same vector {result['largest_difference']:.1e}"
    )
    return "\n\n".join(parts)
