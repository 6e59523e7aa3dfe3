"""The command explain: the page's numbers, and one line for what cannot be explained."""

from pathlib import Path

import pytest

from bert_explorer.analysis.attributions import METHODS, explain_text
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
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
