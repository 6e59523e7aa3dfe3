"""Files as users have them, and every refusal with its line."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.errors import DataError
from bert_explorer.settings import Settings
from bert_explorer.training.data import ColumnGuess, guess_columns, read_table
from tests.training.tables.test_round_trips import write_xlsx

LIMITS = Settings(home=Path("unused"))
HEADER = "text,label\n"


def refusal(filename: str, content: bytes, limits: Settings = LIMITS) -> DataError:
    with pytest.raises(DataError) as caught:
        read_table(filename, content, limits)
    return caught.value


@pytest.mark.parametrize(
    ("filename", "content", "line", "words"),
    [
        ("a.csv", b"", None, "empty"),
        ("a.csv", b" \r\n\n", None, "empty"),
        ("a.csv", b"\xef\xbb\xbf", None, "nothing but blanks"),
        ("a.csv", b"text\na\nb\n", 1, "one column only"),
        ("a.csv", b"text,label\n", 1, "no row below"),
        ("a.csv", b"text,label\na,b\nc,d,e\n", 3, "has 3 cells"),
        ("a.csv", b'text,label\n"a\nb",x\nc\n', 4, "has 1 cells"),
        ("a.csv", b'text,label\na,x\n"b,x\nc,d,y\n', 3, "double quotes"),
        ("a.csv", b"text,text\na,b\n", 1, "called 'text'"),
        ("a.csv", b"text,label\na,b\nc\x00,d\n", 3, "NUL"),
        ("a.csv", "text,label\nä,b\nö,".encode() + b"\xff,d\n", 3, "not UTF-8"),
        ("a.csv", b"text,label\n\xe4,b\n\x81,d\n", 3, "neither UTF-8 nor"),
        ("a.csv", "text,label\na,b\n".encode("utf-16") + b"\x00\xd8x", 3, "UTF-16"),
        ("a.pdf", b"%PDF", None, "'.pdf'"),
        ("a", b"text,label\na,b", None, "no extension"),
        ("a.jsonl", b'{"text": "a", "label": "b"}\n{"text": "c"}', 2, "lacks 'label'"),
        ("a.jsonl", b'{"text": "a", "label": "b"}\n{"text": "c", "label": "b", "x": 1}', 2, "has 'x'"),
        ("a.jsonl", b'{"text": "a", "text": "b"}', 1, "occurs twice"),
        ("a.jsonl", b'{"text": "a", "label": ["b"]}', 1, "a list"),
        ("a.jsonl", b'{"text": "a", "label": "b"}\n\n[1, 2]', 3, "JSON object"),
        ("a.jsonl", b'{"text": "a", "label": "b"}\nnonsense', 2, "not a JSON object"),
        ("a.jsonl", b"[" * 100_000, 1, "not a JSON object"),
        ("a.jsonl", b'{"text": "\\ud800", "label": "b"}', 1, "half a character"),
        ("a.jsonl", b'{"text": "\\u0000", "label": "b"}', 1, "NUL"),
        ("a.jsonl", b'{"text": "a"}', 1, "only 'text'"),
        ("a.xlsx", b"not a zip", None, "not even a zip"),
        ("a.xlsx", write_xlsx([("text", "label"), ("a", "b"), ("c", "d", "e")]), 3, "has 3 cells"),
    ],
)
def test_refusals(filename: str, content: bytes, line: int | None, words: str) -> None:
    error = refusal(filename, content)
    assert words in str(error)
    assert error.line == line


@pytest.mark.parametrize("extension", ["csv", "jsonl", "xlsx"])
def test_too_many_rows(extension: str) -> None:
    rows = [(f"text {index}", "a") for index in range(11)]
    contents = {
        "csv": (HEADER + "".join(f"{text},{label}\n" for text, label in rows)).encode(),
        "jsonl": "".join(f'{{"text": "{text}", "label": "{label}"}}\n' for text, label in rows).encode(),
        "xlsx": write_xlsx([("text", "label"), *rows]),
    }
    error = refusal(f"a.{extension}", contents[extension], replace(LIMITS, max_upload_rows=10))
    assert "more than 10 rows" in str(error)
    assert error.line == (11 if extension == "jsonl" else 12)
    assert len(read_table(f"a.{extension}", contents[extension], LIMITS).rows) == 11


def test_too_many_rows_without_header() -> None:
    content = b"good text here it is and long,a\nanother text,a\nthird,b\n"
    assert refusal("a.csv", content, replace(LIMITS, max_upload_rows=2)).line == 3


def test_too_many_bytes() -> None:
    error = refusal(
        "a.csv", HEADER.encode() + b"a,b\n" * 500_000, replace(LIMITS, max_upload_bytes=1_000_000)
    )
    assert "2.0 MB" in str(error)
    assert "at most 1 MB" in str(error)


def test_too_long_cell() -> None:
    error = refusal("a.csv", HEADER.encode() + b"b,c\n" + b"a" * 300_000 + b",b\n")
    assert error.line == 3
    assert "300,000 characters" in str(error)


def test_zip_bomb() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    error = refusal("a.xlsx", buffer.getvalue(), replace(LIMITS, max_upload_bytes=1_000_000))
    assert "unpacks to 30,000,000 bytes" in str(error)


@pytest.mark.parametrize("cut", [100, 1000, 3000])
def test_damaged_xlsx(cut: int) -> None:
    content = bytearray(write_xlsx([("text", "label"), ("a", "b")]))
    content[cut : cut + 400] = bytes(len(content[cut : cut + 400]))
    assert ".xlsx" in str(refusal("a.xlsx", bytes(content)))


def test_sms_spam_has_lone_quotes_and_no_header() -> None:
    """5,574 messages; a reader that lets a lone quote open a cell swallows whole rows."""
    lines = [
        "ham\tOk lar...",
        'ham\t"Hello he said',
        "spam\tWIN now!",
        'ham\tand she said "bye"',
        "spam\tFree",
    ]
    table = read_table("sms.tsv", "\n".join(lines).encode(), LIMITS)
    assert table.columns == ("label", "text")
    assert not table.has_header
    assert [f"{label}\t{text}" for label, text in table.rows] == lines


def test_quoted_tsv_as_excel_writes_it() -> None:
    content = b'text\tlabel\n"He said ""no"""\ta\n"two\nlines"\tb\nplain\ta\n'
    table = read_table("a.tsv", content, LIMITS)
    assert table.rows == (('He said "no"', "a"), ("two\nlines", "b"), ("plain", "a"))
    assert table.line_numbers == (2, 3, 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [("text", "label"), ("well; now, then", "x"), ("a | b, or not", "y")]
    source = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    table = read_table("a.csv", source.encode(), LIMITS)
    assert table.delimiter == delimiter
    assert [table.columns, *table.rows] == rows


def test_formulas_are_text() -> None:
    table = read_table("a.csv", b'text,label\n=1+1,a\n"=HYPERLINK(""http://x"")",b\n@SUM,a\n', LIMITS)
    assert table.column("text") == ("=1+1", '=HYPERLINK("http://x")', "@SUM")


def test_blank_rows_are_left_out_and_counted() -> None:
    table = read_table("a.csv", b"text,label\r\n\r\na,b\r\n,\r\nc,d\r\n", LIMITS)
    assert table.line_numbers == (3, 5)


def test_json_numbers_keep_their_digits() -> None:
    line = b'{"text": 1.50, "label": true, "note": null, "big": 12345678901234567890}'
    assert read_table("a.jsonl", line, LIMITS).rows == (("1.50", "true", "", "12345678901234567890"),)


@pytest.mark.parametrize(
    ("source", "has_header"),
    [
        ("text,label\nok,a\nno,b\n", True),
        ("greeting,kind\nhello,a\nbye,b\n", True),
        ("message,spam\nhello,spam\nbye,ham\n", True),
        ("ham,hello there\nspam,win\nham,bye\n", False),
        ("question,What is it?\nanswer,This.\nquestion,Who is it?\n", False),
        ("1,hello there\n0,win\n", False),
        ("I really liked this film.,pos\nNo.,neg\n", False),
    ],
)
def test_header_detection(source: str, has_header: bool) -> None:
    table = read_table("a.csv", source.encode(), LIMITS)
    assert table.has_header is has_header
    assert len(table.rows) == source.count("\n") - has_header


@pytest.mark.parametrize(
    ("source", "guess"),
    [
        ("text,label\naaa,x\nbbb,y\n", ColumnGuess("text", "label")),
        ("text,category\naaa,x\nbbb,y\n", ColumnGuess("text", "category")),
        ("id,when,remark,mood\n1,x1,so good,+\n2,x2,so bad,-\n3,x3,so so,+\n", ColumnGuess("remark", "mood")),
        ("premise,hypothesis,label\na b,c d,1\ne f,g h,0\n", ColumnGuess("premise", "label", "hypothesis")),
        ("Sentence 1,sentence2,y\nx,y,1\nz,w,0\n", ColumnGuess("Sentence 1", "y", "sentence2")),
        ("stars,review\n5,good\n1,bad\n5,fine\n", ColumnGuess("review", "stars")),
    ],
)
def test_column_guess(source: str, guess: ColumnGuess) -> None:
    assert guess_columns(read_table("a.csv", source.encode(), LIMITS)) == guess


def test_unknown_column_lists_the_known() -> None:
    table = read_table("a.csv", b"text,label\na,b\n", LIMITS)
    with pytest.raises(DataError, match="columns are: text, label"):
        table.column("body")
