"""The life of runs on the command line: train, list, use, export, resume, delete."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from transformers import pipeline

from bert_explorer.cli.run_insides import describe_fixed
from bert_explorer.settings import REPOSITORY, Settings
from tests.cli.conftest import Run, train_inline

Command = Callable[..., Any]
PATIENCE_S = 120  # the machine may be busy
PROGRAM = """
import sys
from bert_explorer.cli import main
from bert_explorer.training import executor
executor.WORKER_COMMAND = (sys.executable, "-m", "tests.training.light_worker")
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def command(run: Run) -> Command:
    """The JSON of a command that must succeed."""
    return lambda *arguments: run(*arguments, "--json").json


@pytest.fixture
def refusal(run: Run) -> Command:
    """The one line of a command that must fail with status 1."""

    def call(*arguments: object) -> str:
        outcome = run(*arguments)
        assert (outcome.status, outcome.out) == (1, ""), outcome.err
        return outcome.err.splitlines()[-1]

    return call


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    train_inline(monkeypatch)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """120 rows that a tiny model can learn: the word tells the label."""
    rng = random.Random(0)
    path = tmp_path / "animals.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["message", "kind"])
        for i in range(120):
            word, kind = (("cat", "feline"), ("dog", "canine"))[i % 2]
            writer.writerow([f"the {word} sat on the mat and looked {rng.randint(1, 99)}", kind])
    return path


@pytest.mark.usefixtures("inline")
def test_a_run_from_its_file_to_its_use(
    run: Run, command: Command, refusal: Command, settings: Settings, labelled: Path, tmp_path: Path
) -> None:
    trained = command(
        "fine-tune", labelled, "--label", "kind", "--text", "message", "--epochs", 4, "--learning-rate", 0.01
    )
    assert trained["state"] == "finished"
    assert trained["metrics"]["accuracy"] == 1.0
    assert trained["elapsed_s"] > 0
    assert "owner" not in trained
    run_id = trained["run_id"]
    assert [item["id"] for item in command("runs")["runs"]] == [run_id]
    assert command("runs", "show", run_id)["labels"] == ["canine", "feline"]
    assert run("runs", "--json", "show", run_id).json["id"] == run_id
    assert f"run:{run_id}" in {model["ref"] for model in command("models")["models"]}

    new = tmp_path / "new.csv"
    new.write_text("message,kind\nthe dog looked,?\nthe cat looked,?\n", encoding="utf-8")
    answer = command("predict", new, "--model", f"run:{run_id}", "--output", tmp_path / "out.csv")
    assert answer == {"rows": 2}
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row["prediction"] for row in csv.DictReader(file)] == ["canine", "feline"]

    film = command("runs", "film", run_id)
    assert [film["moments"][0]["step"], film["moments"][-1]["right"]] == [0, len(film["items"])]
    moved = command("runs", "moved", run_id)
    assert min(moved["weights"]) > 0
    assert [len(moved["similarities"]), moved["base"]] == [3, "bundled"]
    probed = command("runs", "probe", run_id)
    assert [row["layer"] for row in probed["layers"]] == [0, 1, 2]
    assert probed["layers"][-1]["after"] == 1.0
    kept = settings.runs_path / run_id / "film.npz"
    assert kept.is_file()

    folder = tmp_path / "exported"
    assert command("runs", "export", run_id, "--output", folder)["output"] == str(folder)
    (plain,) = pipeline("text-classification", model=str(folder), device="cpu")("the dog looked")
    assert plain["label"] == "canine"
    assert "exists already" in refusal("runs", "export", run_id, "--output", folder)
    assert "finished" in refusal("runs", "cancel", run_id)
    assert "finished" in refusal("runs", "resume", run_id)

    assert command("runs", "delete", run_id)["id"] == run_id
    assert not kept.exists()
    assert command("runs") == {"runs": []}
    assert run_id in refusal("fill-mask", "the [MASK]", "--model", f"run:{run_id}")
    assert settings.offline


def test_ctrl_c_interrupts_a_run_which_can_be_resumed(
    run: Run, command: Command, settings: Settings, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a process of its own, as by a user, whose worker would go on for ten minutes.

    From its last checkpoint: tests/training/test_worker.py.
    """
    assert settings.offline
    options = ("--label", "kind", "--text", "message", "--epochs", "1", "--name", "steps")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "fine-tune", str(labelled), *options],
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # ignored behind an &
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not (runs := run("runs", "--json").json["runs"]) or runs[0]["progress"] <= 0.05:
            assert time.monotonic() < deadline, runs
            time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 130, errors
    (found,) = command("runs")["runs"]
    assert found["state"] == "interrupted"
    assert f"runs resume {found['id']}" in errors
    train_inline(monkeypatch)
    resumed = command("runs", "resume", found["id"])
    assert resumed["state"] == "finished"


def test_files_that_cannot_be_trained_on(
    command: Command, refusal: Command, settings: Settings, tmp_path: Path
) -> None:
    assert settings.offline
    one_class = tmp_path / "one.csv"
    one_class.write_text("text,label\na,x\nb,x\nc,x\n", encoding="utf-8")
    assert "At least two classes" in refusal("fine-tune", one_class, "--text", "text", "--label", "label")
    assert "epochs is 0" in refusal(
        "fine-tune", one_class, "--text", "text", "--label", "label", "--epochs", 0
    )
    assert command("runs") == {"runs": []}


@pytest.mark.usefixtures("inline")
def test_tags_of_words_from_their_file_to_their_use(
    command: Command, settings: Settings, tmp_path: Path
) -> None:
    """Another task by the same two commands: nothing is said of it, the file tells."""
    assert settings.offline
    names = tmp_path / "names.conll"
    sentences = [
        f"the\tO\n{('cat', 'dog')[i % 2]}\tB-{('CAT', 'DOG')[i % 2]}\nsat\tO\n{i}\tO\n" for i in range(40)
    ]
    names.write_text("\n".join(sentences), encoding="utf-8")
    run = command("fine-tune", names, "--epochs", 8, "--batch-size", 8, "--learning-rate", 0.01)
    assert (run["state"], run["config"]["task"]) == ("finished", "token-classification")
    assert run["metrics"]["entity_f1"] == 1.0
    new = tmp_path / "new.txt"
    new.write_text("the dog sat\nthe cat sat\n", encoding="utf-8")
    output = tmp_path / "out.csv"
    assert command("predict", new, "--model", f"run:{run['run_id']}", "--output", output) == {"rows": 2}
    with output.open(newline="", encoding="utf-8") as file:
        assert [row["prediction"] for row in csv.DictReader(file)] == ["dog [DOG]", "cat [CAT]"]


@pytest.mark.usefixtures("inline", "settings")
def test_a_small_bert_is_pretrained_on_a_text_and_fills_masks(
    command: Command, refusal: Command, tmp_path: Path
) -> None:
    story = tmp_path / "story.txt"
    story.write_text(
        "\n".join(["The cat sat on the mat.", "A dog ate the old bread."] * 60), encoding="utf-8"
    )
    cloze = "The cat sat on the [MASK]."
    trained = command("pretrain", "text", story, "--passes", 30, "--cloze", cloze)
    assert trained["metrics"]["top1"] > trained["metrics"]["top1_before"]
    assert trained["cloze"]["checkpoints"][-1]["answers"][0]["top"][0][0] == "mat"
    answer = command("fill-mask", cloze, "--model", trained["ref"])
    assert "mat" in json.dumps(answer)
    story.write_text("Too short. Really.", encoding="utf-8")
    assert "The text has 3 words" in refusal("pretrain", "text", story)


def test_layers_that_did_not_learn_are_named_by_number() -> None:
    assert describe_fixed(0, 6) == ""
    assert describe_fixed(1, 6) == " (layer 1 did not learn)"
    assert describe_fixed(2, 6) == " (layers 1 to 2 did not learn)"
    assert describe_fixed(6, 6) == describe_fixed(1, 1) == " (no layer learned, only the head of the model)"
