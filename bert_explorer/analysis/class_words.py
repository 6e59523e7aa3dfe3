"""Which words push towards each class, over many texts: the mean of their scores, with counts.

Every text is explained for the class that the model gives to it, and its words are gathered under that class:

    mean score of w in class c = mean of the scores of all occurrences of w in the texts sorted into c

A word that stands in one text only tells about that text, so it is left out. Words are compared without
regard to capitals. What it does not show: words that would push, but stand in none of these texts.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.attention_words import Units, word_units
from bert_explorer.analysis.attributions import OCCLUSION, SCORERS, ranked_units
from bert_explorer.analysis.classification import gives_number
from bert_explorer.analysis.evidence import Asked, Progress
from bert_explorer.analysis.predictions import NUMBER
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.requests import ClassLogitsRequest
from bert_explorer.results import Capability, ClassSummary, ClassWords, ModelInfo, Target, WordPush

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

Text = tuple[str, str | None]  # a text, and its second text
MIN_TEXTS = 2  # that hold a word
MAX_TEXTS = 1_000


def summarize_classes(
    engine: "Engine",
    texts: Sequence[Text],
    *,
    method: str = OCCLUSION,
    progress: Progress | None = None,
) -> ClassSummary:
    """Words of each class, those that push most first. ``progress(done, total)`` after each text.

    For a model that gives a number, all texts are one class. Raises CapabilityError for models that give tags
    or answers, InputError for no text.
    """
    refuse_other_tasks(engine.info)
    check_texts(texts)
    scores: dict[str, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    for number, (asked, label) in enumerate(ask_predicted(engine, texts)):
        tokens = engine.tokenize(asked.text, asked.pair, truncate=True)
        units = word_units(tokens)
        row = SCORERS[method](engine, asked, tokens, units)
        counts[label] += 1
        for i in ranked_units(tokens, units, engine.info.mask_token):
            scores[label][plain_word(units, i)].append((number, float(row[i])))
        if progress is not None:
            progress(number + 1, len(texts))
    labels = (NUMBER,) if gives_number(engine.info) else engine.info.labels
    classes = [
        ClassWords(label, counts[label], _rank_words(scores[label])) for label in labels if counts[label]
    ]
    return ClassSummary(method, len(texts), tuple(classes))


def ask_predicted(engine: "Engine", texts: Sequence[Text]) -> list[tuple[Asked, str]]:
    """Of each text the prediction that the model makes, and the name of its class."""
    if gives_number(engine.info):
        return [(Asked(text, pair, Target(0), NUMBER, truncate=True), NUMBER) for text, pair in texts]
    labels = engine.info.labels
    requests = (ClassLogitsRequest(text, pair, truncate=True) for text, pair in texts)
    best = [int(np.argmax(logits)) for logits in engine.map(requests)]
    return [
        (Asked(text, pair, Target(i), labels[i], truncate=True), labels[i])
        for (text, pair), i in zip(texts, best, strict=True)
    ]


def plain_word(units: Units, index: int) -> str:
    """The word of a unit as words are counted: in small letters, without the marker of its beginning."""
    return units.names[index].lstrip("Ġ▁").casefold() or units.names[index]


def refuse_other_tasks(info: ModelInfo) -> None:
    """CapabilityError for a model that gives no class to a whole text."""
    if Capability.SEQUENCE_CLASSIFICATION not in info.capabilities:
        raise CapabilityError(
            f"'{info.name}' gives no class to a whole text, so there are no words of a class. Tags, answers "
            "and masked words belong to one place: explain them text by text."
        )


def check_texts(texts: Sequence[Text]) -> None:
    """InputError for none or too many."""
    if not texts:
        raise InputError("There is no held-out text to look at. Train with a held-out share above 0.")
    if len(texts) > MAX_TEXTS:
        raise InputError(f"There are {len(texts):,} texts; at most {MAX_TEXTS:,} are looked at. Take fewer.")


def _rank_words(scores: dict[str, list[tuple[int, float]]]) -> tuple[WordPush, ...]:
    """(text, score) of all occurrences by word."""
    words = [
        WordPush(
            word,
            mean=float(np.mean([score for _, score in found])),
            count=len(found),
            num_texts=len({number for number, _ in found}),
        )
        for word, found in scores.items()
    ]
    return tuple(sorted((item for item in words if item.num_texts >= MIN_TEXTS), key=lambda item: -item.mean))
