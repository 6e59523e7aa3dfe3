"""JSONL text -> column names and rows: one object a line, all with the same keys."""

import json
from typing import Any

from bert_explorer.errors import DataError
from bert_explorer.training.tables.delimited import RawRow

SCALARS = {True: "true", False: "false", None: ""}


def read_json_lines(text: str, *, max_rows: int) -> tuple[tuple[str, ...], list[RawRow]]:
    """Column names in the order of the first object, and rows. Numbers keep the digits of the file."""
    columns: tuple[str, ...] = ()
    rows: list[RawRow] = []
    for line, source in enumerate(text.split("\n"), start=1):  # a string may hold other line ends
        if not source.strip():
            continue
        if len(rows) == max_rows:
            raise DataError(
                f"The file has more than {max_rows:,} rows. Keep fewer rows, or raise "
                "BERT_EXPLORER_MAX_UPLOAD_ROWS.",
                line=line,
            )
        record = _parse_object(source, line)
        columns = columns or tuple(record)
        _check_keys(record, columns, line)
        rows.append((line, tuple(_as_text(record[name], name, line) for name in columns)))
    return columns, rows


def _parse_object(source: str, line: int) -> dict[str, Any]:
    def to_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise DataError(f"The key '{repeated}' occurs twice. Give every column its own name.", line=line)
        return dict(pairs)

    try:
        record = json.loads(
            source, object_pairs_hook=to_dict, parse_int=str, parse_float=str, parse_constant=str
        )
    except (json.JSONDecodeError, RecursionError) as error:
        message = (
            'This is not a JSON object. Write one on each line, such as {"text": "...", "label": "..."}.'
        )
        raise DataError(message, line=line) from error
    if not isinstance(record, dict) or not record:
        message = 'A JSON object with named values is needed, such as {"text": "...", "label": "..."}.'
        raise DataError(message, line=line)
    return record


def _check_keys(record: dict[str, Any], columns: tuple[str, ...], line: int) -> None:
    missing = [name for name in columns if name not in record]
    extra = [name for name in record if name not in columns]
    if missing or extra:
        problem = f"lacks '{missing[0]}'" if missing else f"has '{extra[0]}', which the first line lacks"
        raise DataError(f"This object {problem}. Every line needs the same keys.", line=line)


def _as_text(value: Any, name: str, line: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        kind = "an object" if isinstance(value, dict) else "a list"
        raise DataError(
            f"The value of '{name}' is {kind}. Only text, numbers, true and false fit.", line=line
        )
    return SCALARS[value]
