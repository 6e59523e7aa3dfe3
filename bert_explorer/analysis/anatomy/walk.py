"""Asks an engine for weights, recomputes a text with them, and compares with the model's own numbers.

``trace_text`` goes from the embeddings through all layers, each from the recomputed output of the one below;
``trace_layer`` and ``trace_word`` then keep every step of the one part that is looked at. A difference is the
largest over all numbers of a step, as ``largest_difference`` measures it; ``absolutes`` beside it hold the
same without that measure, as ``largest_gap`` does.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from bert_explorer.analysis.anatomy.attention import attention_weights, join_heads
from bert_explorer.analysis.anatomy.blas import one_blas_thread
from bert_explorer.analysis.anatomy.embeddings import EmbeddingSteps, embed
from bert_explorer.analysis.anatomy.encoder import LayerSteps, compute_layer
from bert_explorer.analysis.anatomy.word_head import WordSteps, name_word
from bert_explorer.errors import InputError
from bert_explorer.models.memory import ResultMemory
from bert_explorer.results import Blueprint, FloatArray, IntArray, PartSteps, Tokens
from bert_explorer.settings import MB

if TYPE_CHECKING:
    from collections.abc import Callable

    from bert_explorer.models.engine import Engine

MAX_BYTES = 200 * MB  # of recomputed steps kept for all models, texts and people together
T = TypeVar("T")

_memory = ResultMemory(MAX_BYTES)
_owners: "WeakKeyDictionary[Engine, object]" = WeakKeyDictionary()  # so that no memory keeps a model alive


@dataclass(frozen=True)
class TextTrace:
    """One text from its token ids to the last hidden states.

    ``hidden_states`` is (num_layers + 1, seq_len, hidden_size), 0 the embedding output; ``differences[i]``
    compares ``hidden_states[i]`` with the model's.
    """

    tokens: Tokens
    segment_ids: IntArray
    embeddings: EmbeddingSteps
    hidden_states: FloatArray
    differences: tuple[float, ...]
    absolutes: tuple[float, ...]


@dataclass(frozen=True)
class LayerTrace:
    """All steps of one layer; ``differences`` by the names that the model layer gives its observations."""

    layer: int
    steps: LayerSteps
    differences: dict[str, float]
    absolutes: dict[str, float]


@dataclass(frozen=True)
class WordTrace:
    """The head's steps for the token at ``position``."""

    position: int
    steps: WordSteps
    differences: dict[str, float]
    absolutes: dict[str, float]


def trace_text(engine: "Engine", text: str, pair: str | None = None) -> TextTrace:
    """Recompute all layers. Raises CapabilityError for a family that is not described, and text errors."""
    return remember(engine, ("text", text, pair), lambda: _trace_text(engine, text, pair))


def trace_layer(engine: "Engine", trace: TextTrace, layer: int) -> LayerTrace:
    """The steps of ``layer`` (from 0) for a traced text."""
    key = ("layer", trace.tokens.text, trace.tokens.pair, layer)
    return remember(engine, key, lambda: _trace_layer(engine, trace, layer))


def trace_word(engine: "Engine", trace: TextTrace, position: int) -> WordTrace:
    """The head's steps for one token. CapabilityError without a head, InputError for no such position."""
    check_position(position, trace.tokens)
    key = ("word", trace.tokens.text, trace.tokens.pair, position)
    return remember(engine, key, lambda: _trace_word(engine, trace, position))


def check_position(position: int, tokens: Tokens) -> None:
    """InputError unless 0 <= position < seq_len."""
    if not 0 <= position < len(tokens):
        raise InputError(f"There is no token {position}. The text has the tokens 0 to {len(tokens) - 1}.")


def run_layers(engine: "Engine", blueprint: Blueprint, embedded: FloatArray) -> FloatArray:
    """(num_layers + 1, seq_len, hidden_size): the embedding output and what each layer makes of it."""
    states = [embedded]
    for layer in range(blueprint.num_layers):
        weights = engine.weights("layer", layer=layer)
        states.append(compute_layer(states[-1], weights, blueprint, layer).output)
    return np.stack(states)


def require_blueprint(engine: "Engine") -> Blueprint:
    """Raises CapabilityError where the family is not described."""
    if engine.blueprint is None:
        engine.weights("embeddings")  # refuses, and says why
    assert engine.blueprint is not None
    return engine.blueprint


def segment_ids_of(observed: PartSteps) -> IntArray:
    """(seq_len,) which text each token belongs to, as the network was told; zeros without segments."""
    given = observed.arrays.get("segment.input")
    return np.zeros(len(observed.tokens), dtype=np.int64) if given is None else given.astype(np.int64)


def largest_difference(ours: FloatArray, theirs: FloatArray) -> float:
    """``max |ours - theirs| / max(1, largest |theirs| of the same vector)`` of two arrays of one shape.

    float32 keeps seven digits, and some dimensions of a trained BERT reach 300, where the seventh digit is
    0.0001: so a vector (the last axis) is measured by its largest number, and absolutely where that is
    below 1. largest_difference([[100, 0]], [[100.02, 0.01]]) = 0.0002.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")
    size = np.maximum(1.0, np.abs(theirs).max(axis=-1, keepdims=True))
    return float((np.abs(ours - theirs) / size).max())


def largest_gap(ours: FloatArray, theirs: FloatArray) -> float:
    """``max |ours - theirs|``. largest_gap([[100, 0]], [[100.02, 0.01]]) = 0.02."""
    return float(np.abs(ours - theirs).max())


def _trace_text(engine: "Engine", text: str, pair: str | None) -> TextTrace:
    blueprint = require_blueprint(engine)
    observed = engine.steps(text, pair, part="embeddings")
    tokens, segments = observed.tokens, segment_ids_of(observed)
    weights = engine.weights("embeddings", token_ids=tokens.input_ids.tolist())
    embeddings = embed(tokens.input_ids, segments, weights, blueprint)
    states = run_layers(engine, blueprint, embeddings.output)
    theirs = engine.hidden_states(text, pair).hidden_states
    differences = tuple(largest_difference(*both) for both in zip(states, theirs, strict=True))
    absolutes = tuple(largest_gap(*both) for both in zip(states, theirs, strict=True))
    return TextTrace(tokens, segments, embeddings, states, differences, absolutes)


def _trace_layer(engine: "Engine", trace: TextTrace, layer: int) -> LayerTrace:
    blueprint = require_blueprint(engine)
    observed = engine.steps(trace.tokens.text, trace.tokens.pair, part="layer", layer=layer).arrays
    weights = engine.weights("layer", layer=layer)
    steps = compute_layer(trace.hidden_states[layer], weights, blueprint, layer)
    ours = comparable(steps, blueprint)
    return LayerTrace(layer, steps, compare(ours, observed), compare(ours, observed, largest_gap))


def _trace_word(engine: "Engine", trace: TextTrace, position: int) -> WordTrace:
    blueprint = require_blueprint(engine)
    tokens = trace.tokens
    observed = engine.steps(tokens.text, tokens.pair, part="words", position=position).arrays
    steps = name_word(trace.hidden_states[-1, position], engine.weights("words"), blueprint)
    ours = {"dense.output": steps.dense, "norm.output": steps.transformed, "decoder.output": steps.logits}
    return WordTrace(position, steps, compare(ours, observed), compare(ours, observed, largest_gap))


def comparable(steps: LayerSteps, blueprint: Blueprint) -> dict[str, FloatArray]:
    """Our arrays under the names of the model's observations. Rotated queries show in the attentions."""
    parts = steps.projections
    ours = {
        "attentions": attention_weights(parts),
        "attention_output.input": steps.mixed,
        "attention_output.output": steps.attention_output,
        "up.input": steps.read,
        "up.output": steps.up,
        "down.input": steps.active,
        "down.output": steps.down,
        "output": steps.output,
    }
    if blueprint.pre_norm:
        return ours | {"qkv.input": steps.attended, "output_norm.input": steps.middle}
    return ours | {
        "query.output": join_heads(parts.query),
        "key.output": join_heads(parts.key),
        "value.output": join_heads(parts.value),
        "attention_norm.input": steps.attention_sum,
        "attention_norm.output": steps.middle,
        "output_norm.input": steps.output_sum,
    }


def compare(
    ours: dict[str, FloatArray],
    observed: dict[str, FloatArray],
    measure: "Callable[[FloatArray, FloatArray], float]" = largest_difference,
) -> dict[str, float]:
    """The largest difference of each of our arrays from the model's of the same name."""
    return {name: measure(array, observed[name]) for name, array in ours.items()}


def remember(engine: "Engine", key: Hashable, compute: "Callable[[], T]") -> T:
    """``compute()``, or what it gave before for this engine and key if that is still in memory."""
    owner = _owners.setdefault(engine, object())
    known: Any = _memory.get(owner, key)
    if known is None:
        with one_blas_thread():
            known = compute()
        _memory.put(owner, key, known)
    return known  # type: ignore[no-any-return]  # the memory holds answers of all kinds
