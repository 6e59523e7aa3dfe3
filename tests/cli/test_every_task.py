"""Every bundled example by the command line: trained, exported, opened elsewhere, used on a file."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bert_explorer.cli import main
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.apply import describe_tags
from bert_explorer.training.export import export_zip
from bert_explorer.training.imports import import_run
from bert_explorer.training.predictions import HeldOutRow, read_predictions
from bert_explorer.training.queue import open_run_queue
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.tables.predicted import escape_formula
from tests.cli import plain_transformers
from tests.cli.conftest import train_inline
from tests.conftest import use_settings

MAX_LENGTH = 64
EXAMPLES = {  # file: (task, name of its headline)
    "sms_spam_200.tsv": ("text-classification", "accuracy"),
    "banking_pairs_400.csv": ("text-classification", "accuracy"),
    "sentence_traits_400.tsv": ("multi-label", "micro_f1"),
    "similarity_300.tsv": ("regression", "spearman"),
    "names_400.iob2": ("token-classification", "entity_f1"),
    "parts_of_speech_200.conll": ("token-classification", "accuracy"),
    "xquad_en_sample.json": ("question-answering", "f1"),
}


@dataclass(frozen=True)
class Trained:
    """What the commands said and left of one example."""

    run: dict[str, Any]
    rows: tuple[HeldOutRow, ...]
    folder: Path
    elsewhere: list[str]
    program: list[str]
    predicted: list[str]


def command(*arguments: object) -> Any:
    """The JSON of a command that must succeed, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([*map(str, arguments), "--json"])
    assert status == 0, err.getvalue()
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def home(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        train_inline(patch)
        yield from use_settings(tmp_path_factory.mktemp("every-task"), patch, bundled=tiny_bert)


@pytest.fixture(scope="module")
def trained(home: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trained]:
    """All examples; one fresh process opens all their exports."""
    place = tmp_path_factory.mktemp("exported")
    runs = {name: _train(name, place / name, home) for name in EXAMPLES}
    questions = [_question(name, rows, place / name) for name, (_, rows) in runs.items()]
    (place / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
    script = [sys.executable, "-I", plain_transformers.__file__, "questions.json", "answers.json"]
    environment = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "HOME": str(place)}
    subprocess.run(
        script, cwd=place, env=environment | {"PATH": os.environ["PATH"]}, check=True, capture_output=True
    )
    answers, programs = json.loads((place / "answers.json").read_text(encoding="utf-8"))
    return {
        name: Trained(run, rows, place / name, elsewhere, program, _predict(run, rows, place))
        for (name, (run, rows)), elsewhere, program in zip(runs.items(), answers, programs, strict=True)
    }


def _train(name: str, exported: Path, home: Settings) -> tuple[dict[str, Any], tuple[HeldOutRow, ...]]:
    file = exported.with_name(f"of {name}")
    content = (REPOSITORY / "assets" / "datasets" / name).read_bytes()
    if name.endswith(".json"):  # a few paragraphs are enough to spell letter by letter
        content = json.dumps({"data": json.loads(content)["data"][:5]}).encode()
    file.write_bytes(content)
    options = (
        "--epochs",
        1,
        "--freeze",
        1,
        "--learning-rate",
        0.01,
        "--max-length",
        MAX_LENGTH,
        "--batch-size",
        64,
    )
    run = command("fine-tune", file, *options)
    command("runs", "export", run["run_id"], "--output", exported)
    return run, read_predictions(run_folder(run["run_id"], home))


def _question(name: str, rows: tuple[HeldOutRow, ...], folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "task": EXAMPLES[name][0],
        "texts": [row.text for row in rows],
        "pairs": [row.pair for row in rows],
        "max_length": MAX_LENGTH,
        "stride": MAX_LENGTH // 6,
        "unread": "O" if name.startswith("names") else "(unread)",
    }


def _predict(run: dict[str, Any], rows: tuple[HeldOutRow, ...], place: Path) -> list[str]:
    """The held-out texts as a new file, under the names of the columns that the run was trained on."""
    config = run["config"]
    source, target = place / "new.csv", place / "predicted.csv"
    columns = [name for name in (config["text_column"], config["pair_column"]) if name]
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "n"])
        writer.writerows([row.text, row.pair, 1] if row.pair else [row.text, 1] for row in rows)
    command("predict", source, "--model", f"run:{run['run_id']}", "--output", target)
    with target.open(newline="", encoding="utf-8") as file:
        return [row["prediction"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_says_the_same_in_plain_transformers(name: str, trained: dict[str, Trained]) -> None:
    found, (task, headline) = trained[name], EXAMPLES[name]
    assert (found.run["state"], found.run["config"]["task"]) == ("finished", task)
    assert found.run["metrics"].get("headline", "accuracy") == headline
    assert len(found.rows) >= found.run["metrics"]["num_held_out"] >= 5
    ours = [row.predicted_label for row in found.rows]
    if task == "regression":
        assert [float(number) for number in found.elsewhere] == pytest.approx([*map(float, ours)], rel=1e-3)
    else:
        assert found.elsewhere == ours


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_exported_program_says_what_predict_says(name: str, trained: dict[str, Trained]) -> None:
    found, task = trained[name], EXAMPLES[name][0]
    ours = found.predicted[: plain_transformers.PROGRAM_ROWS]
    assert len(found.program) == len(ours)
    if task == "regression":
        assert [*map(float, found.program)] == pytest.approx([*map(float, ours)], rel=1e-3)
    elif task == "question-answering":  # it reads long questions to their end
        assert all(answer in str(row.pair) for answer, row in zip(found.program, found.rows, strict=False))
    elif task != "token-classification":  # a pipeline groups pieces, not words
        assert found.program == ours


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_exported_run_comes_back_with_its_figures(
    name: str, trained: dict[str, Trained], home: Settings
) -> None:
    queue = open_run_queue()
    exported = queue.store.get(trained[name].run["run_id"])
    run = import_run("another browser", "x.zip", export_zip(exported, home).read_bytes(), queue)
    assert (run.state, run.config, run.labels) == ("finished", exported.config, exported.labels)
    assert run.metrics is not None
    assert exported.metrics is not None
    assert {name: exported.metrics[name] for name in run.metrics} == run.metrics
    assert {"num_held_out", "data_sha256"} < set(run.metrics)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_is_answered_as_the_held_out_rows_were(name: str, trained: dict[str, Trained]) -> None:
    """Only the limit differs: texts may be longer now, so rows that were cut may get another answer."""
    found = trained[name]
    shown = [_as_predicted(name, row) for row in found.rows]
    assert len(found.predicted) == len(shown)
    same = sum(given == expected for given, expected in zip(found.predicted, shown, strict=True))
    cut = found.run["metrics"]["num_truncated"]
    assert same >= len(shown) - cut if EXAMPLES[name][0] != "question-answering" else all(found.predicted)


def _as_predicted(name: str, row: HeldOutRow) -> str:
    """The row's answer in the words of ``predict``."""
    if EXAMPLES[name][0] != "token-classification":
        return escape_formula(row.predicted_label)
    words, start = [], 0
    for word in row.text.split(" "):
        words.append((start, start + len(word)))
        start += len(word) + 1
    return escape_formula(describe_tags(row.text, words, row.predicted_label.split(" ")))
