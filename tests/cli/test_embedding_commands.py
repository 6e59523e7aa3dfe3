"""The commands around embeddings: senses, search, probe, map."""

import csv
import pickle
from pathlib import Path

import numpy as np
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


def test_map_of_lines_with_labels_tells_how_far_to_trust_it(run: Run, tmp_path: Path) -> None:
    file, target = tmp_path / "lines.tsv", tmp_path / "map.csv"
    file.write_text(
        "".join(f"{word}s\tthe {word} sat on mat {i}\n" for i in range(10) for word in ("cat", "dog"))
    )
    found = run("map", file, "--output", target, "--dimensions", 3, "--correction", "centre", "--json").json
    assert (found["rows"], found["method"]) == (20, "pca")
    assert 0 < found["variance_kept"] <= 1
    assert 0.5 < found["trustworthiness"] <= 1
    assert found["same_label_by_chance"] == pytest.approx(9 / 19)
    assert found["mean_cosine"] == pytest.approx(-1 / 19, abs=0.05)
    assert found["mean_cosine_before"] > found["mean_cosine"]
    header, *rows = csv.reader(target.read_text(encoding="utf-8-sig").splitlines())
    assert header == ["row", "text", "label", "x", "y", "z"]
    assert rows[1][:3] == ["2", "the dog sat on mat 0", "dogs"]
    assert len(rows) == 20
    assert all(rows[0][3:])


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((5, 3)), "All 5 vectors are equal"),
        (np.array([[1, np.nan], [2, 1], [np.inf, 0]]), "2 of 3 vectors hold values that are not finite"),
        (np.ones((1, 3)), "at least 3 rows"),
        (np.array([["a", 1]], dtype=object), "pickled objects"),
    ],
)
def test_map_refuses_vectors_that_cannot_be_drawn(
    vectors: np.ndarray, message: str, run: Run, tmp_path: Path
) -> None:
    file, target = tmp_path / "own.npy", tmp_path / "map.csv"
    np.save(file, vectors, allow_pickle=True)
    assert_one_line_error(run("map", file, "--output", target), 1, message)
    assert not target.exists()


def test_map_of_own_vectors_few_lines_and_a_disguised_pickle(run: Run, tmp_path: Path) -> None:
    file, target = tmp_path / "own.npy", tmp_path / "map.csv"
    np.save(file, np.eye(4, 6))
    found = run("map", file, "--output", target, "--method", "tsne", "--json").json
    assert (found["rows"], found["variance_kept"], found["trustworthiness"]) == (4, None, None)
    file.write_bytes(pickle.dumps([1, 2]))
    assert_one_line_error(run("map", file, "--output", target), 1, "no .npy file")
    lines = tmp_path / "lines.txt"
    lines.write_text("one line\n")
    outcome = run("map", lines, "--output", target)
    assert outcome.status == 1
    assert "at least 3 rows, here are 1" in outcome.err
