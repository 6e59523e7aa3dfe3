"""Rows written by independent writers come back equal, whatever the cells hold."""

import csv
import io
import json
import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bert_explorer.settings import Settings
from bert_explorer.training.data import read_table

COLUMNS = ("text", "label", "note")
LIMITS = Settings(home=Path("unused"))
LETTERS = string.ascii_letters + string.digits + " ,;|\t\"'=+-@\\/.äß語😀\u2028\x85"
quick = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def tables(alphabet: str) -> st.SearchStrategy[list[tuple[str, str, str]]]:
    cell = st.text(alphabet, max_size=12)
    filled = st.text(alphabet, min_size=1, max_size=12).filter(str.strip)
    return st.lists(st.tuples(filled, cell, filled), min_size=1, max_size=8)


def write_csv(rows: list[tuple[str, str, str]], delimiter: str) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows([COLUMNS, *rows])
    return buffer.getvalue().encode()


@quick
@given(rows=tables(LETTERS + "\n\r"), delimiter=st.sampled_from(",;|"))
def test_csv(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    table = read_table("a.csv", write_csv(rows, delimiter), LIMITS)
    assert table.columns == COLUMNS
    assert list(table.rows) == rows


@quick
@given(rows=tables(LETTERS))
def test_tsv(rows: list[tuple[str, str, str]]) -> None:
    table = read_table("a.tsv", write_csv(rows, "\t"), LIMITS)
    assert list(table.rows) == rows


@quick
@given(rows=tables(LETTERS + "\n\r"))
def test_jsonl(rows: list[tuple[str, str, str]]) -> None:
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows]
    table = read_table("a.jsonl", "\n".join(lines).encode(), LIMITS)
    assert table.columns == COLUMNS
    assert list(table.rows) == rows
    assert table.line_numbers == tuple(range(1, len(rows) + 1))


@quick
@given(rows=tables(LETTERS.replace("\u2028", "").replace("\x85", "")))
def test_xlsx(rows: list[tuple[str, str, str]]) -> None:
    table = read_table("a.xlsx", write_xlsx([COLUMNS, *rows]), LIMITS)
    assert table.columns == COLUMNS
    assert list(table.rows) == rows


def write_xlsx(rows: list[tuple[str, ...]]) -> bytes:
    """Every cell as text: openpyxl would otherwise turn '=1+1' into a formula."""
    workbook = Workbook()
    sheet = workbook.active
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value:
                cell = sheet.cell(line, column, value)
                cell.data_type = "s"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    source = "text,label\nÄrger über die Gebühr,schlecht\nSchöne Grüße,gut\n"
    table = read_table("a.csv", source.encode(encoding), LIMITS)
    assert table.columns == ("text", "label")
    assert table.rows[1] == ("Schöne Grüße", "gut")


def test_pandas_writes_what_we_read() -> None:
    frame = pd.DataFrame({"text": ['He said "no", twice\nand left', "=SUM(A1)"], "label": ["a", "b"]})
    table = read_table("a.csv", frame.to_csv(index=False).encode(), LIMITS)
    assert list(table.rows) == list(frame.itertuples(index=False, name=None))
    assert table.line_numbers == (2, 4)
