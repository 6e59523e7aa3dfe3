"""Which of many texts are nearly equal, without comparing each with each.

A text becomes the set of its neighbouring word pairs, in lower case, without punctuation, every digit 0:
messages made from one template differ in little else. Two texts are near when these sets have a Jaccard
similarity |A and B| / |A or B| of at least 0.8.

MinHash (Broder 1997): for a random order of all pairs, the first of A and the first of B are the same with
just that probability. 64 orders in 16 bands of 4 make a hash table find near texts: a pair with similarity s
shares a band with probability 1 - (1 - s^4)^16, that is 0.9998 at s = 0.8. What is found is checked exactly,
so no pair is reported that is not near. What it does not find: paraphrases, and texts of few words that
differ in one of them, which often mean something else.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from bert_explorer.results import IntArray

NEAR = 0.8
BANDS, ROWS_PER_BAND = 16, 4
PRIME = np.uint64(2**31 - 1)
MAX_BUCKET = 200  # texts compared with each other in one bucket; a larger one is compared with its first ones
WORD = re.compile(r"\w+")


def find_near_groups(texts: Sequence[str], *, similarity: float = NEAR) -> list[tuple[int, ...]]:
    """Groups of two texts or more that are near to each other, directly or over others of the group.

    Indices rise within a group, and groups come by their first index. Texts without a word belong to none.
    """
    sets = [_shingles(text) for text in texts]
    parents = list(range(len(texts)))
    for first, second in _candidates(sets):
        a, b = _root(parents, first), _root(parents, second)
        if a != b and jaccard(sets[first], sets[second]) >= similarity:
            parents[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(texts)):
        groups[_root(parents, index)].append(index)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def jaccard(first: frozenset[int], second: frozenset[int]) -> float:
    """|A and B| / |A or B|, 0 where both are empty."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def _shingles(text: str) -> frozenset[int]:
    """Hashes below 2^31 of neighbouring words; the ends of the text count as words."""
    words = ["", *WORD.findall(re.sub(r"\d", "0", text.casefold())), ""]
    if len(words) == 2:
        return frozenset()
    return frozenset(_hash(f"{first} {second}") for first, second in pairwise(words))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big") % int(
        PRIME
    )


def _candidates(sets: Sequence[frozenset[int]]) -> Iterator[tuple[int, int]]:
    """Pairs that share a band; equal sets share all of them and are paired once, with the first."""
    first_with: dict[frozenset[int], int] = {}
    distinct: list[int] = []
    for index, shingles in enumerate(sets):
        if not shingles:
            continue
        if shingles in first_with:
            yield first_with[shingles], index
        else:
            first_with[shingles] = index
            distinct.append(index)
    signatures = np.array([_signature(sets[index]) for index in distinct]).reshape(-1, BANDS * ROWS_PER_BAND)
    for band in range(BANDS):
        rows = signatures[:, band * ROWS_PER_BAND : (band + 1) * ROWS_PER_BAND]
        yield from _pairs_in_buckets(rows, distinct)


def _pairs_in_buckets(signatures: IntArray, indices: Sequence[int]) -> Iterable[tuple[int, int]]:
    buckets: dict[bytes, list[int]] = defaultdict(list)
    for index, row in zip(indices, signatures, strict=True):
        bucket = buckets[row.tobytes()]
        for other in bucket:
            yield other, index
        if len(bucket) < MAX_BUCKET:
            bucket.append(index)


def _signature(shingles: frozenset[int]) -> IntArray:
    """(BANDS * ROWS_PER_BAND,): the smallest of (a x + b) mod p over the set, for each (a, b)."""
    values = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
    hashed = (values[:, None] * _FACTORS + _OFFSETS) % PRIME
    signature: IntArray = hashed.min(axis=0).astype(np.int64)
    return signature


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


_generator = np.random.default_rng(0)
_FACTORS = _generator.integers(1, 2**31 - 1, BANDS * ROWS_PER_BAND, dtype=np.uint64)
_OFFSETS = _generator.integers(0, 2**31 - 1, BANDS * ROWS_PER_BAND, dtype=np.uint64)
