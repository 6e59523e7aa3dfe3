"""What the queue's worker finds out is what the library finds out, and it stays with the run."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from bert_explorer.analysis.class_words import summarize_classes
from bert_explorer.analysis.moved import compute_moves
from bert_explorer.models.cache import open_model
from bert_explorer.models.weight_changes import compare_weights
from bert_explorer.results import ModelMoves
from bert_explorer.run_analyses import work
from bert_explorer.run_analyses.kept import find_kept
from bert_explorer.run_analyses.questions import (
    ClassWordsQuestion,
    MovesQuestion,
    PruningQuestion,
    RunProbesQuestion,
    RunQuestion,
    ShortcutsQuestion,
    write_question,
)
from bert_explorer.run_analyses.rows import held_out_texts
from bert_explorer.settings import Settings
from bert_explorer.training.monitor import RunMonitor
from bert_explorer.training.predictions import HeldOutRow, write_predictions
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.store import RunStore
from tests.training.conftest import CONFIG, OWNER, make_upload
from tests.training.inline_executor import InlineExecutor

TEXTS = ("the cat sat", "free prize !", "call now to win", "she said that", "the dog sat", "win money now")


@pytest.fixture
def queue(settings: Settings) -> Iterator[RunQueue]:
    """Not started: ``step`` measures what waits, in this process."""
    store = RunStore(settings.resolved_database_url)
    yield RunQueue(store, InlineExecutor(settings), settings)
    store.close()


@pytest.fixture
def run(queue: RunQueue, settings: Settings, tiny_classifier: Path) -> Run:
    """A finished one with six held-out rows."""
    made = queue.submit(OWNER, "spam", "films.csv", make_upload(), CONFIG)
    queue.store.claim_next(1)
    folder = run_folder(made.id, settings)
    shutil.copytree(tiny_classifier, folder.model)
    rows = [
        HeldOutRow(i, text, None, "ham", ("ham", "spam")[i % 2], (1.0, 0.0)) for i, text in enumerate(TEXTS)
    ]
    write_predictions(folder, rows)
    queue.store.finish(made.id, {"accuracy": 1.0})
    return queue.store.get(made.id)


def measure(queue: RunQueue, run: Run, question: RunQuestion) -> Run:
    job = queue.analyse(run.id, write_question(question), OWNER)
    queue.step()
    return queue.store.get(job.id)


def test_the_worker_finds_what_the_library_finds(queue: RunQueue, run: Run, settings: Settings) -> None:
    question = ClassWordsQuestion("gradient-input", 4)
    ended = measure(queue, run, question)
    assert (ended.state, ended.progress, ended.error) == (RunState.FINISHED, 1.0, None)
    found = find_kept(run.id, question, settings)
    assert found is not None
    with open_model(run.ref) as engine:
        texts = held_out_texts(run.id, settings, 4)
        assert found.answer == summarize_classes(engine, texts, method="gradient-input")

    moves = MovesQuestion("bundled")
    assert measure(queue, run, moves).state is RunState.FINISHED
    kept = find_kept(run.id, moves, settings)
    assert kept is not None
    answer: ModelMoves = kept.answer
    with open_model("bundled") as base, open_model(run.ref) as tuned:
        weights = compare_weights(settings.bundled_model_path, run_folder(run.id, settings).model, tuned.info)
        expected = compute_moves(base, tuned, TEXTS, None, weights)
    np.testing.assert_allclose(answer.divergences, expected.divergences, atol=1e-6)
    np.testing.assert_allclose(answer.similarities, expected.similarities, atol=1e-6)
    assert answer.num_tokens == expected.num_tokens


def test_probes_and_pruning(queue: RunQueue, run: Run, settings: Settings) -> None:
    for question in (RunProbesQuestion("bundled"), PruningQuestion(6)):
        ended = measure(queue, run, question)
        assert ended.error is None
        found = find_kept(run.id, question, settings)
        assert found is not None
        assert isinstance(found.answer, question.ANSWER)


def test_what_cannot_be_measured_says_why(queue: RunQueue, run: Run, settings: Settings) -> None:
    run_folder(run.id, settings).predictions.unlink()
    ended = measure(queue, run, ShortcutsQuestion(40))
    assert ended.state is RunState.FAILED
    assert "no held-out rows beside this run" in str(ended.error)
    assert find_kept(run.id, ShortcutsQuestion(40), settings) is None
    job = queue.analyse(run.id, json.dumps({"ask": "weather"}), OWNER)
    queue.step()
    assert "cannot measure" in str(queue.store.get(job.id).error)


def test_a_run_in_the_bin_is_not_measured(queue: RunQueue, run: Run) -> None:
    """Thrown away by another process just before its analysis began."""
    job = queue.analyse(run.id, write_question(ShortcutsQuestion(40)), OWNER)
    queue.shelf.discard(run.id)
    queue.step()
    ended = queue.store.get(job.id)
    assert ended.state is RunState.FAILED
    assert "There is no run" in str(ended.error)


def test_the_time_left_counts_from_the_first_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """32 of 96 were done when the clock began: 32 more in 8 s leave 32 for 8 s."""
    told: list[tuple[float, float | None]] = []
    monitor = Mock(spec=RunMonitor)
    monitor.advance.side_effect = lambda *values: told.append(values)
    now = iter((100.0, 108.0, 108.0))
    monkeypatch.setattr(work.time, "monotonic", lambda: next(now))
    tell = work._make_progress(monitor)
    tell(32, 96)
    tell(64, 96)
    tell(96, 96)
    monitor.enter.assert_called_once_with("measuring", progress=32 / 96)
    assert told == [(64 / 96, 8.0), (1.0, 0.0)]


def test_stopped_in_the_middle_nothing_is_kept(
    queue: RunQueue, run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.analyse(run.id, write_question(ClassWordsQuestion("occlusion", 6)), OWNER)
    report, seen = RunStore.report, []

    def stop_at_the_first_text(store: RunStore, run_id: str, *rest: object, **values: object) -> bool:
        if values.get("phase") == "measuring":
            seen.append(values["progress"])
            store.request_cancel(run_id)
        return report(store, run_id, *rest, **values)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(RunStore, "report", stop_at_the_first_text)
    queue.step()
    assert queue.store.get(job.id).state is RunState.CANCELLED
    assert seen == [1 / 6]
    assert not run_folder(run.id, settings).analyses.exists()
