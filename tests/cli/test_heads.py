"""The command ``heads`` against the analysis that it prints."""

from pathlib import Path

import pytest

from bert_explorer.analysis.relations import FORWARD, REVERSE, evaluate_relations, find_best_head
from bert_explorer.analysis.treebank import read_treebank
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.analysis.test_treebank import row
from tests.cli.conftest import Run, assert_one_line_error

LINES = [
    row("1", "the", "2", "det"),
    row("2", "cat", "3", "nsubj"),
    row("3", "sat", "0", "root"),
    "",
    row("1", "the", "2", "det"),
    row("2", "dog", "0", "root"),
]


@pytest.fixture
def treebank(tmp_path: Path) -> Path:
    path = tmp_path / "small.conllu"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def test_heads_gives_the_best_head_of_every_relation(run: Run, settings: Settings, treebank: Path) -> None:
    assert settings.offline
    answer = run("heads", "--treebank", treebank, "--json").json
    with open_model("bundled") as engine:
        found = evaluate_relations(engine, read_treebank(treebank.read_bytes()))
    assert set(answer["relations"]) == {"det", "nsubj"}
    assert (answer["sentences"], answer["skipped"]) == (2, 0)
    assert answer["elapsed_s"] > 0
    for number, relation in enumerate(found.relations):
        got, best = answer["relations"][relation], find_best_head(found, number, FORWARD)
        assert (got["layer"], got["head"], got["accuracy"]) == (best.layer, best.head, best.accuracy)
        assert (got["baseline"], got["n"]) == (1.0, {"det": 2, "nsubj": 1}[relation])
        assert got["interval"] == list(best.interval)
        assert got["reverse"]["accuracy"] == find_best_head(found, number, REVERSE).accuracy


def test_heads_prints_a_table(run: Run, settings: Settings, treebank: Path) -> None:
    assert settings.offline
    outcome = run("heads", "--treebank", treebank)
    header, *rows = outcome.out.splitlines()
    assert header.split() == ["RELATION", "LAYER", "HEAD", "ACCURACY", "95", "%", "BASELINE", "N"]
    assert [line.split()[0] for line in rows] == ["det", "nsubj"]


def test_a_broken_treebank_is_one_line_with_the_line_number(
    run: Run, settings: Settings, treebank: Path
) -> None:
    assert settings.offline
    treebank.write_text("\n".join([*LINES, "3\tlast"]), encoding="utf-8")
    assert_one_line_error(run("heads", "--treebank", treebank), 1, "Line 7", "The columns are 2")
    assert_one_line_error(run("heads", "--treebank", "/nowhere.conllu"), 2, "does not exist")
