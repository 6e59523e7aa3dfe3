"""What each task computes on its bundled example; tests/cli/test_every_task.py follows them end to end."""

import json
from dataclasses import replace

import numpy as np
import pytest
from transformers import AutoConfig

from bert_explorer.models.catalog import describe_model
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.apply import predict_texts, read_window
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.examples import COLUMNS_OF, guess_task
from bert_explorer.training.predictions import read_predictions
from bert_explorer.training.question_answering import best_span
from tests.training.film.checks import check_film
from tests.training.in_process import Trained, train_here

DATASETS = REPOSITORY / "assets" / "datasets"
CONFIG = FineTuneConfig(text_column="text", label_column="label", epochs=1, batch_size=8, learning_rate=1e-2)
PAIRS = {"text_column": "sentence1", "pair_column": "sentence2"}
EXAMPLES = {
    "sentence_traits_400.tsv": {"label_column": "labels"},
    "similarity_300.tsv": PAIRS | {"label_column": "score", "freeze": "1"},
    "names_400.iob2": {},
    "parts_of_speech_200.conll": {"freeze": "1"},
    "xquad_en_sample.json": {"freeze": "1", "max_length": 64},
}


def train_example(settings: Settings, filename: str, **changes: object) -> Trained:
    content = (DATASETS / filename).read_bytes()
    if filename.endswith(".json"):  # a few paragraphs are enough to spell letter by letter
        content = json.dumps({"data": json.loads(content)["data"][:4]}).encode()
    task = guess_task(filename, content, settings)
    values = {"task": task, **COLUMNS_OF.get(task, {}), **EXAMPLES[filename], **changes}
    return train_here(settings, filename, content, replace(CONFIG, **values))  # type: ignore[arg-type]


def predict_again(settings: Settings, trained: Trained) -> list[tuple[str, float | None]]:
    rows = read_predictions(trained.folder)
    info = describe_model(trained.run.ref, settings)
    pairs = [row.pair or "" for row in rows] if rows[0].pair is not None else None
    return predict_texts(trained.folder.model, info, [row.text for row in rows], pairs)


def test_several_labels(settings: Settings) -> None:
    trained = train_example(settings, "sentence_traits_400.tsv", epochs=4)
    assert trained.run.metrics is not None
    assert trained.metrics["headline"] == "micro_f1"
    assert trained.metrics["num_held_out"] == 80
    rows = read_predictions(trained.folder)
    assert [answer for answer, _ in predict_again(settings, trained)] == [row.predicted_label for row in rows]
    check_film(trained)
    right = sum(row.is_right for row in rows)
    assert trained.metrics["accuracy"] == pytest.approx(right / len(rows))


def test_numbers(settings: Settings) -> None:
    trained = train_example(settings, "similarity_300.tsv")
    rows = read_predictions(trained.folder)
    given = [float(row.predicted_label) for row in rows]
    assert predict_again(settings, trained) == [(row.predicted_label, None) for row in rows]
    true = [float(row.true_label) for row in rows]
    assert trained.metrics["pearson"] == pytest.approx(np.corrcoef(true, given)[0, 1], abs=1e-3)
    assert trained.values("eval_pearson")
    check_film(trained)


def test_names(settings: Settings) -> None:
    trained = train_example(settings, "names_400.iob2")
    assert trained.metrics["headline"] == "entity_f1"
    assert set(trained.metrics["labels"]) == {
        f"{mark}-{kind}" for mark in "BI" for kind in ("PER", "LOC", "ORG")
    } | {"O"}
    assert 0.0 <= trained.metrics["entity_f1"] <= 1.0
    assert {row["label"] for row in trained.metrics["per_class"]} <= {"PER", "LOC", "ORG"}
    check_film(trained)


def test_parts_of_speech(settings: Settings) -> None:
    trained = train_example(settings, "parts_of_speech_200.conll", epochs=4)
    assert trained.metrics["headline"] == "accuracy"
    losses = trained.values("loss")
    assert losses[-1] < losses[0]
    assert any("ran once" in line for line in trained.log)
    check_film(trained)
    rows = read_predictions(trained.folder)
    words = [len(row.text.split()) for row in rows]
    assert [len(row.predicted_label.split()) for row in rows] == words
    true = [tag for row in rows for tag in row.true_label.split()]
    given = [tag for row in rows for tag in row.predicted_label.split()]
    assert trained.metrics["accuracy"] == pytest.approx(np.mean(np.array(true) == np.array(given)))
    assert all("/" in answer for answer, _ in predict_again(settings, trained))


def test_answers_to_questions(settings: Settings) -> None:
    """In windows of 64 tokens, since the tiny vocabulary spells most words letter by letter."""
    trained = train_example(settings, "xquad_en_sample.json")
    assert 0.0 <= trained.metrics["exact_match"] <= trained.metrics["f1"] <= 1.0
    rows = read_predictions(trained.folder)
    assert all(row.predicted_label and row.predicted_label in str(row.pair) for row in rows)
    check_film(trained)
    given = predict_again(settings, trained)
    assert all(answer in str(row.pair) for (answer, _), row in zip(given, rows, strict=True))
    assert not AutoConfig.from_pretrained(trained.folder.model).answers_may_be_missing


def test_the_best_span_by_hand() -> None:
    """Token 0 is no answer; the best pair in order is (1, 2), since (3, 2) runs backwards."""
    offsets = [None, (0, 3), (4, 7), (8, 12)]
    starts, ends = np.array([0.0, 2.0, 0.0, 3.0]), np.array([1.0, 0.0, 4.0, -9.0])
    assert best_span(starts, ends, offsets) == (pytest.approx(2.0 + 4.0 - 1.0), (0, 7), (1, 2))


@pytest.mark.parametrize(("no_answer", "text", "first", "last"), [(0.0, "Ada was", 1, 2), (9.0, "", 0, 0)])
def test_the_probability_is_that_of_the_chosen_span(
    no_answer: float, text: str, first: int, last: int
) -> None:
    """The likeliest first token, 3, begins no span that ends at the likeliest last one, 2."""
    offsets = [None, (0, 3), (4, 7), (8, 12)]
    starts, ends = np.array([no_answer, 2.0, 0.0, 3.0]), np.array([1.0, 0.0, 4.0, -9.0])
    expected = np.exp(starts[first]) / np.exp(starts).sum() * np.exp(ends[last]) / np.exp(ends).sum()
    _, given, certainty = read_window(starts, ends, offsets, "Ada was here", may_be_silent=True)
    assert (given, certainty) == (text, pytest.approx(expected))
