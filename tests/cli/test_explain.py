"""The command explain: the page's numbers, and one line for what cannot be explained."""

import errno
import json
import shutil
from pathlib import Path

import pytest

from bert_explorer.analysis.attributions import METHODS, explain_text
from bert_explorer.models.cache import open_model
from bert_explorer.run_analyses import kept
from bert_explorer.settings import Settings, get_settings
from tests.cli.conftest import Run, assert_one_line_error

TEXT = "free prize , call embedding now"


@pytest.fixture
def model(settings: Settings, tiny_classifier: Path) -> str:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    return "local:classes"


def test_explain_gives_the_contracts_keys_and_the_librarys_numbers(run: Run, model: str) -> None:
    found = run("explain", TEXT, "--model", model, "--target", "spam", "--faithfulness", "--json").json
    with open_model(model) as engine:
        expected = explain_text(engine, TEXT, target="spam")
    assert found["prediction"] == "spam"
    assert found["tokens"] == ["[CLS]", "free", "prize", ",", "call", "embedding", "now", "[SEP]"]
    assert found["attributions"] == found["methods"]["integrated-gradients"]
    for method, row in zip(METHODS, expected.scores, strict=True):
        assert found["methods"][method] == pytest.approx(row.tolist(), abs=1e-5)
    assert found["completeness_error"] == pytest.approx(expected.completeness_error, abs=1e-4)
    assert len(found["spearman"]) == len(METHODS)
    deletion = found["faithfulness"]["deletion"]
    assert deletion["occlusion"]["curve"][0] == pytest.approx(found["likelihood"], abs=1e-5)
    assert len(deletion["random"]["curves"]) == len(deletion["random"]["areas"])
    printed = run("explain", TEXT, "--model", model, "--target", "spam", "--pieces", "--method", "occlusion")
    assert "Prediction: spam" in printed.out
    assert "##b" in printed.out or "##e" in printed.out


@pytest.mark.usefixtures("settings")
def test_errors_are_one_line(run: Run, model: str) -> None:
    assert_one_line_error(run("explain", TEXT, "--model", model, "--target", "x"), 1, "no class 'x'", "ham")
    assert_one_line_error(run("explain", " ", "--model", model), 1, "empty")
    assert_one_line_error(run("explain", TEXT), 1, "no mask")
    assert_one_line_error(run("explain", TEXT, "--model", "run:gone"), 1, "unfinished or deleted")


@pytest.fixture
def trained(settings: Settings, tiny_classifier: Path) -> str:
    folder = settings.runs_path / "abc"
    shutil.copytree(tiny_classifier, folder / "model")
    texts = (
        "the cat sat",
        "free prize !",
        "call now to win",
        "she said that",
        "the dog sat",
        "win money now",
    )
    rows = [
        {"line": i, "text": text, "pair": None, "true_label": "ham", "predicted_label": "ham",
         "probabilities": [1, 0, 0]}
        for i, text in enumerate(texts)
    ]  # fmt: skip
    (folder / "predictions.json").write_text(json.dumps(rows))
    return "run:abc"


def test_held_out_rows_are_summarized_and_flipped(
    run: Run, trained: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run("explain", "--held-out", "--model", trained, "--method", "gradient-input", "--json").json
    assert (found["num_texts"], found["method"]) == (6, "gradient-input")
    assert sum(item["num_texts"] for item in found["classes"]) == 6
    assert {"word", "mean", "count", "num_texts"} == set(found["classes"][0]["words"][0])
    first = run("explain", "--held-out", "--model", trained, "--method", "gradient-input")
    assert "Kept with the run since" in first.err
    anew = run("explain", "--held-out", "--model", trained, "--method", "gradient-input", "--again")
    assert "Kept" not in anew.err
    assert anew.out == first.out

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kept, "keep_answer", refuse)
        unkept = run("explain", "--held-out", "--model", trained, "--method", "gradient-input", "--again")
    assert unkept.out == first.out
    assert "could not be kept with the run: No space left on device." in unkept.err
    few = run("explain", "--held-out", "--model", trained, "--method", "occlusion", "--limit", "2")
    assert few.out.startswith("2 held-out texts, by occlusion")
    flipped = run("explain", "--shortcuts", "--model", trained, "--json")
    if flipped.status == 0:
        assert {"won_interval", "lost_interval"} <= set(flipped.json["shortcuts"][0])
    else:
        assert_one_line_error(flipped, 1, "sorts all 6 texts")
    assert_one_line_error(run("explain", "--held-out", "--model", model), 1, "no held-out rows")
    assert_one_line_error(
        run("explain", "--held-out", "--model", trained, "--method", "rollout"),
        1,
        "not gathered by 'rollout'",
    )
    assert_one_line_error(run("explain", TEXT, "--held-out", "--model", trained), 2, "Give a TEXT, or")
    assert_one_line_error(run("explain", "--shortcuts", "--model", "run:gone"), 1, "unfinished or deleted")
    (get_settings().runs_path / "abc" / "predictions.json").write_text("[]")
    assert_one_line_error(
        run("explain", "--held-out", "--model", trained, "--method", "occlusion"), 1, "no held-out"
    )
    (get_settings().runs_path / "abc" / "predictions.json").unlink()
    assert_one_line_error(run("explain", "--shortcuts", "--model", trained), 1, "no held-out rows beside")
