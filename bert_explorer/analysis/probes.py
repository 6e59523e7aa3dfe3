"""What can be read off a layer: a linear probe, and three ways to doubt it.

A probe (Alain & Bengio 2017) is a linear classifier, here scikit-learn's logistic regression on standardized
vectors, trained to read a label off the vectors of one layer, and measured on examples that it has not seen.
A high accuracy alone says little. Beside it stand

    majority    always the most frequent label of the training examples
    surface     a classifier that sees no vector: for texts logistic regression on the words they hold (bag
                of words); for words the most frequent label of that very word in training
    control     the same probe on a task without meaning (Hewitt & Liang 2019): every word type gets a label
                at random, drawn as often as the true ones are; a text gets that of its first word. What a
                probe reaches here, it can reach by learning words by heart
    selectivity = accuracy - control accuracy

Examples of one group (the words of one sentence) are either all for training or all for measuring. All tasks
and layers use the same split.
"""

import threading
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bert_explorer.errors import InputError
from bert_explorer.results import FloatArray, IntArray, ProbeReport

TEST_SHARE = 0.3
MIN_EXAMPLES = 20
MAX_LABELS = 50
REGULARIZATION = 0.1  # C of scikit-learn: strong, since there are hundreds of dimensions
MAX_ITERATIONS = 200
Progress = Callable[[int, int], None]

_one_at_a_time = threading.Lock()  # probes take all cores for a minute: a second one waits


@dataclass(frozen=True)
class Examples:
    """What a probe learns from. All sequences have one entry an example.

    ``types`` is the word (for a text its first word) whose identity the control task is about; ``groups``
    names the sentence that an example belongs to; ``texts`` is given for whole texts, and empty for words.
    """

    labels: tuple[str, ...]
    types: tuple[str, ...]
    groups: tuple[int, ...]
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


def probe_layers(
    vectors: FloatArray, examples: Examples, *, seed: int = 0, progress: Progress | None = None
) -> ProbeReport:
    """Probe every layer of ``vectors`` (num_layers, num_examples, hidden_size).

    ``progress(done, total)`` is called after each layer. Raises InputError for too few examples, a single
    label or too many, and for vectors that are not finite.
    """
    _check(vectors, examples)
    labels = np.array(examples.labels)
    train, test = split_groups(np.array(examples.groups), seed)
    _check_split(labels, train, test)
    control = control_labels(examples.types, examples.labels, seed)
    hits, control_hits = [], []
    with _one_at_a_time:
        for number, layer in enumerate(vectors, start=1):
            hits.append(count_hits(layer, labels, train, test))
            control_hits.append(count_hits(layer, control, train, test))
            if progress is not None:
                progress(number, len(vectors))
        surface = _surface_hits(examples, labels, train, test)
    most = Counter(labels[train].tolist()).most_common(1)[0][0]
    return ProbeReport(
        tuple(sorted(set(examples.labels))),
        "texts" if examples.texts else "words",
        len(train),
        len(test),
        tuple(hits),
        tuple(control_hits),
        int(np.sum(labels[test] == most)),
        surface,
        seed,
    )


def split_groups(groups: IntArray, seed: int) -> tuple[IntArray, IntArray]:
    """(train, test) rows; about 30 % of the groups are for measuring."""
    names = np.unique(groups)
    shuffled = np.random.default_rng(seed).permutation(names)
    held_out = shuffled[: max(1, round(TEST_SHARE * len(names)))]
    is_test = np.isin(groups, held_out)
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def control_labels(types: Sequence[str], labels: Sequence[str], seed: int) -> NDArray[Any]:
    """A label for every example that depends on its type alone, drawn from the labels' distribution."""
    chance = np.random.default_rng(seed + 1)
    names = sorted(set(types))
    drawn = dict(zip(names, chance.choice(np.array(labels), size=len(names)), strict=True))
    return np.array([drawn[name] for name in types])


def count_hits(vectors: FloatArray, labels: NDArray[Any], train: IntArray, test: IntArray) -> int:
    """Test rows whose label the probe reads off."""
    seen = vectors[train].astype(np.float64)
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    spread[spread == 0] = 1
    return _fit_and_count((seen - mean) / spread, (vectors[test] - mean) / spread, labels, train, test)


def _surface_hits(examples: Examples, labels: NDArray[Any], train: IntArray, test: IntArray) -> int:
    """Hits of the classifier that sees words and no vectors."""
    if not examples.texts:
        return word_type_hits(examples.types, labels, train, test)
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(lowercase=True, token_pattern=r"(?u)\w+|[^\w\s]", binary=True)
    seen = counter.fit_transform([examples.texts[row] for row in train])
    unseen = counter.transform([examples.texts[row] for row in test])
    return _fit_and_count(seen, unseen, labels, train, test, regularization=1.0)


def _fit_and_count(
    seen: Any,
    unseen: Any,
    labels: NDArray[Any],
    train: IntArray,
    test: IntArray,
    *,
    regularization: float = REGULARIZATION,
) -> int:
    from sklearn.linear_model import LogisticRegression

    if len(set(labels[train].tolist())) == 1:
        return int(np.sum(labels[test] == labels[train][0]))
    model = LogisticRegression(C=regularization, max_iter=MAX_ITERATIONS, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a probe that has not settled is as good as one that has
        model.fit(seen, labels[train])
    return int(np.sum(model.predict(unseen) == labels[test]))


def word_type_hits(types: Sequence[str], labels: NDArray[Any], train: IntArray, test: IntArray) -> int:
    """Hits of "the most frequent label of this word in training", of all words where it is new."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in train.tolist():
        counts[types[row]][labels[row]] += 1
    most = Counter(labels[train].tolist()).most_common(1)[0][0]
    guesses = [
        counts[types[row]].most_common(1)[0][0] if types[row] in counts else most for row in test.tolist()
    ]
    return int(np.sum(np.array(guesses) == labels[test]))


def _check(vectors: FloatArray, examples: Examples) -> None:
    if len(examples) < MIN_EXAMPLES:
        raise InputError(
            f"There are {len(examples)} labelled examples. A probe needs at least {MIN_EXAMPLES}: add some."
        )
    names = set(examples.labels)
    if len(names) < 2 or len(names) > MAX_LABELS:
        raise InputError(
            f"There are {len(names)} different labels. A probe needs 2 to {MAX_LABELS}: "
            "is this the right column?"
        )
    if vectors.shape[1] != len(examples):
        raise ValueError(f"{vectors.shape[1]} vectors and {len(examples)} examples")
    if not np.isfinite(vectors).all():
        raise InputError("Some vectors hold values that are not finite numbers. Use another model.")


def _check_split(labels: NDArray[Any], train: IntArray, test: IntArray) -> None:
    if len(test) == 0 or len(set(labels[train].tolist())) < 2:
        raise InputError(
            "All examples but a few belong together, so that none are left to measure with. Add texts."
        )
