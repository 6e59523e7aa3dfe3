"""Classifying a file: every row in its order, and a result that is safe to open."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.analysis.classification import classify
from bert_explorer.errors import DataError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.training.tables.predicted import escape_formula
from bert_explorer.training.tables.table import Table
from bert_explorer.training.tables.unlabelled import choose_columns, read_unlabelled
from tests.cli.conftest import Run, assert_one_line_error

ROWS = [
    ("1", "the cat sat on the mat", "=1+1"),
    ("2", "free prize , call now", "@home"),
    ("3", "-5 is, a number", "plain"),
]


def read_rows(path: Path, names: tuple[str | None, ...] = ()) -> Table:
    return read_unlabelled(path.name, path.read_bytes(), names)


@pytest.fixture
def model(settings: Settings, tiny_classifier: Path) -> str:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    return "local:classes"


def write_csv(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def read_csv(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_every_row_gets_the_models_answer(run: Run, model: str, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [("id", "text", "note"), *ROWS])
    target = tmp_path / "out.csv"
    outcome = run("predict", source, "--model", model, "--output", target, "--text", "text", "--json")
    assert outcome.json == {"rows": 3}
    assert "Rows: 3 of 3" in outcome.err
    header, *rows = read_csv(target)
    assert header == ["id", "text", "note", "prediction", "probability"]
    assert [row[2] for row in rows] == ["'=1+1", "'@home", "plain"]
    assert rows[2][1] == "'-5 is, a number"
    with open_model(model) as engine:
        for row, (_, text, _) in zip(rows, ROWS, strict=True):
            answer = classify(engine, text)
            assert row[3] == answer.label
            assert float(row[4]) == pytest.approx(answer.probability, abs=1e-5)


def test_a_second_prediction_keeps_the_first(run: Run, model: str, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [("text", "prediction"), ("the cat", "ham"), ("a dog", "ham")])
    target = tmp_path / "out.csv"
    assert run("predict", source, "--model", model, "--output", target, "--text", "text").status == 0
    assert read_csv(target)[0] == ["text", "prediction", "prediction_2", "probability"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text\nthe cat\na dog\n", ["text", "the cat", "a dog"]),
        ("the cat\na dog\n", ["text", "the cat", "a dog"]),
        ('"the cat, sat"\n"a ""dog"""\n', ["text", "the cat, sat", 'a "dog"']),
    ],
)
def test_a_file_with_texts_only(
    run: Run, model: str, tmp_path: Path, content: str, expected: list[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(content, encoding="utf-8")
    assert run("predict", source, "--model", model, "--output", target, "--json").json == {"rows": 2}
    assert [row[0] for row in read_csv(target)] == expected


def test_texts_beyond_the_models_limit_are_cut(run: Run, model: str, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [("text", "n"), ("the cat " * 500, "1"), ("a dog", "2")])
    target = tmp_path / "out.csv"
    assert (
        run("predict", source, "--model", model, "--output", target, "--text", "text", "--json").json["rows"]
        == 2
    )


def test_files_and_models_that_cannot_be_used(run: Run, model: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    gap = write_csv(tmp_path / "gap.csv", [("text", "n"), ("the cat", "1"), (" ", "2"), ("a", "3")])
    arguments = ("--output", target, "--text", "text")
    assert_one_line_error(run("predict", gap, "--model", model, *arguments), 1, "Line 3", "empty")
    rows = write_csv(tmp_path / "rows.csv", [("text", "n"), ("the cat", "1"), ("a dog", "2")])
    assert_one_line_error(run("predict", rows, *arguments), 1, "head for classes")
    wrong = run("predict", rows, "--model", model, "--output", target, "--text", "body")
    assert_one_line_error(wrong, 1, "no column 'body'", "text, n")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert_one_line_error(run("predict", empty, "--model", model, *arguments), 1, "empty")
    assert not target.exists()


@pytest.mark.parametrize("cell", ["=A1", "+1", "-1+2", "@x", "\tx", "\rx"])
def test_formulas_are_defused(cell: str) -> None:
    assert escape_formula(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "1", "-1", "-1.5", "-2,5", "text = more", "'=1", " =1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert escape_formula(cell) == cell


def test_a_run_of_pairs_gets_its_second_column_in_every_case(settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    table = read_rows(write_csv(tmp_path / "in.csv", [("text", "other", "n"), ("a cat", "a dog", "1")]))
    for text in ("text", None):
        assert choose_columns(table, ("text", "other"), text, None) == ("text", "other")
    assert choose_columns(table, ("text", "other"), "text", "n") == ("text", "n")
    single = read_rows(write_csv(tmp_path / "one.csv", [("text",), ("a cat",)]))
    with pytest.raises(DataError, match="needs a column 'other'"):
        choose_columns(single, ("text", "other"), None, None)


def test_a_text_file_has_one_text_a_line(settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    source = tmp_path / "in.txt"
    lines = ['"an open quote', 'a "whole" one', '"a, b"', "x" * 140_000]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert list(read_rows(source).column("text")) == lines


def test_one_column_keeps_its_lines_its_header_and_the_limits(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.csv"
    source.write_text('kommentar\n\n"two\nlines"\nlast\n', encoding="utf-8")
    table = read_rows(source, (None, "kommentar"))
    assert (table.columns, table.line_numbers) == (("kommentar",), (3, 5))
    assert read_rows(source).rows[0] == ("kommentar",)
    limited = replace(settings, max_upload_rows=2)
    monkeypatch.setattr("bert_explorer.training.tables.unlabelled.get_settings", lambda: limited)
    with pytest.raises(DataError, match="Line 5: The file has more than 2 rows"):
        read_rows(source)
    source.write_text('text\n"an open quote\nlast\n', encoding="utf-8")
    with pytest.raises(DataError, match="double quotes"):
        read_rows(source)
