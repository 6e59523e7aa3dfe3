"""Answers kept as JSON beside the product, so that a page shows something true before torch is there.

``python -m bert_explorer.ui.stored`` asks the bundled model each page's opening question again and
writes the answers to ``assets/examples/stored``. A test compares them with what the model says now.
Floats keep 4 decimals, so a stored answer equals a computed one to 1e-4.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from bert_explorer import results
from bert_explorer.json_values import from_json, to_json
from bert_explorer.plots import matrices
from bert_explorer.settings import Settings, get_settings
from bert_explorer.ui import (
    attention_questions,
    embedding_questions,
    explain_questions,
    head_questions,
    inside_question,
    masked_questions,
    pretraining_questions,
    sentence_questions,
)
from bert_explorer.ui.questions import Question

DECIMALS = 4
BUNDLED = "bundled"
KINDS = (  # modules whose dataclasses are stored
    results,
    masked_questions,
    pretraining_questions,
    attention_questions,
    embedding_questions,
    explain_questions,
    head_questions,
    inside_question,
    sentence_questions,
    matrices,
)


def stored_path(settings: Settings) -> Path:
    return settings.assets / "examples" / "stored"


def load_stored(question: Question[Any], settings: Settings) -> Any | None:
    """The bundled model's stored answer to exactly this question, or None."""
    for stored_question, answer in _read_all(stored_path(settings)):
        if stored_question == question:
            return answer
    return None


def store(name: str, question: Question[Any], settings: Settings) -> Path:
    """Ask the bundled model, write question and answer to NAME.json, return its path."""
    from bert_explorer.models.cache import open_model

    with open_model(BUNDLED) as engine:
        answer = question.ask(engine)
    path = stored_path(settings) / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"question": to_json(question, DECIMALS), "answer": to_json(answer, DECIMALS)}
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    _read_all.cache_clear()
    return path


@cache
def _read_all(folder: Path) -> tuple[tuple[Any, Any], ...]:
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return tuple(
        (from_json(content["question"], KINDS), from_json(content["answer"], KINDS)) for content in contents
    )


def main() -> None:
    """Write the stored answer of every page."""
    import sys

    from bert_explorer.ui.openings import opening_questions, slow_questions

    for name, question in (opening_questions() | slow_questions()).items():
        sys.stdout.write(f"{store(name, question, get_settings())}\n")


if __name__ == "__main__":
    main()
