"""The commands around embeddings: senses, search, probe."""

from pathlib import Path

import pytest

from bert_explorer.settings import Settings
from tests.cli.conftest import Run, assert_one_line_error


@pytest.fixture(autouse=True)
def _tiny_model(settings: Settings) -> None:
    assert settings.offline


def test_senses_of_a_bundled_set(run: Run) -> None:
    found = run("senses", "bat", "--json").json
    assert (found["word"], found["n"], found["senses"]) == ("bat", 24, ["animal", "club"])
    assert found["baseline"] == 0.5
    assert [layer["layer"] for layer in found["layers"]] == [0, 1, 2]
    text = run("senses", "bat").out.splitlines()
    assert text[-1].split()[:2] == ["2", f"{found['layers'][2]['accuracy']:.3f}"]


def test_senses_of_a_file_and_of_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cat.tsv"
    file.write_text("a\tthe cat sat\na\tone cat\nb\ta cat !\nb\tcat , cat\n")
    assert run("senses", "cat", file, "--json").json["n"] == 4
    assert_one_line_error(run("senses", "dog", file), 1, "Sentence 1 does not hold")
    assert_one_line_error(run("senses", "dog"), 2, "no bundled set for 'dog'")


def test_search_finds_the_line_itself_first(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("the cat sat\nfree prize ! call now\na doctor or a nurse\n")
    found = run("search", file, "free prize ! call now", "--top-k", 2, "--json").json
    assert found["rows"] == 3
    assert found["matches"][0] == {"line": 2, "cosine": pytest.approx(1), "text": "free prize ! call now"}
    assert len(found["matches"]) == 2
    assert "1.000" in run("search", file, "free prize ! call now", "--raw").out.splitlines()[1]
    assert_one_line_error(run("search", file, " "), 1, "empty")


def test_probe_of_a_table_and_of_a_treebank(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "animals.tsv"
    rows = [f"{word}s\tthe {word} sat on mat {i}" for i in range(15) for word in ("cat", "dog")]
    table.write_text("kind\ttext\n" + "\n".join(rows) + "\n")
    found = run("probe", table, "--label", "kind", "--text", "text", "--json").json
    assert (found["labels"], found["n_train"], found["n_test"]) == (["cats", "dogs"], 21, 9)
    assert found["surface"] == 1
    assert [layer["layer"] for layer in found["layers"]] == [0, 1, 2]
    treebank = tmp_path / "a.conllu"
    nouns = ("cat", "dog", "mat", "doctor", "capital", "france")
    sentences = [(start, noun) for start in ("the", "a") for noun in nouns]  # equal ones would count as one
    treebank.write_text("\n".join(_write_sentence(*words) for words in sentences), encoding="utf-8")
    assert run("probe", treebank).out.splitlines()[1].split() == [
        "LAYER",
        "ACCURACY",
        "CONTROL",
        "SELECTIVITY",
    ]


def _write_sentence(determiner: str, noun: str) -> str:
    return f"1\t{determiner}\t_\tDET\t_\t_\t2\tdet\t_\t_\n2\t{noun}\t_\tNOUN\t_\t_\t0\troot\t_\t_\n"
