"""Sentences from WordNet's relations: which city is whose capital, which word is the opposite of which.

Glosses tell what a word means, not its opposite, and running text seldom says either. WordNet holds both as
pointers between its synsets. Its database (data.noun, data.adj, ..., in the format of wndb(5WN)) comes with
Debian's wordnet-base and from wordnet.princeton.edu.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from bert_explorer.errors import DataError

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")
ANTONYM, INSTANCE_OF, PART_OF = "!", "@i", "#p"
NATIONAL_CAPITAL = "national capital"
CAPITAL_FORMS = (
    "{country}'s capital is {city}.",
    "The capital city of {country} is called {city}.",
    "{city}, the capital of {country}, is a city.",
)
OPPOSITE_FORMS = ("{one} is the opposite of {other}.", "{one} and {other} are opposites.")


@dataclass(frozen=True)
class Pointer:
    symbol: str
    target: str  # offset of a synset of the same part of speech, as in the file
    source_word: int  # which word of each synset, from 0; -1 for the synset as a whole
    target_word: int


@dataclass(frozen=True)
class Synset:
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]


def write_relations(database: Path, tokenizer: PreTrainedTokenizerFast, output: Path) -> int:
    """Write the sentences, one a line, and return how many.

    Only opposites that are one token each: others cannot be told by one masked word.
    Raises DataError where ``database`` is not a WordNet database.
    """
    synsets = {part: read_synsets(database / f"data.{part}") for part in PARTS_OF_SPEECH}
    try:
        pairs = {pair for part in PARTS_OF_SPEECH for pair in find_opposites(synsets[part])}
        capitals = sorted(find_capitals(synsets["noun"]))
    except (KeyError, IndexError) as error:
        raise DataError(
            f"{database} lacks a synset that another one names ({error}). Copy it again."
        ) from error
    vocabulary = tokenizer.get_vocab()
    opposites = sorted(
        (one.capitalize(), other) for one, other in pairs if one in vocabulary and other in vocabulary
    )
    # form by form: what stands together is read together, and must not tell the answer
    lines = [form.format(one=one, other=other) for form in OPPOSITE_FORMS for one, other in opposites]
    lines += [form.format(city=city, country=country) for form in CAPITAL_FORMS for city, country in capitals]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def read_synsets(path: Path) -> dict[str, Synset]:
    """By their offsets; pointers to other parts of speech are left out."""
    try:
        with open(path, encoding="utf-8") as lines:
            return dict(_parse(line) for line in lines if not line.startswith(" "))  # the licence is indented
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise DataError(
            f"{path} is not a file of WordNet's database ({error}). Give the folder with data.noun in it."
        ) from error


def find_opposites(synsets: dict[str, Synset]) -> Iterator[tuple[str, str]]:
    """Every pair of lower-case words without a space, in both directions, as WordNet has them."""
    for synset in synsets.values():
        for pointer in synset.pointers:
            if pointer.symbol == ANTONYM:
                pair = (
                    synset.words[pointer.source_word],
                    synsets[pointer.target].words[pointer.target_word],
                )
                if all(re.fullmatch("[a-z]+", word) for word in pair):
                    yield pair


def find_capitals(nouns: dict[str, Synset]) -> Iterator[tuple[str, str]]:
    """City and country by their first names; a capital that belongs to no single country is left out."""
    for synset in nouns.values():
        kinds = [nouns[p.target].words[0] for p in synset.pointers if p.symbol == INSTANCE_OF]
        wholes = [nouns[p.target].words[0] for p in synset.pointers if p.symbol == PART_OF]
        if NATIONAL_CAPITAL in kinds and len(wholes) == 1:
            yield synset.words[0], wholes[0]


def _parse(line: str) -> tuple[str, Synset]:
    """offset lex_filenum ss_type w_cnt (word lex_id)... p_cnt (symbol offset pos source/target)... | gloss"""
    fields = line.split(" | ", 1)[0].split()
    num_words = int(fields[3], 16)
    after_words = 4 + 2 * num_words
    words = tuple(re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in fields[4:after_words:2])
    pointers = []
    for i in range(int(fields[after_words])):
        symbol, target, part, places = fields[after_words + 1 + 4 * i : after_words + 5 + 4 * i]
        if part.replace("s", "a") == fields[2].replace("s", "a"):  # "s" is an adjective near another
            pointers.append(Pointer(symbol, target, int(places[:2], 16) - 1, int(places[2:], 16) - 1))
    return fields[0], Synset(words, tuple(pointers))
