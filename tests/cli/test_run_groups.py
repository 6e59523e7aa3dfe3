"""Several runs at one command: a search that trains, folds and a second file with what runs leave."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.cli import run_groups
from bert_explorer.cli.fine_tune import join_files
from bert_explorer.cli.run_settings import configure
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.groups import FoldSummary, summarise_folds
from bert_explorer.training.run import Run as TrainedRun
from bert_explorer.training.store import RunStore
from tests.cli.conftest import Run, assert_one_line_error, train_inline

GIVEN = dict.fromkeys(("text", "pair", "label", "task", "split", "preset"))


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [f"the {('cat', 'dog')[i % 2]} sat on mat {i},{('feline', 'canine')[i % 2]}" for i in range(60)]
    path = tmp_path / "animals.csv"
    path.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    return path


def test_a_search_names_the_best_by_its_validation_rows(
    run: Run, settings: Settings, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.offline
    train_inline(monkeypatch)
    found = run(
        "search-settings", labelled, "--freeze", "none,all", "--epochs", 3, "--batch-size", 8, "--json"
    ).json
    assert sorted(item["freeze"] for item in found["runs"]) == ["all", "none"]
    assert {item["freeze"]: item["learning_rate"] for item in found["runs"]} == {"none": 2e-4, "all": 5e-3}
    scores = [item["validation_score"] for item in found["runs"]]
    assert scores == sorted(scores, reverse=True)
    assert found["best"] == found["runs"][0]["run_id"]
    runs = run("runs", "--json").json["runs"]
    assert len({tuple(item["tags"]) for item in runs}) == 1
    assert_one_line_error(run("search-settings", labelled, "--rates", "fast"), 1, "--rates is 'fast'")


def finished_runs(settings: Settings, scores: list[float]) -> list[TrainedRun]:
    store = RunStore(settings.resolved_database_url)
    config = FineTuneConfig(text_column="text", label_column="label", folds=len(scores))
    runs = []
    for fold, score in enumerate(scores):
        made = store.create(owner="cli", name="x", filename="x.csv", config=replace(config, fold=fold))
        store.claim_next(9, only=made.id)
        store.finish(made.id, {"accuracy": score})
        runs.append(store.get(made.id))
    store.close()
    return runs


def test_the_interval_of_folds_is_students(settings: Settings) -> None:
    """t = 4.303 for two degrees of freedom: 0.6 +- 4.303 x 0.1 / sqrt(3), by the table."""
    summary = summarise_folds(finished_runs(settings, [0.5, 0.6, 0.7]))
    assert isinstance(summary, FoldSummary)
    assert (summary.metric, summary.mean) == ("accuracy", pytest.approx(0.6))
    assert (summary.low, summary.high) == (pytest.approx(0.3516, abs=1e-4), pytest.approx(0.8484, abs=1e-4))
    alone = summarise_folds(finished_runs(settings, [0.7, 0.9])[:1])
    assert alone is not None
    assert (alone.mean, alone.low, alone.high) == (0.7, None, None)
    certain = summarise_folds(finished_runs(settings, [1.0, 1.0, 0.9]))
    assert certain is not None
    assert certain.high == 1.0
    assert summarise_folds([]) is None


def test_folds_are_written_with_their_mean(
    run: Run, settings: Settings, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[FineTuneConfig] = []

    def train(_name: str, _filename: str, _content: bytes, configs: list[FineTuneConfig]) -> list[TrainedRun]:
        asked.extend(configs)
        return finished_runs(settings, [0.5, 0.75])

    monkeypatch.setattr(run_groups, "_train_group", train)
    found = run("fine-tune", labelled, "--folds", 2, "--json").json
    assert [config.fold for config in asked] == [0, 1]
    assert (found["metric"], found["mean"], len(found["runs"])) == ("accuracy", 0.625, 2)
    assert "Mean 0.625" in run("fine-tune", labelled, "--folds", 2).out
    assert_one_line_error(run("fine-tune", labelled, "--folds", 1), 1, "at least 2")


def test_a_second_file_and_a_split_are_noticed(settings: Settings, labelled: Path, tmp_path: Path) -> None:
    assert settings.offline
    other = tmp_path / "new.csv"
    other.write_text("text,label\nthe cat,feline\nthe dog,canine\n", encoding="utf-8")
    filename, content = join_files(labelled, other)
    assert filename == "animals and new.csv"
    config = configure(filename, content, GIVEN | {"model": "bundled"})
    assert (config.text_column, config.label_column, config.split_column) == ("text", "label", "split")
    config = configure(filename, content, GIVEN | {"model": "bundled", "split": "none", "preset": "best"})
    assert (config.split_column, config.keep_best, config.layer_decay) == (None, True, 0.9)
    config = configure(filename, content, GIVEN | {"model": "bundled", "preset": "best", "lora_rank": 4})
    assert (config.lora_rank, config.freeze, config.layer_decay) == (4, "none", 1.0)
    assert json.loads(config.to_json())["learning_rate"] == 1e-3
