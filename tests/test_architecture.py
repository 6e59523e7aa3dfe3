"""The direction of imports, read from the source: what DESIGN of this project rests on."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from bert_explorer.settings import REPOSITORY

PACKAGE = REPOSITORY / "bert_explorer"
FOUNDATION = {"errors", "settings", "results", "intervals", "equal_texts", "json_values"}
MAY_IMPORT = {  # room -> rooms of bert_explorer that it may import, itself and the foundation apart
    "errors": set(),
    "settings": set(),
    "results": set(),
    "intervals": set(),
    "equal_texts": set(),
    "json_values": set(),
    "models": set(),
    "analysis": {"models"},
    "training": {"models"},
    "pretraining": {"models", "training", "analysis"},
    "run_analyses": {"models", "training", "analysis"},
    "plots": {"analysis", "training"},
    "ui": {"plots", "analysis", "training", "run_analyses", "models"},
    "cli": {"ui", "plots", "analysis", "training", "run_analyses", "models", "pretraining"},
}
ONLY_IN = {  # third-party package -> the rooms that may import it
    "streamlit": {"ui", "pages", "app"},
    "transformers": {"models", "training", "pretraining"},
    "torch": {"models", "training", "pretraining"},
    "plotly": {"plots"},
    "bertviz": {"plots"},
}
# What a page imports must not wait for these: they cost seconds.
LIGHT_MODULES = (
    "bert_explorer.models.catalog",
    "bert_explorer.models.cache",
    "bert_explorer.training.store",
    "bert_explorer.training.queue",
    "bert_explorer.run_analyses.kept",
    "bert_explorer.analysis.masked_words",
    "bert_explorer.plots.masked_words",
    "bert_explorer.cli",
)


def source_files() -> list[Path]:
    return [*PACKAGE.rglob("*.py"), *(REPOSITORY / "pages").glob("*.py"), REPOSITORY / "app.py"]


def room_of(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return parts[1] if parts[0] == "bert_explorer" and len(parts) > 1 else parts[0]


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_imports_point_in_one_direction(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        top, *rest = name.split(".")
        assert room in ONLY_IN.get(top, {room}), f"{room} must not import {top}"
        if top == "bert_explorer" and room in MAY_IMPORT and rest:
            allowed = MAY_IMPORT[room] | FOUNDATION | {room, "__version__"}
            assert rest[0] in allowed, f"{room} must not import bert_explorer.{rest[0]}"


def test_every_room_has_a_rule() -> None:
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__", "__main__"}
    assert rooms == set(MAY_IMPORT)


def test_what_pages_import_does_not_load_torch() -> None:
    code = f"import {', '.join(LIGHT_MODULES)}, sys; print({{'torch', 'transformers'}} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert result.stdout.strip() == "set()"
