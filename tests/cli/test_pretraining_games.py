from pathlib import Path

import pytest

from bert_explorer.analysis.restoration import restore_text
from bert_explorer.models.cache import open_model
from tests.cli.conftest import Run, assert_one_line_error

TEXT = "the cat sat on the mat and looked at the dog"


@pytest.mark.usefixtures("settings")
def test_restore_gives_what_the_library_gives(run: Run) -> None:
    answer = run("restore", TEXT, "--share", 0.5, "--seed", 7, "--json").json
    with open_model("bundled") as engine:
        expected = restore_text(engine, TEXT, share=0.5, seed=7)
    assert tuple(answer["shown"]) == expected.corrupted.shown
    assert [item["position"] for item in answer["chosen"]] == list(expected.corrupted.positions)
    assert [item["token"] for item in answer["chosen"]] == [truth.token for truth in expected.truths]
    assert [item["rank"] for item in answer["chosen"]] == [truth.rank for truth in expected.truths]
    assert "FIRST GUESS" in run("restore", TEXT).out


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("share", ["0", "1.5", "nan"])
def test_a_share_is_above_none_and_up_to_all(run: Run, share: str) -> None:
    assert_one_line_error(run("restore", TEXT, "--share", share), 2, "is not a share")


@pytest.mark.usefixtures("settings")
def test_sentence_pairs_are_made_and_counted(run: Run, tmp_path: Path) -> None:
    story, strangers = tmp_path / "story.txt", tmp_path / "strangers.tsv"
    story.write_text("The cat sat. The dog sat.\n\nShe said that.", encoding="utf-8")
    strangers.write_text("food\tWe are going to see a doctor.\nParis is the capital.\n", encoding="utf-8")
    answer = run("sentence-pairs", story, "--strangers", strangers, "--json").json
    assert {kind: found["n"] for kind, found in answer["right"].items()} == {
        "neighbours": 2,
        "strangers": 2,
        "swapped": 2,
    }
    drawn = {pair["second"] for pair in answer["pairs"] if pair["kind"] == "strangers"}
    assert drawn == {"We are going to see a doctor.", "Paris is the capital."}
    story.write_text("One sentence.", encoding="utf-8")
    assert_one_line_error(run("sentence-pairs", story, "--strangers", strangers), 1, "1 sentence")
