"""Files that people bring by mistake, or to do harm: each is named, with its row, its limit and a remedy."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from openpyxl import Workbook

from bert_explorer.errors import DataError
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import labelled_texts, read_table

CONFIG = FineTuneConfig(text_column="text", label_column="label")


def csv_of(rows: list[tuple[object, object]], header: str = "text,label") -> bytes:
    return "\n".join([header, *(f"{text},{label}" for text, label in rows)]).encode()


def learn(filename: str, content: bytes) -> list[str]:
    """The labels that a training would have."""
    return list(labelled_texts(read_table(filename, content), CONFIG).labels)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            csv_of([(f"t{i}", f"class {i // 2}") for i in range(10_000)]),
            "5,000 different labels in 10,000 rows",
        ),
        (csv_of([(f"t{i}", i / 7) for i in range(300)]), "300 different labels .* merge classes"),
        (csv_of([("a", "x"), ("b", "x"), ("c", "y")]), "Line 4: .*'y'.* at least two rows"),
        (csv_of([("a", "x")], "text,text"), "Line 1: Two columns are called 'text'. Give each its own name"),
        (
            csv_of([(f"t{i}", i % 2) for i in range(200_000)]),
            "more than 20,000 rows. Keep fewer rows, or raise",
        ),
    ],
)
def test_tables_that_cannot_be_learned_from(settings: Settings, content: bytes, message: str) -> None:
    assert settings.max_upload_rows == 20_000
    with pytest.raises(DataError, match=message):
        learn("a.csv", content)


def test_mixed_types_are_read_as_they_are_written() -> None:
    content = csv_of([("a", 1), ("b", 1.0), ("c", "one"), ("d", "True"), ("e", 1), ("f", "1.0")] * 2)
    assert set(learn("a.csv", content)) == {"1", "1.0", "one", "True"}


def sheet_of(rows: list[list[object]]) -> bytes:
    workbook, content = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(content)
    return content.getvalue()


def test_formulas_in_a_sheet_are_never_computed() -> None:
    """A formula without a stored value is an empty cell, and an empty text is refused by its line."""
    content = sheet_of(
        [["text", "label"], ["a", "x"], ['=HYPERLINK("http://evil")', "y"], ["b", "x"], ["c", "y"]]
    )
    table = read_table("a.xlsx", content)
    assert table.column("text") == ("a", "", "b", "c")
    with pytest.raises(DataError, match=r"Line 3: The text in column 'text' is empty. Fill it in or remove"):
        labelled_texts(table, CONFIG)


def test_formulas_in_a_csv_stay_text() -> None:
    table = read_table("a.csv", csv_of([("=1+1", "x"), ("@SUM(A1)", "y")]))
    assert table.column("text") == ("=1+1", "@SUM(A1)")


def rewrite(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_an_archive_bomb_is_refused_by_its_declared_size(settings: Settings) -> None:
    limited = replace(settings, max_upload_bytes=1_000_000)  # twenty times as much may be unpacked
    small = sheet_of([["text", "label"], ["a", "x"]])
    bomb = rewrite(small, lambda name, data: data + b" " * 25_000_000 if name == SHEET else data)
    assert len(bomb) < 100_000
    with pytest.raises(DataError, match=r"unpacks to .* bytes .* at most 20,000,000 .* as CSV"):
        read_table("a.xlsx", bomb, limited)


def test_a_bomb_of_entities_does_not_grow() -> None:
    """Ten times ten times ... lol: expat stops it, or the cells say what the file says; never gigabytes."""
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'
    small = sheet_of([["text", "label"], ["a", "x"]])

    def plant(name: str, data: bytes) -> bytes:
        if name != SHEET:
            return data
        body = data.decode().split("?>", 1)[-1]
        return (doctype + body.replace("<t>a</t>", "<t>&l9;</t>", 1)).encode()

    with pytest.raises(DataError, match=r"not a readable .xlsx file"):
        read_table("a.xlsx", rewrite(small, plant))
