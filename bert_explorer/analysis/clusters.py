"""Groups of vectors, the texts that are typical of each, and the words that set each apart.

k-means (Lloyd 1982) puts every row into one of k groups around means. HDBSCAN (Campello, Moulavi & Sander
2013) finds groups of any number where rows lie densely, and leaves the others out. Both look at vectors whose
mean was subtracted and whose length is 1, so that distance is angle; HDBSCAN sees the leading
``DENSITY_DIMENSIONS`` principal directions only, since density means nothing in hundreds.

Typical of a group is what lies nearest to its mean. Distinctive words are those that the group uses more than
the others, by the log odds with an informative prior (Monroe, Colaresi & Quinn 2008): for a word with count y
of n words here, and z of m elsewhere, and prior a_w of a_0 (the word's share of all, times ``PRIOR_WORDS``),

    delta = log((y + a_w) / (n + a_0 - y - a_w)) - log((z + a_w) / (m + a_0 - z - a_w))
    score = delta / sqrt(1 / (y + a_w) + 1 / (z + a_w))

English function words (the, was, of) are counted and not listed: they say how a text is written, not what of.

Groups are what the method draws: k-means finds k of them in noise too.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bert_explorer.analysis.anisotropy import correct_vectors, normalize_rows
from bert_explorer.analysis.projection import compute_pca
from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray, IntArray

Method = Literal["kmeans", "hdbscan"]
METHODS: tuple[Method, ...] = ("kmeans", "hdbscan")
NOISE = -1
MAX_CLUSTERS = 50
MAX_HDBSCAN_ROWS = 10_000
DENSITY_DIMENSIONS = 15
PRIOR_WORDS = 500.0
NUM_STARTS = 4
WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Cluster:
    """One group. ``rows`` from the most typical one on; ``words`` with their scores, best first."""

    number: int  # from 1; 0 for what HDBSCAN leaves out
    rows: tuple[int, ...]
    words: tuple[tuple[str, float], ...]


def cluster_texts(
    texts: Sequence[str],
    vectors: FloatArray,
    *,
    method: Method = "kmeans",
    num_clusters: int = 5,
    min_size: int = 5,
    seed: int = 0,
    num_words: int = 8,
) -> tuple[Cluster, ...]:
    """Groups, the largest first; what HDBSCAN leaves out comes last. ``vectors`` is (len(texts), size).

    Raises InputError for fewer rows than groups, for too many groups or rows, and for equal or broken rows.
    """
    units = _prepare(vectors)
    labels = _kmeans(units, num_clusters, seed) if method == "kmeans" else _hdbscan(units, min_size)
    groups = sorted(set(labels.tolist()) - {NOISE}, key=lambda label: (-int(np.sum(labels == label)), label))
    scores = distinctive_words(texts, labels, num_words)
    found = [
        Cluster(number, _order_typical(units, labels, label), scores[label])
        for number, label in enumerate(groups, start=1)
    ]
    if (labels == NOISE).any():
        found.append(Cluster(0, tuple(np.flatnonzero(labels == NOISE).tolist()), ()))
    return tuple(found)


def distinctive_words(
    texts: Sequence[str], labels: IntArray, count: int
) -> dict[int, tuple[tuple[str, float], ...]]:
    """For each label the words with the largest log-odds score, positive ones only."""
    counts: dict[int, Counter[str]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        counts.setdefault(label, Counter()).update(word.lower() for word in WORD.findall(text))
    total: Counter[str] = sum(counts.values(), Counter())
    return {label: _score_words(own, total)[:count] for label, own in counts.items()}


def agree_with_labels(found: Sequence[Cluster], labels: Sequence[str]) -> float | None:
    """Adjusted Rand index (Hubert & Arabie 1985) of groups and labels: 1 if they are the same, 0 by chance.

    Texts without a label ("") have no say; what HDBSCAN leaves out counts as one group. None where there are
    fewer than two labels.
    """
    from sklearn.metrics import adjusted_rand_score

    pairs = [(labels[row], group.number) for group in found for row in group.rows if labels[row]]
    if len({label for label, _ in pairs}) < 2:
        return None
    return float(adjusted_rand_score(*zip(*pairs, strict=True)))


def _score_words(own: "Counter[str]", total: "Counter[str]") -> tuple[tuple[str, float], ...]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    names = [word for word in own if word not in ENGLISH_STOP_WORDS]
    if not names or len(own) == 0:
        return ()
    here = np.array([own[word] for word in names], dtype=np.float64)
    all_counts = np.array([total[word] for word in names], dtype=np.float64)
    elsewhere = all_counts - here
    num_here, num_all = sum(own.values()), sum(total.values())
    prior = PRIOR_WORDS * all_counts / num_all
    log_here = np.log((here + prior) / np.maximum(num_here + PRIOR_WORDS - here - prior, 1e-9))
    num_elsewhere = num_all - num_here
    log_elsewhere = np.log(
        (elsewhere + prior) / np.maximum(num_elsewhere + PRIOR_WORDS - elsewhere - prior, 1e-9)
    )
    scores = (log_here - log_elsewhere) / np.sqrt(1 / (here + prior) + 1 / (elsewhere + prior))
    order = sorted(range(len(names)), key=lambda i: (-scores[i], names[i]))
    return tuple((names[i], float(scores[i])) for i in order if scores[i] > 0)


def _prepare(vectors: FloatArray) -> FloatArray:
    """Centred rows of length 1."""
    if not np.isfinite(vectors).all():
        raise InputError("Some vectors hold values that are not finite numbers. Leave those rows out.")
    if len(vectors) < 2 or (vectors == vectors[0]).all():
        raise InputError(
            f"There are {len(vectors)} texts, or all are equal: there is nothing to group. Add other texts."
        )
    centred = correct_vectors(vectors, "centre").astype(np.float64)
    return normalize_rows(centred).astype(np.float32)


def _kmeans(units: FloatArray, num_clusters: int, seed: int) -> IntArray:
    if not 2 <= num_clusters <= min(MAX_CLUSTERS, len(units)):
        raise InputError(
            f"{num_clusters} groups of {len(units)} texts are not possible. Choose between 2 and "
            f"{min(MAX_CLUSTERS, len(units))}."
        )
    from sklearn.cluster import KMeans

    different = len(np.unique(units, axis=0))
    model = KMeans(min(num_clusters, different), n_init=NUM_STARTS, random_state=seed)
    return np.asarray(model.fit_predict(units), dtype=np.int64)


def _hdbscan(units: FloatArray, min_size: int) -> IntArray:
    if not 2 <= min_size <= len(units):
        raise InputError(
            f"Groups of at least {min_size} among {len(units)} texts are not possible. Choose between 2 and "
            f"{len(units)}."
        )
    if len(units) > MAX_HDBSCAN_ROWS:
        raise InputError(
            f"HDBSCAN of {len(units):,} texts would take too long: its limit is {MAX_HDBSCAN_ROWS:,}. Use "
            "k-means, or fewer texts."
        )
    from sklearn.cluster import HDBSCAN

    values = units.astype(np.float64)
    size = min(DENSITY_DIMENSIONS, *units.shape)
    reduced, _ = compute_pca(values - values.mean(axis=0), size)
    labels = HDBSCAN(min_cluster_size=min_size, copy=True).fit_predict(reduced)
    return np.asarray(labels, dtype=np.int64)


def _order_typical(units: FloatArray, labels: IntArray, label: int) -> tuple[int, ...]:
    """Rows of a group, those nearest to its mean first."""
    rows = np.flatnonzero(labels == label)
    mean = units[rows].mean(axis=0)
    return tuple(rows[np.argsort(-(units[rows] @ mean), kind="stable")].tolist())
