"""Questions about the inside of a network: weights of one part, what its modules computed for a text."""

from dataclasses import dataclass
from typing import Literal

from bert_explorer.errors import CapabilityError
from bert_explorer.models.families import FAMILIES, NOT_YET
from bert_explorer.models.requests import HEAD_NAMES, Request, check_layers
from bert_explorer.results import Capability, ModelInfo

Part = Literal["embeddings", "layer", "words"]


@dataclass(frozen=True)
class WeightsRequest(Request):
    """The weights of one part of the network, whatever the text.

    ``layer`` is for the part "layer"; ``token_ids`` are the rows of the word table that come with the part
    "embeddings" (the whole table is large, and a text needs few of its rows).
    """

    text: str = ""
    part: Part = "layer"
    layer: int = 0
    token_ids: tuple[int, ...] = ()

    def check(self, info: ModelInfo, max_chars: int) -> None:  # noqa: ARG002 - there is no text to check
        check_part(self.part, self.layer, info)


@dataclass(frozen=True)
class StepsRequest(Request):
    """What the modules of one part took in and gave out; of the part "words", for one ``position``.

    The answer is large and looked at once, for comparison: the worker does not keep it.
    """

    part: Part = "layer"
    layer: int = 0
    position: int = 0

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        check_part(self.part, self.layer, info)


def check_part(part: Part, layer: int, info: ModelInfo) -> None:
    """CapabilityError for a family or model without the part; InputError for a layer that is not there."""
    if info.family in NOT_YET:
        raise not_shown_error(info, f"its family, {info.family}, {NOT_YET[info.family]}")
    if part == "words" and Capability.MASKED_LM not in info.capabilities:
        raise CapabilityError(
            f"'{info.name}' has no {HEAD_NAMES[Capability.MASKED_LM]}: its weights do not hold one. "
            "All its layers can be shown; for the last step choose a model that predicts words."
        )
    if part == "layer":
        check_layers((layer,), info.num_layers - 1, info)


def not_shown_error(info: ModelInfo, reason: str) -> CapabilityError:
    """Says why a model's inside is not recomputed, and which models' is."""
    return CapabilityError(
        f"The inside of '{info.name}' cannot be shown yet: {reason}, and that is not recomputed here. Every "
        f"other page works with it. Families that can be shown: "
        f"{', '.join(sorted(set(FAMILIES) - set(NOT_YET)))}."
    )
