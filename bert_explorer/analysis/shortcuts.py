"""Words whose mere presence decides: take them out, or put them in front, and see whether the class changes.

    lost   of the texts of class c that hold the word, how many get another class without it
    won    of texts of other classes, how many get class c with the word in front of them

over held-out texts, where "class" is what the model says, not what is right: a shortcut is a habit of the
model. Which words are tried follows from the first part: those of each class that lose most, and of those
that lose equally much the ones whose class becomes least likely without them. The control puts words in front
that are drawn by chance from the same texts: a word that wins no more often than these is none.

What it does not show: pairs of words that only work together, and whether the habit is wrong. A word may well
be a good reason (cf. Wang & Culotta 2020 on spurious words).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bert_explorer.analysis.attention_words import Units
from bert_explorer.analysis.class_words import MIN_TEXTS, Text, check_texts, plain_word, refuse_other_tasks
from bert_explorer.analysis.classification import gives_number, to_probabilities
from bert_explorer.analysis.evidence import Progress
from bert_explorer.analysis.predictions import ordinary_words
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.requests import ClassLogitsRequest
from bert_explorer.results import Flip, ModelInfo, Shortcut, ShortcutReport, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

NUM_WORDS = 10  # tried for each class
NUM_OTHERS = 40  # texts of other classes that a word is put in front of
NUM_EXAMPLES = 3
BATCH = 32  # questions between two looks at the progress


def find_shortcuts(
    engine: "Engine", texts: Sequence[Text], *, seed: int = 0, progress: Progress | None = None
) -> ShortcutReport:
    """Words of each class with how often they decide, those that win and lose most first.

    ``progress(done, total)`` counts questions, once it is known how many there are at most. Raises
    CapabilityError for models without classes that exclude each other, InputError for no text or a single
    predicted class.
    """
    refuse_without_classes(engine.info)
    check_texts(texts)
    work = _Work(engine, texts, progress)
    predicted = [int(row.argmax()) for row in work.ask(list(texts))]
    if len(set(predicted)) < 2:
        raise InputError(
            f"The model sorts all {len(texts)} texts into '{engine.info.labels[predicted[0]]}', so no word "
            "can be seen to change that. Train longer, or on more rows of the other classes."
        )
    removed = work.remove_words(predicted)
    labels = sorted(set(predicted))
    chosen = {label: removed.best_words(label) for label in labels}
    others_of = {
        label: spread([i for i, given in enumerate(predicted) if given != label], NUM_OTHERS)
        for label in labels
    }
    work.plan(sum((len(chosen[label]) + 1) * len(others_of[label]) for label in labels))
    generator = np.random.default_rng(seed)
    shortcuts: list[Shortcut] = []
    controls: dict[str, tuple[int, int]] = {}
    for label in labels:
        others = others_of[label]
        drawn = generator.choice(removed.all_words, len(others)).tolist()
        name = engine.info.labels[label]
        won = work.insert(drawn, others, predicted, label)
        controls[name] = (len(won), len(others))
        found = [
            removed.shortcut(word, label, others, work.insert([word] * len(others), others, predicted, label))
            for word in chosen[label]
        ]
        shortcuts += sorted(
            found,
            key=lambda item: -(_share(item.num_won, item.num_others) + _share(item.num_lost, item.num_with)),
        )
    return ShortcutReport(
        len(texts), tuple(engine.info.labels[label] for label in labels), tuple(shortcuts), controls
    )


def refuse_without_classes(info: ModelInfo) -> None:
    """CapabilityError unless the model chooses one of several classes for a text."""
    refuse_other_tasks(info)
    if gives_number(info) or info.problem_type == "multi_label_classification":
        raise CapabilityError(
            f"'{info.name}' does not choose one class of several, so no word can flip its choice. Look at "
            "the words that push most instead."
        )


@dataclass
class _Removed:
    """What became of texts without each of their words, by (label, word)."""

    names: tuple[str, ...]
    held: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    losses: dict[tuple[int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    flips: dict[tuple[int, str], list[Flip]] = field(default_factory=lambda: defaultdict(list))

    def note(self, text: str, word: str, before: tuple[int, float], after: NDArray[np.floating]) -> None:
        """``before`` is the class and its probability, ``after`` all probabilities without the word."""
        label, probability = before
        self.held[label, word] += 1
        self.losses[label, word].append(probability - float(after[label]))
        if int(after.argmax()) != label:
            flip = Flip(text, self.names[label], self.names[int(after.argmax())])
            self.flips[label, word].append(flip)

    @property
    def all_words(self) -> list[str]:
        return sorted({word for _, word in self.held})

    def best_words(self, label: int) -> list[str]:
        """At most NUM_WORDS that stand in two texts, the most often decisive ones first."""
        words = [word for (of, word), count in self.held.items() if of == label and count >= MIN_TEXTS]
        return sorted(
            words,
            key=lambda word: (-len(self.flips[label, word]), -float(np.mean(self.losses[label, word])), word),
        )[:NUM_WORDS]

    def shortcut(self, word: str, label: int, others: Sequence[int], won: Sequence[Flip]) -> Shortcut:
        lost = self.flips[label, word]
        return Shortcut(
            word,
            self.names[label],
            self.held[label, word],
            len(lost),
            len(others),
            len(won),
            tuple(lost[:NUM_EXAMPLES]),
            tuple(won[:NUM_EXAMPLES]),
        )


@dataclass
class _Work:
    """The engine, the texts, and how many questions are done."""

    engine: "Engine"
    texts: Sequence[Text]
    progress: Progress | None
    done: int = 0
    total: int = 0
    spelled: dict[str, str] = field(default_factory=dict)  # a word as counted -> as it was first written

    def plan(self, num_left: int) -> None:
        """So many questions are left, at most."""
        self.total = self.done + num_left

    def ask(self, texts: Sequence[Text]) -> list[NDArray[np.floating]]:
        """Probabilities (num_labels,) of each text. Tells nothing before there is a plan."""
        info, found = self.engine.info, []
        requests = (ClassLogitsRequest(text, pair, truncate=True) for text, pair in texts)
        for logits in self.engine.map(requests):
            found.append(to_probabilities(logits, info))
            self.done += 1
            if self.progress is not None and self.total and self.done % BATCH == 0:
                self.progress(self.done, self.total)
        return found

    def remove_words(self, predicted: Sequence[int]) -> _Removed:
        """Every text without each of its words in turn, all occurrences of it."""
        removed = _Removed(self.engine.info.labels)
        cases = [(i, word, text) for i in range(len(self.texts)) for word, text in self._without_each(i)]
        texts = [*self.texts, *(text for _, _, text in cases)]
        num_insertions = len(set(predicted)) * (NUM_WORDS + 1)  # with a control of each class
        self.plan(len(texts) + num_insertions * min(NUM_OTHERS, len(self.texts)))
        answers = self.ask(texts)
        before = answers[: len(self.texts)]
        for (i, word, (text, _)), after in zip(cases, answers[len(self.texts) :], strict=True):
            label = predicted[i]
            removed.note(text, word, (label, float(before[i][label])), after)
        return removed

    def _without_each(self, index: int) -> Iterator[tuple[str, Text]]:
        text, pair = self.texts[index]
        tokens = self.engine.tokenize(text, pair, truncate=True)
        units = ordinary_words(tokens)
        for i in range(len(units)):
            side = self.texts[index][units.sides[i]] or ""
            start, end = tokens.offsets[units.groups[i][0], 0], tokens.offsets[units.groups[i][-1], 1]
            self.spelled.setdefault(plain_word(units, i), side[int(start) : int(end)].strip())
        for word in dict.fromkeys(plain_word(units, i) for i in range(len(units))):
            left = cut_word(tokens, units, word)
            if left[0].strip() and (left[1] is None or left[1].strip()):
                yield word, left

    def insert(
        self, words: Sequence[str], others: Sequence[int], predicted: Sequence[int], label: int
    ) -> list[Flip]:
        """The texts ``others`` that get the label with one of the words, in their order, in front."""
        names = self.engine.info.labels
        texts = [
            (f"{self.spelled.get(word) or word} {self.texts[i][0]}", self.texts[i][1])
            for word, i in zip(words, others, strict=True)
        ]
        return [
            Flip(text, names[predicted[i]], names[label])
            for (text, _), i, after in zip(texts, others, self.ask(texts), strict=True)
            if int(after.argmax()) == label
        ]


def cut_word(tokens: Tokens, units: Units, word: str) -> Text:
    """The text, and the second text, without any occurrence of the word; blanks around it become one."""
    texts = [tokens.text, tokens.pair]
    for i in reversed(range(len(units))):
        side = units.sides[i]
        text = texts[side]
        if text is not None and plain_word(units, i) == word:
            start, end = (
                int(tokens.offsets[units.groups[i][0], 0]),
                int(tokens.offsets[units.groups[i][-1], 1]),
            )
            left, right = text[:start].rstrip(), text[end:]
            texts[side] = f"{left}{right}" if left else right.lstrip()
    return str(texts[0]), texts[1]


def spread(indices: Sequence[int], count: int) -> list[int]:
    """At most ``count`` of them, evenly over the list."""
    places = np.linspace(0, len(indices) - 1, min(count, len(indices))).round().astype(int)
    return [indices[place] for place in places]


def _share(hits: int, count: int) -> float:
    return hits / count if count else 0.0
