"""Which column holds the texts, which the labels, and is there a second text?

A guess from the names and the contents, shown to the user, who may choose otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# fmt: off
TEXT_NAMES = frozenset(
    {
        "text", "texts", "sentence", "message", "msg", "review", "content", "body", "comment", "tweet",
        "question", "query", "title", "utterance", "sms", "document", "headline", "post", "abstract",
        "description", "input", "premise", "sentence1", "question1", "text1", "texta",
    }
)
LABEL_NAMES = frozenset(
    {
        "label", "labels", "class", "classes", "category", "categories", "target", "intent",
        "sentiment", "tag", "y", "gold", "topic", "rating", "stars", "genre", "emotion", "answerlabel",
        "output", "isduplicate", "entailment",
    }
)
# fmt: on
PAIR_NAMES = (
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("texta", "textb"),
    ("text", "textpair"),
    ("text", "pair"),
    ("first", "second"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "answer"),
)
PAIR_MEMBERS = frozenset(name for names in PAIR_NAMES for name in names)


@dataclass(frozen=True)
class ColumnGuess:
    """Names of columns. ``pair`` is the second text where each row is a pair of texts."""

    text: str
    label: str
    pair: str | None = None


@dataclass(frozen=True)
class _Profile:
    name: str
    distinct: int
    mean_chars: float
    numeric: bool

    @property
    def key(self) -> str:
        return normalise_name(self.name)


def normalise_name(name: str) -> str:
    """``Text A``, ``text_a`` and ``texta`` are one name."""
    return "".join(character for character in name.lower() if character not in " _-")


def is_known_name(name: str) -> bool:
    """True for a name that people give to columns of texts or labels."""
    return normalise_name(name) in TEXT_NAMES | LABEL_NAMES | PAIR_MEMBERS


def guess_column_names(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> ColumnGuess:
    """Needs at least two columns and one row."""
    profiles = [_profile(name, [row[index] for row in rows]) for index, name in enumerate(columns)]
    label = _guess_label(profiles, len(rows))
    others = [profile for profile in profiles if profile is not label]
    pair = _guess_pair(others)
    if pair is not None:
        return ColumnGuess(text=pair[0], label=label.name, pair=pair[1])
    text = max(others, key=lambda other: (other.key in TEXT_NAMES, not other.numeric, other.mean_chars))
    return ColumnGuess(text=text.name, label=label.name)


def _profile(name: str, cells: list[str]) -> _Profile:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return _Profile(
        name=name,
        distinct=len(set(filled)),
        mean_chars=sum(map(len, filled)) / max(1, len(filled)),
        numeric=bool(filled) and all(is_number(cell) for cell in filled),
    )


def is_number(cell: str) -> bool:
    return cell.strip().lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def _guess_label(profiles: list[_Profile], num_rows: int) -> _Profile:
    """A named column of repeated values first; then the fewest distinct values; then the shortest."""

    def preference(profile: _Profile) -> tuple[bool, bool, int, float]:
        repeats = 2 <= profile.distinct <= max(2, num_rows // 2)
        return (not repeats, profile.key not in LABEL_NAMES, profile.distinct, profile.mean_chars)

    return min(profiles, key=preference)


def _guess_pair(profiles: list[_Profile]) -> tuple[str, str] | None:
    by_key = {profile.key: profile.name for profile in profiles}
    for first, second in PAIR_NAMES:
        if first in by_key and second in by_key:
            return by_key[first], by_key[second]
    return None
