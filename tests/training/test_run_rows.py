"""The rows of a run with one label each, for every task, split as in its training."""

from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.errors import RunError
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.run_rows import most_even, read_run_rows
from bert_explorer.training.store import RunStore

PAIRS = {"text_column": "sentence1", "pair_column": "sentence2", "label_column": "score"}


def make_run(settings: Settings, filename: str, task: str, **columns: str) -> Run:
    config = FineTuneConfig(**{"text_column": "text", "label_column": "label", "task": task} | columns)  # type: ignore[arg-type]
    store = RunStore(settings.resolved_database_url)
    run = store.create(owner="tests", name="rows", filename=filename, config=config)
    store.close()
    content = (REPOSITORY / "assets" / "datasets" / filename).read_bytes()
    run_folder(run.id, settings).keep_upload(filename, content)
    return run


def test_numbers_become_two_classes_at_the_median(settings: Settings) -> None:
    found = read_run_rows(make_run(settings, "similarity_300.tsv", "regression", **PAIRS), settings)
    assert (len(found.rows), int(found.held_out.sum())) == (300, 60)
    labels = [row.labels[0] for row in found.rows]
    learned = [label for label, out in zip(labels, found.held_out, strict=True) if not out]
    assert 0.35 < np.mean([label == "not" for label in learned]) < 0.65
    assert found.task.startswith("above ")
    assert all(row.pair for row in found.rows)


def test_one_label_of_a_set_is_read_off(settings: Settings) -> None:
    run = make_run(settings, "sentence_traits_400.tsv", "multi-label", label_column="labels")
    found = read_run_rows(run, settings)
    assert len({row.labels for row in found.rows}) == 2
    assert found.task.endswith("or not")
    assert most_even(np.array([[1, 1, 0], [1, 0, 0]], dtype=np.float32)) == 1


def test_every_word_has_its_tag(settings: Settings) -> None:
    run = make_run(settings, "names_400.iob2", "token-classification", label_column="tags")
    row = read_run_rows(run, settings).rows[0]
    assert len(row.labels) == len(row.spans) == len(row.text.split())


def test_questions_have_no_classes(settings: Settings) -> None:
    run = make_run(settings, "sms_spam_200.tsv", "text-classification")
    assert len({row.labels for row in read_run_rows(run, settings).rows}) == 2
    questions = replace(run, config=replace(run.config, task="question-answering"))
    with pytest.raises(RunError, match="spans of text, not classes"):
        read_run_rows(questions, settings)
