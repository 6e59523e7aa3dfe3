"""Everything that one stop of the walk needs, asked for at once: traces, weights and differences."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bert_explorer.analysis.anatomy.order import Swap, compute_swap
from bert_explorer.analysis.anatomy.walk import (
    LayerTrace,
    TextTrace,
    WordTrace,
    check_position,
    require_blueprint,
    trace_layer,
    trace_text,
    trace_word,
)
from bert_explorer.analysis.attention import check_head
from bert_explorer.results import Blueprint, PartWeights, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

View = Literal["text", "positions", "order", "layer", "words"]


@dataclass(frozen=True)
class Scene:
    """A text traced through a model, with the parts that one ``View`` looks at; the others are None.

    ``token``, ``layer`` and ``head`` are what is followed, from 0. ``weights`` are those of the view's part.
    ``differences`` and ``absolutes`` compare the steps of the view with the model's own numbers.
    """

    trace: TextTrace
    blueprint: Blueprint
    vocabulary: tuple[str, ...] = field(repr=False)
    token: int
    layer: int
    head: int
    weights: PartWeights
    found: LayerTrace | None = None
    word: WordTrace | None = None
    swap: Swap | None = None
    differences: dict[str, float] = field(default_factory=dict)
    absolutes: dict[str, float] = field(default_factory=dict)

    @property
    def tokens(self) -> Tokens:
        return self.trace.tokens

    @property
    def largest_difference(self) -> float:
        """Over the view's steps, and the embeddings that all of them start from."""
        return max(self.trace.differences[0], *self.differences.values())

    @property
    def largest_absolute(self) -> float:
        """The same without measuring a difference by the largest number of its vector."""
        return max(self.trace.absolutes[0], *self.absolutes.values())


def set_scene(
    engine: "Engine", text: str, pair: str | None, view: View, *, layer: int, head: int, token: int
) -> Scene:
    """Trace the text and what the view shows of it.

    Raises CapabilityError for a family that is not described and for a model without word head, InputError
    for a layer, head or token that is not there, and the text's errors.
    """
    require_blueprint(engine)
    check_head(head, engine.info.num_heads)
    trace = trace_text(engine, text, pair)
    check_position(token, trace.tokens)
    found, word, swap = None, None, None
    if view == "layer":
        found = trace_layer(engine, trace, layer)
        weights = engine.weights("layer", layer=layer)
        differences, absolutes = found.differences, found.absolutes
    elif view == "words":
        word = trace_word(engine, trace, token)
        weights = engine.weights("words")
        differences, absolutes = word.differences, word.absolutes
    else:
        ids = trace.tokens.input_ids.tolist()
        weights = engine.weights("embeddings", token_ids=ids)
        differences = {"hidden_states": max(trace.differences)}
        absolutes = {"hidden_states": max(trace.absolutes)}
    if view == "order":
        swap = compute_swap(engine, trace, token, neighbour(token, len(trace.tokens)))
    return Scene(
        trace=trace,
        blueprint=require_blueprint(engine),
        vocabulary=engine.vocabulary,
        token=token,
        layer=layer,
        head=head,
        weights=weights,
        found=found,
        word=word,
        swap=swap,
        differences=differences,
        absolutes=absolutes,
    )


def neighbour(token: int, seq_len: int) -> int:
    """The place that a token swaps with: the next one, or of the last token the one before. 0 without any."""
    return token + 1 if token + 1 < seq_len else max(0, token - 1)
