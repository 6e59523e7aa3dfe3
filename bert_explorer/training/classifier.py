"""A checkpoint with a new classification head: opened, given rows, saved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from bert_explorer.errors import UnsupportedModelError
from bert_explorer.results import ModelInfo
from bert_explorer.training.data import LabelledTexts
from bert_explorer.training.encoder_head import label_names, load_with_head, renew_other_head


def load_classifier(folder: Path, info: ModelInfo, labels: Sequence[str]) -> PreTrainedModel:
    """The encoder in float32 with a head for ``labels``.

    The head is new and random, drawn from torch's generator, unless the checkpoint already is a
    classifier for these very labels. Raises BrokenModelError where weights of the encoder are missing.
    """
    model = load_with_head(
        AutoModelForSequenceClassification,
        folder,
        info,
        problem_type="single_label_classification",
        **label_names(tuple(labels)),
    )
    renew_other_head(model, info, "text-classification", labels)
    return model


def load_tokenizer(folder: Path, info: ModelInfo) -> PreTrainedTokenizerFast:
    """The fast tokenizer, freed of a padding or truncation that its file may prescribe."""
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UnsupportedModelError(
            f"'{info.name}' has a tokenizer without the fast format (tokenizer.json). Save it as a fast one."
        )
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.model_max_length = info.max_length
    return tokenizer


def tokenize(
    tokenizer: PreTrainedTokenizerFast, data: LabelledTexts, *, max_length: int
) -> tuple[list[dict[str, Any]], int]:
    """One dict a row: ``input_ids`` and what else the model reads, unpadded, and ``labels``, the class id.

    The second value is the number of rows of which the end was cut off.
    """
    return tokenize_texts(tokenizer, data.texts, data.pairs, data.label_ids.tolist(), max_length=max_length)


def tokenize_texts(
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    pairs: Sequence[str] | None,
    labels: Sequence[Any],
    *,
    max_length: int,
) -> tuple[list[dict[str, Any]], int]:
    """As ``tokenize``, with what ``labels`` hold for each text."""
    encoded = tokenizer(
        list(texts), list(pairs) if pairs is not None else None, truncation=True, max_length=max_length
    )
    tokenizer.backend_tokenizer.no_truncation()  # or it would be saved with the model
    features = [
        {**{name: encoded[name][row] for name in encoded}, "labels": labels[row]} for row in range(len(texts))
    ]
    return features, sum(bool(encoding.overflowing) for encoding in encoded.encodings or ())


def save_classifier(
    folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, card: str
) -> None:
    """Writes a folder that opens with plain transformers."""
    model.config._name_or_path = ""  # would tell where the user's home is
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(card, encoding="utf-8")
