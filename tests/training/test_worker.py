"""Real runs of the tiny BERT in real worker processes: to the end, cancelled, killed and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bert_explorer.errors import RunError, RunStateError
from bert_explorer.models.catalog import describe_model
from bert_explorer.results import Capability
from bert_explorer.settings import Settings
from bert_explorer.training.export import export_folder, export_zip
from bert_explorer.training.film.file import read_film
from bert_explorer.training.predictions import read_predictions
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.run_folder import run_folder
from tests.training.conftest import (
    CONFIG,
    OWNER,
    make_queue,
    make_upload,
    submit,
    wait_for_state,
    wait_until,
)
from tests.training.in_process import train_here


@pytest.fixture(scope="module")
def module_queue(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunQueue]:
    """A started queue; two runs at a time, since most of a short run is the import of torch."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / "tiny").symlink_to(tiny_bert)
    settings = Settings(
        home=home, offline=True, device="cpu", num_threads=1, max_running_runs=2, checkpoint_interval_s=1.0
    )
    with make_queue(settings) as queue:
        queue.start()
        yield queue


@pytest.fixture(scope="module")
def home_settings(module_queue: RunQueue) -> Settings:
    return module_queue.settings


@pytest.fixture(scope="module")
def finished(module_queue: RunQueue) -> Run:
    """A run that nothing disturbed."""
    run = submit(module_queue, "undisturbed", model="local:tiny")
    return wait_for_state(module_queue, run.id, RunState.FINISHED)


def test_figures_of_a_finished_run(finished: Run, home_settings: Settings) -> None:
    metrics = finished.metrics
    assert metrics is not None
    assert (metrics["num_train"], metrics["num_held_out"]) == (32, 8)
    assert metrics["accuracy"] == 1.0, "one word gives the class away"
    assert metrics["labels"] == list(finished.labels) == ["+", "-"]
    rows = read_predictions(run_folder(finished.id, home_settings))
    matrix = np.zeros((2, 2), dtype=int)
    for row in rows:
        matrix[finished.labels.index(row.true_label), finished.labels.index(row.predicted_label)] += 1
        assert finished.labels[int(np.argmax(row.probabilities))] == row.predicted_label
        assert sum(row.probabilities) == pytest.approx(1.0, abs=1e-5)
    assert metrics["confusion_matrix"] == matrix.tolist()
    assert [row.line for row in rows] == sorted(row.line for row in rows)


def test_curve_and_story_of_a_finished_run(finished: Run, module_queue: RunQueue) -> None:
    metrics = module_queue.store.metrics(finished.id)
    losses = [metric for metric in metrics if metric.name == "loss"]
    assert [metric.step for metric in losses] == list(range(1, 161))
    assert losses[-1].value < 0.1 * losses[0].value
    assert losses[-1].epoch == 40.0
    accuracies = [metric for metric in metrics if metric.name == "eval_accuracy"]
    assert [metric.step for metric in accuracies] == list(range(4, 161, 4))
    assert (finished.progress, finished.eta_s, finished.error) == (1.0, 0.0, None)
    story = [line.text for line in module_queue.store.log_lines(finished.id)]
    assert story[0] == "40 rows: 32 to learn from, 8 to measure with."
    assert story[-1] == "Held-out accuracy 1.000."


def test_folder_of_a_finished_run(finished: Run, home_settings: Settings) -> None:
    folder = run_folder(finished.id, home_settings)
    names = {path.name for path in folder.model.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= names
    assert not folder.checkpoints.exists()
    config = json.loads((folder.model / "config.json").read_text())
    assert config["id2label"] == {"0": "+", "1": "-"}
    everything = b"".join(
        path.read_bytes() for path in folder.model.iterdir() if path.suffix != ".safetensors"
    )
    assert str(home_settings.home).encode() not in everything
    assert b"this film" not in everything, "the training texts stay at home"
    info = describe_model(finished.ref, home_settings)
    assert info.labels == ("+", "-")
    assert Capability.SEQUENCE_CLASSIFICATION in info.capabilities


ELSEWHERE = """
import json, sys
from transformers import AutoModelForSequenceClassification, pipeline
assert not any(name.startswith("bert_explorer") for name in sys.modules)
answers = []
for folder in sys.argv[2:]:
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert not model.training
    classify = pipeline("text-classification", folder, top_k=None)
    answers.append([
        {item["label"]: item["score"] for item in answer} for answer in classify(json.loads(sys.argv[1]))
    ])
json.dump(answers, open("answers.json", "w"))
"""


def test_exports_open_with_plain_transformers(finished: Run, home_settings: Settings, tmp_path: Path) -> None:
    """In a fresh process without this project, with the very probabilities that the run has noted."""
    folder = export_folder(finished, tmp_path / "new" / "folder", home_settings)
    archive = export_zip(finished, home_settings)
    assert export_zip(finished, home_settings) == archive
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unzipped")
    (unzipped,) = (tmp_path / "unzipped").iterdir()
    rows = read_predictions(run_folder(finished.id, home_settings))
    texts = json.dumps([row.text for row in rows])
    subprocess.run(
        [sys.executable, "-I", "-c", ELSEWHERE, texts, str(folder), str(unzipped)],
        cwd=tmp_path,
        env={"HF_HUB_OFFLINE": "1", "HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        timeout=240,
    )
    for answers in json.loads((tmp_path / "answers.json").read_text()):
        for row, answer in zip(rows, answers, strict=True):
            scores = [answer[label] for label in finished.labels]
            np.testing.assert_allclose(scores, row.probabilities, atol=1e-5)
            assert max(answer, key=answer.__getitem__) == row.predicted_label


def test_exports_never_overwrite(finished: Run, home_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("precious")
    for target in (tmp_path, tmp_path / "theirs"):
        with pytest.raises(RunError, match="exists already"):
            export_folder(finished, target, home_settings)
    with pytest.raises(RunStateError, match="is cancelled"):
        export_folder(replace(finished, state=RunState.CANCELLED), tmp_path / "new", home_settings)


def test_killed_and_resumed_is_as_if_undisturbed(
    finished: Run, module_queue: RunQueue, home_settings: Settings
) -> None:
    """kill -9 after a checkpoint; the resumed run ends with the same weights, to the last digit."""
    run = submit(module_queue, "killed", model="local:tiny")
    folder = run_folder(run.id, home_settings)
    while folder.last_checkpoint() is None:
        assert module_queue.store.get(run.id).state.is_active, "too fast to be killed"
        time.sleep(0.01)
    handle = module_queue.store.get(run.id).handle
    assert handle is not None
    os.kill(int(handle.rpartition(":")[2]), signal.SIGKILL)
    interrupted = wait_for_state(module_queue, run.id, RunState.INTERRUPTED)
    assert "Resume it" in str(interrupted.error)
    assert not folder.model.exists()

    module_queue.resume(run.id, OWNER)
    resumed = wait_for_state(module_queue, run.id, RunState.FINISHED)
    story = [line.text for line in module_queue.store.log_lines(run.id)]
    assert any(line.startswith("Going on from the checkpoint after step") for line in story)
    assert resumed.metrics is not None
    assert finished.metrics is not None
    assert resumed.metrics | {"training_s": 0} == finished.metrics | {"training_s": 0}
    assert read_predictions(folder) == read_predictions(run_folder(finished.id, home_settings))
    weights = [run_folder(one.id, home_settings).model / "model.safetensors" for one in (finished, resumed)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    curves = [
        [metric for metric in module_queue.store.metrics(one.id) if metric.name != "examples_per_s"]
        for one in (run, finished)
    ]
    assert curves[0] == curves[1]
    films = [read_film(run_folder(one.id, home_settings).film) for one in (finished, resumed)]
    assert {0, 160} <= set(films[1].steps) <= set(films[0].steps)
    common = np.isin(films[0].steps, films[1].steps)
    np.testing.assert_allclose(films[0].answers[common], films[1].answers, atol=1e-5)


def test_cancel_while_training(module_queue: RunQueue, home_settings: Settings) -> None:
    """The other phases, in which a worker may be, are those of test_queue_processes.py."""
    run = submit(module_queue, "cancelled", model="local:tiny", epochs=100)
    folder = run_folder(run.id, home_settings)
    wait_until(
        module_queue,
        run.id,
        lambda run: run.phase == "training" and bool(module_queue.store.metrics(run.id)),
    )
    began_at = time.monotonic()
    cancelled = module_queue.cancel(run.id, OWNER)
    assert time.monotonic() - began_at < 10.0, "far below what its 100 epochs take on a busy machine"
    assert cancelled.state is RunState.CANCELLED
    assert not folder.model.exists()


def test_a_finished_model_is_trained_further(finished: Run, home_settings: Settings, tmp_path: Path) -> None:
    """With the same labels its head is kept, so that it starts where the first run ended."""
    own = replace(home_settings, database_url=f"sqlite:///{tmp_path / 'own.sqlite3'}")  # no queue takes it
    config = replace(CONFIG, model=finished.ref, epochs=1, learning_rate=1e-7, freeze="all")
    second = train_here(own, "films.csv", make_upload(), config)
    assert second.metrics["accuracy"] == 1.0
    card = (second.folder.model / "README.md").read_text()
    assert f"`{finished.ref}`" in card
