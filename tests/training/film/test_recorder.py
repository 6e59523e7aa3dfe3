"""Recording takes nothing from a training and adds nothing to it, and survives what ends it early."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

from bert_explorer.errors import RunError
from bert_explorer.results import FilmItem
from bert_explorer.settings import Settings
from bert_explorer.training.film import recorder
from bert_explorer.training.film.changes import WeightChanges
from bert_explorer.training.film.file import read_film
from bert_explorer.training.film.items import Watched
from bert_explorer.training.film.passes import PassWatcher
from bert_explorer.training.film.recorder import relative_moves
from bert_explorer.training.monitor import RunCancelled, RunMonitor
from bert_explorer.training.predictions import read_predictions
from bert_explorer.training.run_folder import RunFolder
from tests.tiny_models import TEXTS, build_tiny
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here

SHORT = replace(CONFIG, epochs=2, batch_size=4)


def test_the_same_training_with_and_without(settings: Settings) -> None:
    filmed = train_here(settings, "films.csv", make_upload(), SHORT)
    plain = train_here(replace(settings, record_films=False), "films.csv", make_upload(), SHORT)
    weights = [one.folder.model / "model.safetensors" for one in (filmed, plain)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert [m for m in filmed.curve if m.name == "loss"] == [m for m in plain.curve if m.name == "loss"]
    with pytest.raises(RunError, match="has no film"):
        read_film(plain.folder.film)
    film = read_film(filmed.folder.film)
    assert {0, 16} <= set(film.steps)
    rows = {row.line: row for row in read_predictions(filmed.folder)}
    for index, item in enumerate(film.items):
        np.testing.assert_allclose(film.answers[-1, index], rows[item.line].probabilities, atol=1e-5)
        assert film.rights[-1, index] == rows[item.line].is_right
    labels = [item.label for item in film.items]
    assert labels.count("+") == labels.count("-"), "classes take turns"
    assert any("recording took" in line for line in filmed.log)
    assert film.spent_s < filmed.metrics["training_s"]


@pytest.mark.parametrize("share", [0.0, 1e6])
def test_moments_that_cost_too_much_are_left_out(
    share: float, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first step and at evaluations there is a moment in any case."""
    monkeypatch.setattr(recorder, "MAX_SHARE", share)
    trained = train_here(settings, "films.csv", make_upload(), SHORT)
    steps = set(read_film(trained.folder.film).steps.tolist())
    free = {0} | {metric.step for metric in trained.curve if metric.name == "eval_accuracy"}
    assert free <= steps
    assert (steps == free) == (share == 0)


@pytest.mark.parametrize("freeze", ["1", "all"])
def test_frozen_layers_that_ran_once(settings: Settings, freeze: str) -> None:
    """Only what learns is watched, and the last layer in any case."""
    trained = train_here(settings, "films.csv", make_upload(), replace(SHORT, freeze=freeze))
    assert any("ran once" in line for line in trained.log)
    film = read_film(trained.folder.film)
    assert film.layers == (2,)
    moved = np.abs(film.vectors[-1].astype(float) - film.vectors[0]).max()
    assert (moved > 0) == (freeze == "1")
    assert film.head_changes[-1].any(axis=1).tolist() == [False, freeze == "1"]
    assert np.abs(film.answers[-1] - film.answers[0]).max() > 0


def test_a_cancelled_run_keeps_its_film_so_far(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def check(_self: RunMonitor) -> None:
        nonlocal count
        count += 1
        if count > 12:
            raise RunCancelled

    monkeypatch.setattr(RunMonitor, "check", check)
    with pytest.raises(RunCancelled):
        train_here(settings, "films.csv", make_upload(), SHORT)
    (folder,) = settings.runs_path.iterdir()
    film = read_film(RunFolder(folder).film)
    assert 0 in film.steps
    assert film.steps[-1] < 16


def test_a_film_that_fails_ends_and_the_training_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "read_answers", lambda *_: 1 / 0)
    trained = train_here(settings, "films.csv", make_upload(), replace(SHORT, epochs=1))
    assert "The film of this training ends early: division by zero" in trained.log
    assert not trained.folder.film.exists()
    assert trained.folder.model.is_dir()


def test_a_film_that_fails_at_an_evaluation_ends_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, calls = PassWatcher.finish, iter([False])  # the first, before training, goes well

    def fail_later(self: PassWatcher) -> Any:
        if next(calls, True):
            raise RuntimeError("no memory left")
        return finish(self)

    monkeypatch.setattr(PassWatcher, "finish", fail_later)
    monkeypatch.setattr(recorder, "MAX_SHARE", 0.0)  # no moments but those of evaluations
    trained = train_here(settings, "films.csv", make_upload(), replace(SHORT, epochs=1))
    told = [line for line in trained.log if "film" in line]
    assert told == ["The film of this training ends early: no memory left"], "and nothing of its moments"
    assert trained.folder.model.is_dir()


def test_a_damaged_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.npz").write_bytes(b"PK\x03\x04 junk")
    with pytest.raises(RunError, match="damaged"):
        read_film(tmp_path / "film.npz")


@pytest.mark.parametrize(
    "family", ["bert", "distilbert", "albert", "mobilebert", "modernbert", "mpnet", "deberta-v2"]
)
def test_what_is_taken_is_what_transformers_gives(family: str, tmp_path: Path) -> None:
    """Vectors of every layer at chosen tokens, rows in any order, against output_hidden_states."""
    folder = build_tiny(family, tmp_path, head="text-classification")
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(list(TEXTS))
    rows: list[dict[str, Any]] = [{name: encoded[name][i] for name in encoded} for i in range(len(TEXTS))]
    nothing = FilmItem(1, "", None, "", "")
    watched = [Watched(nothing, 4, 0, 0), Watched(nothing, 1, 2, 0), Watched(nothing, 1, 0, 0)]
    watcher = PassWatcher(model, watched, len(rows), 1)
    collate = DataCollatorWithPadding(tokenizer)
    with watcher.attach(), torch.no_grad():
        model(**collate(rows[:2]))
        assert watcher.finish() is None, "a pass that did not reach all watched rows"
        model(**collate(rows[:4]))
        model(**collate(rows[4:]))
        seen = watcher.finish()
    assert seen is not None
    expected = [model(**collate([rows[item.row]]), output_hidden_states=True) for item in watched]
    for index, (item, output) in enumerate(zip(watched, expected, strict=True)):
        states = torch.stack(output.hidden_states)[list(watcher.layers), 0, item.position]
        np.testing.assert_allclose(seen.vectors[:, index], states.detach(), rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(seen.logits[index], output.logits[0].detach(), rtol=1e-3, atol=1e-4)
    assert not model(**collate(rows[:1])).logits.isnan().any()
    assert not watcher.finish(), "the hooks are gone"


def test_weights_by_hand(tmp_path: Path) -> None:
    folder = build_tiny("bert", tmp_path, head="text-classification")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    changes = WeightChanges(model)
    assert not changes.measure().any()
    head = [*model.bert.pooler.parameters(), *model.classifier.parameters()]
    with torch.no_grad():
        whole = sum(float(weight.square().sum()) for weight in head)
        lost = float(model.classifier.weight.square().sum())
        for weight in model.bert.encoder.layer[1].parameters():
            weight.mul_(1.5)
        model.classifier.weight.zero_()
    assert changes.parts == ("embeddings", "1", "2", "head")
    np.testing.assert_allclose(changes.measure(), [0, 0, 0.5, (lost / whole) ** 0.5], rtol=1e-4)


def test_moves_of_heads_by_hand() -> None:
    start = np.array([[[[3.0, 4.0], [1.0, 0.0]], [[0.0, 5.0], [2.0, 0.0]]]])  # 1 layer, 2 items, 2 heads
    now = np.array([[[[3.0, 4.0], [1.0, 1.0]], [[0.0, 10.0], [0.0, 0.0]]]])
    np.testing.assert_allclose(relative_moves(start, now), [[0.5, 1.0]])  # (0 + 5/5) / 2, (1/1 + 2/2) / 2
