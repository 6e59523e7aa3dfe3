"""The task "token-classification": a tag for every word, such as its part of speech or B-PER.

Follows Devlin et al. 2018, section 5.3: the tag of a word is read at its first piece; the other pieces are
left out of the loss. Words find their pieces by the tokenizer's character offsets, so that no family needs
a tokenizer that takes split words. What it does not do: forbid I- after O; the measure counts that as
seqeval does.
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from bert_explorer.results import IntArray, ModelInfo
from bert_explorer.training.course import follow
from bert_explorer.training.encoder_head import label_names, load_with_head, renew_other_head
from bert_explorer.training.examples import Examples
from bert_explorer.training.job import Job
from bert_explorer.training.metrics import softmax
from bert_explorer.training.predictions import HeldOutRow, HeldOutWord
from bert_explorer.training.recipe import Answers, Material, Recipe, in_file_order
from bert_explorer.training.review import find_suspects
from bert_explorer.training.scores import score_entities, score_tags
from bert_explorer.training.tagged_texts import OUTSIDE, TaggedText, TaggedTexts, read_tagged
from bert_explorer.training.task_report import complete_report

IGNORED = -100  # torch's mark of a token without a label
WORDS_BETWEEN_BLANKS = "words_between_blanks"  # in the model's config: how to find those of a new text
UNREAD = "(unread)"  # given to a word beyond max_length where no tag means "outside"
Tags = list[str]


def fine_tune(job: Job) -> dict[str, Any]:
    """See course.follow and task_report."""
    marks_entities = _marks_entities(job)
    return complete_report(job, follow(_recipe("entity_f1" if marks_entities else "accuracy"), job))


def _marks_entities(job: Job) -> bool:
    return read_tagged(job.run.filename, job.folder.read_upload()).marks_entities


def _load(folder: Path, info: ModelInfo, examples: Examples, _train: IntArray) -> PreTrainedModel:
    values = label_names(examples.labels) | {WORDS_BETWEEN_BLANKS: cast(TaggedTexts, examples).between_blanks}
    model = load_with_head(AutoModelForTokenClassification, folder, info, **values)
    renew_other_head(model, info, "token-classification", examples.labels)
    return model


def prepare(tokenizer: PreTrainedTokenizerFast, examples: Examples, max_length: int) -> Material:
    """One feature a text; words without a piece within ``max_length`` are not read."""
    rows = cast(TaggedTexts, examples).rows
    label_ids = {label: index for index, label in enumerate(examples.labels)}
    encoded = tokenizer(
        list(examples.texts), truncation=True, max_length=max_length, return_offsets_mapping=True
    )
    tokenizer.backend_tokenizer.no_truncation()  # or it would be saved with the model
    features, notes, num_truncated = [], [], 0
    for index, row in enumerate(rows):
        feature = {name: encoded[name][index] for name in encoded if name != "offset_mapping"}
        places = first_pieces(row, encoded["offset_mapping"][index])
        labels = [IGNORED] * len(feature["input_ids"])
        for word, place in places.items():
            labels[place] = label_ids[row.tags[word]]
        num_truncated += len(places) < len(row.tags)
        features.append({**feature, "labels": labels})
        notes.append(places)
    return Material(examples, features, np.arange(len(rows)), num_truncated, notes)


def first_pieces(row: TaggedText, offsets: list[tuple[int, int]]) -> dict[int, int]:
    """Word -> its first token. Some tokenizers count the blank before a word to its first piece."""
    places: dict[int, int] = {}
    word = 0
    for place, (start, end) in enumerate(offsets):
        while start < end and row.text[start].isspace():
            start += 1
        if start == end:
            continue  # a special token, or a blank alone
        while word < len(row.spans) and row.spans[word][1] <= start:
            word += 1
        if word < len(row.spans) and row.spans[word][0] <= start:
            places.setdefault(word, place)
    return places


def read_tags(answers: Answers) -> list[tuple[int, Tags, Tags]]:
    """(example, true tags, given tags) of all words; one that was not read is outside, or wrong."""
    examples = cast(TaggedTexts, answers.material.examples)
    unread = OUTSIDE if OUTSIDE in examples.labels else UNREAD
    tagged = []
    for index, feature, place in in_file_order(answers):
        true = list(examples.rows[index].tags)
        given = [unread] * len(true)
        for word, token in answers.material.notes[feature].items():
            given[word] = examples.labels[int(answers.outputs[place][token].argmax())]
        tagged.append((index, true, given))
    return tagged


def _judge(answers: Answers) -> dict[str, Any]:
    tagged = read_tags(answers)
    true, given = [row[1] for row in tagged], [row[2] for row in tagged]
    scores: dict[str, Any] = dict(score_tags(true, given))
    if cast(TaggedTexts, answers.material.examples).marks_entities:
        scores = score_entities(true, given) | {"accuracy": scores["accuracy"]}
    return scores


def _describe(answers: Answers) -> list[HeldOutRow]:
    examples = cast(TaggedTexts, answers.material.examples)
    words = _review_words(answers)
    return [
        HeldOutRow(
            line=examples.line_numbers[index],
            text=examples.texts[index],
            pair=None,
            true_label=" ".join(true),
            predicted_label=" ".join(given),
            probabilities=(),
            words=tuple(words[index, word] for word in range(len(true))),
        )
        for index, true, given in read_tags(answers)
    ]


def _review_words(answers: Answers) -> dict[tuple[int, int], HeldOutWord]:
    """(example, word) -> the word; suspected tags are found among all words that were read."""
    labels = answers.material.examples.labels
    read = [
        ((index, word), softmax(answers.outputs[place][token]))
        for index, feature, place in in_file_order(answers)
        for word, token in answers.material.notes[feature].items()
    ]
    rows = cast(TaggedTexts, answers.material.examples).rows
    true_ids = np.array([labels.index(rows[index].tags[word]) for (index, word), _ in read], dtype=np.int64)
    probabilities = np.array([values for _, values in read], dtype=np.float64).reshape(-1, len(labels))
    suspects = dict(find_suspects(probabilities, true_ids)) if read else {}
    place_of = {key: place for place, (key, _) in enumerate(read)}
    reviewed = {}
    for index, true, given in read_tags(answers):
        text = rows[index].text
        for word, (start, end) in enumerate(rows[index].spans):
            at = place_of.get((index, word))
            reviewed[index, word] = HeldOutWord(
                text[start:end],
                true[word],
                given[word],
                None if at is None else float(probabilities[at].max()),
                None if at is None else float(probabilities[at, true_ids[at]]),
                labels[suspects[at]] if at in suspects else None,
            )
    return reviewed


def _recipe(headline: str) -> Recipe:
    return Recipe(_load, prepare, _judge, _describe, headline, DataCollatorForTokenClassification)
