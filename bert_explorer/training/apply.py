"""Finished models of the tasks that give no single class, on new texts: label sets, numbers, tags, answers.

The same code reads texts and answers as in the training, so that a text gets here what it got there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from bert_explorer.errors import DataError
from bert_explorer.models.loader import LOAD_LOCK
from bert_explorer.results import FloatArray, ModelInfo
from bert_explorer.training.classifier import load_tokenizer, tokenize_texts
from bert_explorer.training.metrics import sigmoid, softmax
from bert_explorer.training.multi_label import join_labels
from bert_explorer.training.question_answering import (
    MISSING_ANSWERS,
    NO_ANSWER,
    best_span,
    context_offsets,
    encode_windows,
)
from bert_explorer.training.tagged_texts import OUTSIDE, TaggedText, find_words, to_entities
from bert_explorer.training.task_names import task_of
from bert_explorer.training.token_classification import WORDS_BETWEEN_BLANKS, first_pieces

BATCH_SIZE = 32
Answer = tuple[str, float | None]  # what is predicted, and how sure the model is
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Opened:
    """A finished model, ready to be asked."""

    info: ModelInfo
    tokenizer: PreTrainedTokenizerFast
    model: PreTrainedModel

    def outputs(
        self, features: Sequence[Mapping[str, Any]], progress: Progress | None
    ) -> Iterator[tuple[FloatArray, ...]]:
        """What the model gives for each feature, still padded to the longest of its batch."""
        collate = DataCollatorWithPadding(self.tokenizer)
        for start in range(0, len(features), BATCH_SIZE):
            batch = collate([dict(feature) for feature in features[start : start + BATCH_SIZE]])
            with torch.inference_mode():
                arrays = [array.float().numpy() for array in self.model(**batch).to_tuple()]
            yield from zip(*arrays, strict=True)
            if progress is not None:
                progress(min(start + BATCH_SIZE, len(features)), len(features))


def predict_texts(
    folder: Path,
    info: ModelInfo,
    texts: Sequence[str],
    pairs: Sequence[str] | None = None,
    *,
    progress: Progress | None = None,
) -> list[Answer]:
    """One answer a text. A label set is as sure as its least sure label, tags as their least sure word.

    Of a question (in ``texts``) and its context (in ``pairs``) the probability is that of the span in its
    window; a number has none. ``progress(done, total)`` is called after each batch. Raises DataError for
    questions without contexts.

    Where the words of the training came from columns, those of a new text are what stands between blanks:
    put blanks around its marks as well.
    """
    auto_class, read = READERS[task_of(info)]
    with LOAD_LOCK:  # several pages may ask at once
        tokenizer = load_tokenizer(folder, info)
        model = auto_class.from_pretrained(
            folder, dtype="float32", use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
    return read(_Opened(info, tokenizer, model), list(texts), pairs, progress)


def _predict_label_sets(
    opened: _Opened, texts: list[str], pairs: Sequence[str] | None, progress: Progress | None
) -> list[Answer]:
    answers: list[Answer] = []
    for (logits,) in opened.outputs(_features(opened, texts, pairs), progress):
        probabilities = sigmoid(logits)
        certainty = float(np.maximum(probabilities, 1 - probabilities).min())
        answers.append((join_labels(probabilities, opened.info.labels), certainty))
    return answers


def _predict_numbers(
    opened: _Opened, texts: list[str], pairs: Sequence[str] | None, progress: Progress | None
) -> list[Answer]:
    outputs = opened.outputs(_features(opened, texts, pairs), progress)
    return [(f"{float(logits[0]):.4g}", None) for (logits,) in outputs]


def _features(opened: _Opened, texts: list[str], pairs: Sequence[str] | None) -> list[dict[str, Any]]:
    limit = opened.info.max_length
    features, _ = tokenize_texts(opened.tokenizer, texts, pairs, [None] * len(texts), max_length=limit)
    return [{name: value for name, value in feature.items() if name != "labels"} for feature in features]


def _predict_tags(
    opened: _Opened, texts: list[str], _pairs: Sequence[str] | None, progress: Progress | None
) -> list[Answer]:
    tokenizer, info = opened.tokenizer, opened.info
    between_blanks = bool(getattr(opened.model.config, WORDS_BETWEEN_BLANKS, False))
    encoded = tokenizer(texts, truncation=True, max_length=info.max_length, return_offsets_mapping=True)
    offsets = encoded.pop("offset_mapping")
    tokenizer.backend_tokenizer.no_truncation()
    features = [{name: encoded[name][row] for name in encoded} for row in range(len(texts))]
    answers = []
    for row, (logits,) in enumerate(opened.outputs(features, progress)):
        words = find_words(texts[row], between_blanks=between_blanks)
        places = first_pieces(TaggedText(texts[row], words, (OUTSIDE,) * len(words), 0), offsets[row])
        chosen = softmax(logits[list(places.values())])
        tags = [OUTSIDE] * len(words)
        for word, probabilities in zip(places, chosen, strict=True):
            tags[word] = info.labels[int(probabilities.argmax())]
        certainty = float(chosen.max(axis=-1).min()) if len(chosen) else None
        answers.append((describe_tags(texts[row], words, tags), certainty))
    return answers


def describe_tags(text: str, words: Sequence[tuple[int, int]], tags: Sequence[str]) -> str:
    """Names with their kind where there are such marks, else every word with its tag.

    >>> describe_tags("Ada Lovelace wrote", [(0, 3), (4, 12), (13, 18)], ["B-PER", "I-PER", "O"])
    'Ada Lovelace [PER]'
    """
    if all(tag == OUTSIDE or tag[:2] in ("B-", "I-") for tag in tags):
        entities = sorted(to_entities(tags), key=lambda entity: entity[1])
        return "; ".join(
            f"{text[words[first][0] : words[last][1]]} [{kind}]" for kind, first, last in entities
        )
    return " ".join(f"{text[start:end]}/{tag}" for (start, end), tag in zip(words, tags, strict=True))


def _predict_answers(
    opened: _Opened, texts: list[str], pairs: Sequence[str] | None, progress: Progress | None
) -> list[Answer]:
    if pairs is None:
        raise DataError("This model answers questions from texts: name the column of the texts (--pair).")
    contexts, tokenizer = list(pairs), opened.tokenizer
    encoded = encode_windows(tokenizer, texts, contexts, opened.info.max_length)
    owners = encoded["overflow_to_sample_mapping"]
    names = [name for name in tokenizer.model_input_names if name in encoded]
    features = [{name: encoded[name][index] for name in names} for index in range(len(owners))]
    may_be_silent = bool(getattr(opened.model.config, MISSING_ANSWERS, False))
    best: dict[int, tuple[float, str, float]] = {}
    for index, outputs in enumerate(opened.outputs(features, progress)):
        offsets = context_offsets(encoded, index)
        starts, ends = (array[: len(offsets)] for array in outputs[:2])
        answer = read_window(starts, ends, offsets, contexts[owners[index]], may_be_silent=may_be_silent)
        best[owners[index]] = max(best.get(owners[index], (-np.inf, "", 0.0)), answer)
    return [(best[row][1], best[row][2]) for row in range(len(texts))]


def read_window(
    starts: FloatArray,
    ends: FloatArray,
    offsets: list[tuple[int, int] | None],
    context: str,
    *,
    may_be_silent: bool,
) -> tuple[float, str, float]:
    """Score, text and probability of a window's best answer, which is "" where its first token is better.

    The probability is that of beginning at its first and ending at its last token, chosen apart.
    """
    score, span, (first, last) = best_span(starts, ends, offsets)
    if span is None or (may_be_silent and score <= 0):
        span, (first, last) = (0, 0), NO_ANSWER
    certainty = float(softmax(starts)[first] * softmax(ends)[last])
    return score, context[span[0] : span[1]].strip(), certainty


READERS: dict[str, tuple[Any, Callable[..., list[Answer]]]] = {
    "token-classification": (AutoModelForTokenClassification, _predict_tags),
    "question-answering": (AutoModelForQuestionAnswering, _predict_answers),
    "multi-label": (AutoModelForSequenceClassification, _predict_label_sets),
    "regression": (AutoModelForSequenceClassification, _predict_numbers),
}
