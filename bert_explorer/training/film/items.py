"""Which held-out examples a film watches: a few of every class in turn, or spread over all numbers.

An item is a row of the model's input and the token whose vector stands for it: the first one, or for tags the
first piece of a word.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bert_explorer.results import FilmItem, IntArray
from bert_explorer.training.examples import Examples
from bert_explorer.training.frozen_outputs import Features
from bert_explorer.training.tagged_texts import TaggedTexts

WORDS_A_TEXT = 4  # watched in one text, on average, where words have tags


@dataclass(frozen=True)
class Watched:
    """An item and where the model answers it: ``row`` of the held-out features, ``position`` in it.

    ``target`` is what the model should say there: a class, several, a number, or a first and last token.
    """

    item: FilmItem
    row: int
    position: int
    target: Any


def choose_items(
    task: str,
    rows: Features,
    examples: Examples,
    example_of: IntArray,
    count: int,
    pieces: Sequence[Mapping[int, int]] = (),
) -> list[Watched]:
    """At most ``count`` items of the held-out ``rows``; row i belongs to example ``example_of[i]``.

    Where words have tags, ``pieces[i]`` gives the first token of each word of row i.
    """
    if task == "token-classification":
        return _choose_words(rows, examples, example_of, count, pieces)
    targets = [_target(row) for row in rows]
    chosen = take_turns(targets, count) if task == "text-classification" else spread(targets, count)
    return [
        Watched(_describe(examples, int(example_of[row]), task, targets[row]), row, 0, targets[row])
        for row in chosen
    ]


def take_turns(keys: Sequence[Hashable], count: int) -> list[int]:
    """Places of ``count`` keys, of each different key equally many as long as there are.

    >>> take_turns(["a", "a", "a", "a", "b"], 3)
    [0, 2, 4]
    """
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    shares = dict.fromkeys(places, 0)
    while sum(shares.values()) < min(count, len(keys)):
        key = min((key for key in places if shares[key] < len(places[key])), key=lambda key: shares[key])
        shares[key] += 1
    return sorted(place for key, share in shares.items() for place in evenly(places[key], share))


def evenly(places: Sequence[int], count: int) -> list[int]:
    """``count`` of them, the first one included, at equal distances."""
    return [places[index * len(places) // count] for index in range(count)]


def spread(targets: Sequence[Any], count: int) -> list[int]:
    """Places of ``count`` targets from the smallest to the largest."""
    order = sorted(range(len(targets)), key=lambda place: targets[place])
    return sorted(evenly(order, min(count, len(order))))


def _target(row: Any) -> Any:
    if "start_positions" in row:
        return int(row["start_positions"]), int(row["end_positions"])
    label = row["labels"]
    return tuple(float(value) for value in label) if isinstance(label, list) else label


def _describe(examples: Examples, index: int, task: str, target: Any) -> FilmItem:
    labels = examples.labels
    if task == "text-classification":
        label = labels[target]
    elif task == "multi-label":
        label = ", ".join(name for name, value in zip(labels, target, strict=True) if value)
    elif task == "regression":
        label = f"{target:g}"
    else:
        label = "answer" if any(target) else "no answer"
    pair = examples.pairs[index] if examples.pairs is not None else None
    return FilmItem(examples.line_numbers[index], examples.texts[index], pair, "", label)


def _choose_words(
    rows: Features,
    examples: Examples,
    example_of: IntArray,
    count: int,
    pieces: Sequence[Mapping[int, int]],
) -> list[Watched]:
    assert isinstance(examples, TaggedTexts)
    texts = evenly(range(len(rows)), min(len(rows), max(1, count // WORDS_A_TEXT)))
    words = [(row, word) for row in texts for word in sorted(pieces[row])]
    targets = [rows[row]["labels"][pieces[row][word]] for row, word in words]
    watched = []
    for chosen in take_turns(targets, count):
        row, word = words[chosen]
        tagged = examples.rows[example_of[row]]
        start, end = tagged.spans[word]
        item = FilmItem(tagged.line, tagged.text, None, tagged.text[start:end], tagged.tags[word])
        watched.append(Watched(item, row, pieces[row][word], targets[chosen]))
    return watched
