"""What simpler ways reach on the same rows: a model that is no better than these was not worth its training.

words            TF-IDF of single words and word pairs, and a logistic regression (scikit-learn)
frozen encoder   the starting model as it was, the mean of its last layer's vectors, and a logistic
                 regression; for pairs u, v and |u - v| (Reimers and Gurevych 2019)

The third, always answering the commonest label, is in the metrics of every run.
"""

import json
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bert_explorer.results import IntArray
from bert_explorer.settings import Settings
from bert_explorer.training.data import LabelledTexts, labelled_texts, read_table
from bert_explorer.training.examples import split_examples
from bert_explorer.training.metrics import compute_scores
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import RunFolder, run_folder
from bert_explorer.training.split import Split

if TYPE_CHECKING:
    from collections.abc import Callable

    from bert_explorer.models.engine import Engine

WORDS, FROZEN = "words", "frozen encoder"
MAX_WORDS = 30_000
WORDS_INVERSE_PENALTY = 10.0  # the usual 1.0 holds rare words too small in a few hundred texts
VECTORS_INVERSE_PENALTY = 0.1  # hundreds of numbers a text, perhaps fewer texts
MAX_ITERATIONS = 200
MAX_ENCODED = 4_000  # rows to learn from that are encoded; a few minutes on two cores at most


@dataclass(frozen=True)
class Baseline:
    """Scores on the held-out rows of a run, after learning from ``num_train`` rows."""

    name: str
    accuracy: float
    macro_f1: float
    num_train: int


def measure_words(data: LabelledTexts, train: IntArray, held_out: IntArray) -> Baseline:
    """TF-IDF and logistic regression. Texts without a single word count as empty."""
    from scipy.sparse import hstack

    columns = [data.texts] if data.pairs is None else [data.texts, data.pairs]
    features = [weigh_words(column, train, held_out) for column in columns]
    learned, measured = (hstack(parts).tocsr() for parts in zip(*features, strict=True))
    predicted = _sort_by_words(learned, data.label_ids[train], measured)
    return _baseline(WORDS, data, train, held_out, predicted)


def measure_frozen_encoder(
    engine: "Engine",
    data: LabelledTexts,
    split: Split,
    *,
    max_train: int = MAX_ENCODED,
    progress: "Callable[[int, int], None] | None" = None,
) -> Baseline:
    """A linear head on vectors of the model as it is; learns from ``max_train`` random rows at most."""
    train = split.train
    if len(train) > max_train:
        train = np.sort(np.random.default_rng(0).choice(train, max_train, replace=False))
    rows = np.concatenate([train, split.held_out])
    vectors = _encode(engine, data, rows, progress)
    mean, deviation = vectors[: len(train)].mean(axis=0), vectors[: len(train)].std(axis=0) + 1e-6
    vectors = (vectors - mean) / deviation
    predicted = _sort_by_vectors(vectors[: len(train)], data.label_ids[train], vectors[len(train) :])
    return _baseline(FROZEN, data, train, split.held_out, predicted)


def rows_of_run(run: Run, settings: Settings) -> tuple[LabelledTexts, Split]:
    """The data of a run and the split that it was trained on. Raises RunError where the file is gone."""
    table = read_table(run.filename, run_folder(run.id, settings).read_upload(), settings)
    data = labelled_texts(table, run.config)
    return data, split_examples(data, run.config)


def keep_baseline(folder: RunFolder, baseline: Baseline) -> None:
    """Beside the run, in one step; measured once, read by every later look at the run."""
    unfinished = folder.baseline.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(baseline)), encoding="utf-8")
    unfinished.replace(folder.baseline)


def kept_baseline(folder: RunFolder) -> Baseline | None:
    """None where the frozen encoder was not measured yet."""
    try:
        return Baseline(**json.loads(folder.baseline.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def weigh_words(texts: tuple[str, ...], train: IntArray, held_out: IntArray) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), token_pattern=r"\b\w+\b|\S", sublinear_tf=True, max_features=MAX_WORDS
    )
    learned = vectorizer.fit_transform([texts[row] for row in train])
    return learned, vectorizer.transform([texts[row] for row in held_out])


def _encode(
    engine: "Engine", data: LabelledTexts, rows: IntArray, progress: "Callable[[int, int], None] | None"
) -> NDArray[np.float32]:
    """(len(rows), hidden_size), or three times as wide for pairs."""

    def pool(column: tuple[str, ...]) -> NDArray[np.float32]:
        texts, last = [column[row] for row in rows], (engine.info.num_layers,)
        return np.asarray(engine.pooled_layers(texts, layers=last, pooling="mean", progress=progress)[0])

    u = pool(data.texts)
    if data.pairs is None:
        return u
    v = pool(data.pairs)
    return np.concatenate([u, v, np.abs(u - v)], axis=1)


def _sort_by_words(learned: Any, label_ids: IntArray, measured: Any) -> IntArray:
    """One class against the rest by coordinate descent, which is quick on sparse rows (77 classes too)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    model = LogisticRegression(
        solver="liblinear", dual=True, C=WORDS_INVERSE_PENALTY, max_iter=MAX_ITERATIONS, random_state=0
    )
    predicted: IntArray = OneVsRestClassifier(model).fit(learned, label_ids).predict(measured)
    return predicted


def _sort_by_vectors(
    learned: NDArray[np.float32], label_ids: IntArray, measured: NDArray[np.float32]
) -> IntArray:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=VECTORS_INVERSE_PENALTY, max_iter=MAX_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a baseline need not be the very best
        model.fit(learned, label_ids)
    predicted: IntArray = model.predict(measured)
    return predicted


def _baseline(
    name: str, data: LabelledTexts, train: IntArray, held_out: IntArray, predicted: IntArray
) -> Baseline:
    scores = compute_scores(data.label_ids[held_out], predicted, len(data.labels))
    return Baseline(name, scores["accuracy"], scores["macro_f1"], len(train))
