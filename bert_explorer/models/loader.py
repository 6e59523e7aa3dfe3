"""From a checked folder to a network and a tokenizer in memory, float32, ready for one thread.

``from_pretrained`` is not thread-safe, so loads take turns. Only safetensors are opened, no code that came
with a model runs, and a checkpoint that lacks a weight is refused rather than filled with random numbers.
"""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from bert_explorer.errors import BrokenModelError, OutOfMemoryError, SettingsError, UnsupportedModelError
from bert_explorer.models.attention import RECORDING
from bert_explorer.models.families import FAMILIES, name_in
from bert_explorer.models.weights import read_weights
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.settings import Settings

logger = logging.getLogger(__name__)

LOAD_LOCK = threading.Lock()
CLASS_HEAD_LOADERS = {
    Capability.SEQUENCE_CLASSIFICATION: "AutoModelForSequenceClassification",
    Capability.TOKEN_CLASSIFICATION: "AutoModelForTokenClassification",
    Capability.QUESTION_ANSWERING: "AutoModelForQuestionAnswering",
}
LOAD_ERRORS = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    IndexError,
)


@dataclass(frozen=True)
class LoadedModel:
    """A network and its tokenizer, to be given to one engine and used by its thread alone."""

    info: ModelInfo
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    device: torch.device
    num_bytes: int  # of the weights in memory, shared ones counted once


def load_model(folder: Path, info: ModelInfo, settings: Settings) -> LoadedModel:
    """Load the checkpoint that inspection has checked and described, with all its heads at once.

    Raises BrokenModelError where its parts do not fit each other, and OutOfMemoryError where the device
    has too little memory.
    """
    device = choose_device(settings.device)
    with LOAD_LOCK:
        _quiet_transformers()
        tokenizer = _load_tokenizer(folder, info)
        try:
            network = _load_network(folder, info)
            network.to(device)  # type: ignore[arg-type]  # transformers wraps torch's method and loses its types
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise OutOfMemoryError(
                f"There is too little memory for '{info.name}' ({info.num_parameters:,} parameters). "
                "Close other models or choose a smaller one."
            ) from error
    network.train(False).requires_grad_(False)
    num_bytes = sum(weight.nbytes for weight in {id(item): item for item in network.parameters()}.values())
    return LoadedModel(replace(info, mask_token=tokenizer.mask_token), network, tokenizer, device, num_bytes)


def choose_device(setting: str) -> torch.device:
    """The device for 'auto', 'cpu', 'cuda' or 'mps'. Raises SettingsError where it is not there."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if setting == "auto":
        return torch.device(next(name for name, here in present.items() if here))
    if not present[setting]:
        raise SettingsError(
            f"BERT_EXPLORER_DEVICE is '{setting}', and torch finds no such device on this machine. "
            "Use 'auto' or 'cpu', or install the build of torch for this device."
        )
    return torch.device(setting)


def _load_tokenizer(folder: Path, info: ModelInfo) -> PreTrainedTokenizerFast:
    """The fast tokenizer, whose ids all have a row in the word embeddings."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        highest = max(tokenizer.get_vocab().values())
    except LOAD_ERRORS as error:
        raise BrokenModelError(
            f"The tokenizer of '{info.name}' cannot be read: {_first_line(error)}"
        ) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UnsupportedModelError(
            f"'{info.name}' has a tokenizer without the fast format (tokenizer.json). Save it as a fast one."
        )
    if highest >= info.vocab_size:
        raise BrokenModelError(
            f"The tokenizer of '{info.name}' uses ids up to {highest:,} and the model has "
            f"{info.vocab_size:,} embeddings. They belong to different models: copy the whole model again."
        )
    return tokenizer


def _load_network(folder: Path, info: ModelInfo) -> PreTrainedModel:
    family = FAMILIES[info.family]
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if name_in("lm_predictions.lm_head.dense.weight", read_weights(folder).names):
            config.legacy = False  # DeBERTa-v3's head; its configs do not say so
        network, report = getattr(transformers, _auto_class(info.capabilities)).from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            attn_implementation="eager" if family.attention_dropout else RECORDING,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except torch.OutOfMemoryError:
        raise
    except LOAD_ERRORS as error:
        raise BrokenModelError(f"'{info.name}' cannot be loaded: {_first_line(error)}") from error
    _refuse_random_weights(info, report)
    assert isinstance(network, PreTrainedModel)
    return network


def _auto_class(capabilities: frozenset[Capability]) -> str:
    """The class that holds all heads of the checkpoint over one set of weights."""
    for capability, name in CLASS_HEAD_LOADERS.items():
        if capability in capabilities:
            return name
    masked, next_sentence = (
        capability in capabilities for capability in (Capability.MASKED_LM, Capability.NEXT_SENTENCE)
    )
    if masked and next_sentence:
        return "AutoModelForPreTraining"
    if next_sentence:
        return "AutoModelForNextSentencePrediction"
    return "AutoModelForMaskedLM" if masked else "AutoModel"


def _refuse_random_weights(info: ModelInfo, report: dict[str, Any]) -> None:
    """transformers fills what is missing with random numbers; only an unused pooler may be missing."""
    missing = sorted(name for name in report["missing_keys"] if "pooler." not in name)
    if (
        Capability.SEQUENCE_CLASSIFICATION in info.capabilities
        or Capability.NEXT_SENTENCE in info.capabilities
    ):
        missing = sorted(report["missing_keys"])
    if missing:
        raise BrokenModelError(
            f"'{info.name}' lacks {len(missing)} weights, '{missing[0]}' first. Copy the whole model again."
        )


def _quiet_transformers() -> None:
    """Its warnings on loading (unused heads, missing poolers) are checked here and raised as errors."""
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(error: BaseException) -> str:
    """What happened, in one line: transformers' messages go on for paragraphs."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
