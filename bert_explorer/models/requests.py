"""The questions that an engine answers, as frozen values: equal questions are equal keys of its memory.

Each is checked against the model when it is submitted, before anything is computed, by ``check``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from bert_explorer.errors import CapabilityError, EmptyTextError, InputError, TextTooLongError
from bert_explorer.results import Capability, ModelInfo

Pooling = Literal["mean", "cls", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "cls", "max")
HEAD_NAMES = {
    Capability.MASKED_LM: "masked-word head",
    Capability.NEXT_SENTENCE: "next-sentence head",
    Capability.SEQUENCE_CLASSIFICATION: "head for classes of texts",
}


@dataclass(frozen=True)
class Request:
    """A question about one text, or a pair. Subclasses say what is asked."""

    text: str
    pair: str | None = None
    truncate: bool = False

    capability: ClassVar[Capability] = Capability.EMBEDDINGS

    def check(self, info: ModelInfo, max_chars: int) -> None:
        """Raises CapabilityError, EmptyTextError, TextTooLongError or InputError."""
        if self.capability not in info.capabilities:
            raise CapabilityError(
                f"'{info.name}' has no {HEAD_NAMES[self.capability]}: its weights do not hold one. "
                f"It can do: {', '.join(sorted(info.capabilities))}. Choose another model for this."
            )
        for number, text in (("text", self.text), ("second text", self.pair)):
            if text is not None and not text.strip():
                raise EmptyTextError(f"The {number} is empty. Type at least one word.")
            if text is not None and len(text) > max_chars:
                raise TextTooLongError(
                    f"The {number} has {len(text):,} characters; the limit is {max_chars:,}."
                )


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
        _check_layers(self.layers, info.num_layers - 1, info)


@dataclass(frozen=True)
class HiddenStatesRequest(Request):
    """Outputs of ``layers`` (0 is the embedding output), in that order."""

    layers: tuple[int, ...] = ()

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        _check_layers(self.layers, info.num_layers, info)


@dataclass(frozen=True)
class PooledRequest(Request):
    """One vector for the text: the mean, the maximum or the first of the layer's outputs."""

    layer: int = 0
    pooling: Pooling = "mean"

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        _check_layers((self.layer,), info.num_layers, info)
        if self.pooling not in POOLINGS:
            raise InputError(f"There is no pooling '{self.pooling}'. Choose one of: {', '.join(POOLINGS)}.")


def _check_layers(layers: Sequence[int], highest: int, info: ModelInfo) -> None:
    if not layers:
        raise InputError(f"No layer is chosen. '{info.name}' has the layers 0 to {highest}.")
    for layer in layers:
        if not 0 <= layer <= highest:
            raise InputError(f"'{info.name}' has no layer {layer}. Here layers count from 0 to {highest}.")
