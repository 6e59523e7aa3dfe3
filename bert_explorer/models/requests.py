"""The questions that an engine answers, as frozen values: equal questions are equal keys of its memory.

Each is checked against the model when it is submitted, before anything is computed, by ``check``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from bert_explorer.errors import CapabilityError, EmptyTextError, InputError, TextTooLongError
from bert_explorer.models.families import FAMILIES
from bert_explorer.results import Attention, Capability, ModelInfo

Heads = tuple[tuple[int, int], ...]  # (layer, head), both from 0
Pooling = Literal["mean", "cls", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "cls", "max")
HEAD_NAMES = {
    Capability.MASKED_LM: "masked-word head",
    Capability.NEXT_SENTENCE: "next-sentence head",
    Capability.SEQUENCE_CLASSIFICATION: "head for classes of texts",
    Capability.TOKEN_CLASSIFICATION: "head for tags of words",
    Capability.QUESTION_ANSWERING: "head for answers to questions",
    Capability.ATTENTIONS: "layer of attention",
}


@dataclass(frozen=True)
class Request:
    """A question about one text, or a pair. Subclasses say what is asked.

    The heads in ``ablated`` are switched off while it is answered, for this request alone.
    """

    text: str
    pair: str | None = None
    truncate: bool = False
    ablated: Heads = field(default=(), kw_only=True)

    capability: ClassVar[Capability] = Capability.EMBEDDINGS

    def __post_init__(self) -> None:
        object.__setattr__(self, "ablated", tuple(sorted(set(self.ablated))))  # equal sets, equal questions

    def check(self, info: ModelInfo, max_chars: int) -> None:
        """Raises CapabilityError, EmptyTextError, TextTooLongError or InputError."""
        check_capability(self.capability, info)
        for number, text in (("text", self.text), ("second text", self.pair)):
            if text is not None and not text.strip():
                raise EmptyTextError(f"The {number} is empty. Type at least one word.")
            if text is not None and len(text) > max_chars:
                raise TextTooLongError(
                    f"The {number} has {len(text):,} characters; the limit is {max_chars:,}."
                )
        if self.ablated:
            _check_heads(self.ablated, info)


class TokenizeRequest(Request):
    """Which tokens the text becomes."""


class MaskLogitsRequest(Request):
    """Vocabulary logits at the masks."""

    capability = Capability.MASKED_LM


class NextSentenceRequest(Request):
    """Whether ``pair`` followed ``text``."""

    capability = Capability.NEXT_SENTENCE


class ClassLogitsRequest(Request):
    """Logits of the classes."""

    capability = Capability.SEQUENCE_CLASSIFICATION


@dataclass(frozen=True)
class AttentionsRequest(Request):
    """Attention weights of ``layers`` (from 0), in that order."""

    layers: tuple[int, ...] = ()

    capability = Capability.ATTENTIONS

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        check_layers(self.layers, info.num_layers - 1, info)


class CompactAttentionsRequest(AttentionsRequest):
    """The same weights in half precision."""


class ValueNormsRequest(AttentionsRequest):
    """Norms of the vectors that the heads of ``layers`` mix."""

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if not FAMILIES[info.family].head_outputs:
            raise CapabilityError(
                f"The vectors that '{info.name}' mixes cannot be measured: its family, {info.family}, "
                "carries them through no projection of its own. Choose a model of another family."
            )


@dataclass(frozen=True)
class AttentionGradientsRequest(AttentionsRequest):
    """Attention times the gradient of a log probability: of the vocabulary entry ``target`` at the mask in
    ``position``, or, without a position, of the class ``target``.
    """

    target: int = 0
    position: int | None = None

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        needed = Capability.SEQUENCE_CLASSIFICATION if self.position is None else Capability.MASKED_LM
        check_capability(needed, info)
        if self.position is None and (info.problem_type == "regression" or len(info.labels) == 1):
            raise CapabilityError(
                f"'{info.name}' gives a number and not classes, so there is no class to ask about. "
                "Choose a model with two labels or more."
            )
        count = len(info.labels) if self.position is None else info.vocab_size
        if not 0 <= self.target < count:
            raise InputError(f"There is no prediction {self.target}. Here they count from 0 to {count - 1}.")


@dataclass(frozen=True)
class ReducedAttentionsRequest(AttentionsRequest):
    """What ``reduce`` makes of the attention weights, without keeping the weights themselves.

    For bulk work over many texts. ``reduce`` runs in the engine's thread: it is quick, and a function or
    a frozen dataclass, so that equal questions are equal. It gives plain values or arrays, never None.
    """

    reduce: Callable[[Attention], Any] = lambda attention: attention


@dataclass(frozen=True)
class HiddenTokensRequest(Request):
    """Log-probability (natural) of each token at ``positions``, all of them hidden behind masks at once."""

    positions: tuple[int, ...] = ()

    capability = Capability.MASKED_LM


@dataclass(frozen=True)
class MaskedCopy:
    """A copy of a text with masks over some tokens, and the one hidden token that is asked about.

    ``filled`` puts other tokens (position, token id) into the text before anything is hidden.
    """

    position: int
    hidden: tuple[int, ...] = ()  # besides ``position``
    filled: tuple[tuple[int, int], ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        """Every position that the copy names."""
        return (self.position, *self.hidden, *(position for position, _ in self.filled))


@dataclass(frozen=True)
class MaskedCopiesRequest(Request):
    """How likely each copy's hidden token is there, and which ``top_k`` tokens are likeliest.

    All copies of one request go through the model together: see ``Engine.score_copies`` for many.
    """

    copies: tuple[MaskedCopy, ...] = ()
    top_k: int = 1

    capability = Capability.MASKED_LM

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if not self.copies:
            raise InputError("No token is chosen to be hidden. Choose at least one.")
        filled = [token_id for copy in self.copies for _, token_id in copy.filled]
        _check_choices(info, self.top_k, filled)


@dataclass(frozen=True)
class CorruptedRequest(Request):
    """How likely the true tokens at ``positions`` are when the model reads others in their places.

    ``shown`` are the tokens that it reads, one for each position: [MASK], a random one, or the true one.
    The answer is a CopyScores with one entry a position.
    """

    positions: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    top_k: int = 1

    capability = Capability.MASKED_LM

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if not self.positions or len(self.positions) != len(self.shown):
            raise InputError(
                f"{len(self.positions)} tokens are chosen and {len(self.shown)} are shown in their places. "
                "Choose at least one, and show one for each."
            )
        _check_choices(info, self.top_k, self.shown)


@dataclass(frozen=True)
class LayerLogitsRequest(Request):
    """Vocabulary logits at mask number ``mask`` (from 0), read off every layer's output."""

    mask: int = 0

    capability = Capability.MASKED_LM


@dataclass(frozen=True)
class HeadGradientsRequest(Request):
    """d loss / d gate of every head, (num_layers, num_heads), at gates of 1 (0 for those in ``ablated``).

    With ``positions``, the loss is the mean of -log p of the tokens there, hidden as by
    HiddenTokensRequest. Without, it is -log p of the class with index ``label``, or of the class that the
    model itself finds likeliest.
    """

    positions: tuple[int, ...] = ()
    label: int | None = None

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        _check_heads(self.ablated, info)
        needed = Capability.MASKED_LM if self.positions else Capability.SEQUENCE_CLASSIFICATION
        check_capability(needed, info)
        if self.label is not None and not 0 <= self.label < len(info.labels):
            raise InputError(f"'{info.name}' has no class {self.label}. Here they count from 0.")


@dataclass(frozen=True)
class HiddenStatesRequest(Request):
    """Outputs of ``layers`` (0 is the embedding output), in that order."""

    layers: tuple[int, ...] = ()

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        check_layers(self.layers, info.num_layers, info)


@dataclass(frozen=True)
class TextsRequest:
    """A question about several texts at once, each read alone and cut at the model's limit.

    Texts that hold nothing to read are the asker's to find (see ``LengthsRequest``).
    """

    texts: tuple[str, ...]

    def check(self, info: ModelInfo, max_chars: int) -> None:  # noqa: ARG002 - subclasses need the model
        """Raises TextTooLongError or InputError."""
        for text in self.texts:
            if len(text) > max_chars:
                raise TextTooLongError(
                    f"A text has {len(text):,} characters; the limit is {max_chars:,}. "
                    f"It begins with '{text[:30]}'."
                )


class LengthsRequest(TextsRequest):
    """How many tokens each text has, special ones included, before any cut; 0 where nothing is to read."""


class WindowsRequest(TextsRequest):
    """The pieces of each text that the model can read one after the other."""


@dataclass(frozen=True)
class PooledRequest(TextsRequest):
    """One vector a text and layer: the mean, the maximum or the first of the layer's outputs."""

    layers: tuple[int, ...] = ()
    pooling: Pooling = "mean"

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        check_layers(self.layers, info.num_layers, info)
        if self.pooling not in POOLINGS:
            raise InputError(f"There is no pooling '{self.pooling}'. Choose one of: {', '.join(POOLINGS)}.")


AnyRequest = Request | TextsRequest


def check_capability(needed: Capability, info: ModelInfo) -> None:
    """CapabilityError that says what the model can do instead."""
    if needed not in info.capabilities:
        raise CapabilityError(
            f"'{info.name}' has no {HEAD_NAMES[needed]}: its weights do not hold one. "
            f"It can do: {', '.join(sorted(info.capabilities))}. Choose another model for this."
        )


def _check_heads(heads: Heads, info: ModelInfo) -> None:
    if not FAMILIES[info.family].head_outputs:
        raise CapabilityError(
            f"Heads of '{info.name}' cannot be switched off: its family, {info.family}, mixes their outputs "
            "in no projection of its own. Choose a model of another family."
        )
    for layer, head in heads:
        if not (0 <= layer < info.num_layers and 0 <= head < info.num_heads):
            raise InputError(
                f"'{info.name}' has no head {head} in layer {layer}. Here layers count from 0 to "
                f"{info.num_layers - 1} and heads from 0 to {info.num_heads - 1}."
            )


def _check_choices(info: ModelInfo, top_k: int, token_ids: Sequence[int]) -> None:
    if not 1 <= top_k <= info.vocab_size:
        raise InputError(f"top_k is {top_k}. Choose between 1 and {info.vocab_size:,}.")
    for token_id in token_ids:
        if not 0 <= token_id < info.vocab_size:
            raise InputError(f"'{info.name}' has no token {token_id}; they count from 0.")


def check_layers(layers: Sequence[int], highest: int, info: ModelInfo) -> None:
    if not layers:
        raise InputError(f"No layer is chosen. '{info.name}' has the layers 0 to {highest}.")
    for layer in layers:
        if not 0 <= layer <= highest:
            raise InputError(f"'{info.name}' has no layer {layer}. Here layers count from 0 to {highest}.")
