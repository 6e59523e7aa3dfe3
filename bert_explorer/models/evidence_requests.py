"""Questions about one prediction: its evidence along a path of inputs and in edited copies of the text."""

from dataclasses import dataclass
from typing import Literal

from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.requests import Request, check_capability
from bert_explorer.results import Capability, ModelInfo, Target

Baseline = Literal["pad", "mask", "zero", "origin"]
BASELINES: tuple[Baseline, ...] = ("pad", "mask", "zero", "origin")
EXPLAINABLE = (
    Capability.SEQUENCE_CLASSIFICATION,
    Capability.TOKEN_CLASSIFICATION,
    Capability.QUESTION_ANSWERING,
    Capability.MASKED_LM,
)
FIRST = Target(0)
NUM_ENDS = 2  # of an answer: where it begins and where it ends


def explained_head(info: ModelInfo) -> Capability:
    """Which head's predictions are explained. CapabilityError where the model predicts nothing."""
    found = [capability for capability in EXPLAINABLE if capability in info.capabilities]
    if not found:
        raise CapabilityError(
            f"'{info.name}' predicts nothing that could be explained: it only turns texts into vectors. "
            "Choose a fine-tuned model, or one that guesses masked words."
        )
    return found[0]


class TokenLogitsRequest(Request):
    """Logits of every token: (seq_len, num_labels) of tags, or (seq_len, 2) of an answer's two ends."""

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if Capability.TOKEN_CLASSIFICATION not in info.capabilities:
            check_capability(Capability.QUESTION_ANSWERING, info)


@dataclass(frozen=True)
class EvidenceRequest(Request):
    """A question about the evidence for ``target`` (see evidence.py)."""

    target: Target = FIRST

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        head = explained_head(info)
        counts = {Capability.QUESTION_ANSWERING: NUM_ENDS, Capability.MASKED_LM: info.vocab_size}
        count = counts.get(head, len(info.labels))
        if not 0 <= self.target.index < count:
            raise InputError(
                f"There is no prediction {self.target.index}. Here they count from 0 to {count - 1}."
            )
        if (self.target.position is None) != (head == Capability.SEQUENCE_CLASSIFICATION):
            raise InputError(
                "A class is that of a whole text; a tag, an answer or a masked word stands at one token."
            )


@dataclass(frozen=True)
class PathGradientsRequest(EvidenceRequest):
    """Slopes at ``points`` of the straight line from a baseline (at 0) to the text (at 1).

    The line runs through the outputs of the embeddings. The baseline is the same text with [PAD], [MASK] or
    zeros as the word vectors of all but special tokens ("pad", "mask", "zero"; positions stay), or the origin
    of that space ("origin").
    """

    baseline: Baseline = "pad"
    points: tuple[float, ...] = (1.0,)

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if self.baseline not in BASELINES:
            raise InputError(
                f"There is no baseline '{self.baseline}'. Choose one of: {', '.join(BASELINES)}."
            )
        if self.baseline == "mask":
            check_mask(info)
        if not self.points:
            raise InputError("No point of the line is chosen. Choose at least one, from 0 to 1.")


@dataclass(frozen=True)
class TextEdit:
    """A copy of a text with masks at the positions ``hidden``, and without the tokens at ``dropped``."""

    hidden: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True)
class EditedCopiesRequest(EvidenceRequest):
    """The evidence in each edited copy: an array (num_edits,)."""

    edits: tuple[TextEdit, ...] = ()

    def check(self, info: ModelInfo, max_chars: int) -> None:
        super().check(info, max_chars)
        if not self.edits:
            raise InputError("No edit is chosen. Choose at least one.")
        if any(edit.hidden for edit in self.edits):
            check_mask(info)


def check_mask(info: ModelInfo) -> None:
    """CapabilityError for a model without a mask token."""
    if info.mask_token is None:
        raise CapabilityError(
            f"'{info.name}' has no mask token to hide words with. Choose another model for this."
        )
