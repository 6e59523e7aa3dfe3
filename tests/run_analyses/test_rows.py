"""The base of a run, as a question names it."""

import shutil
from pathlib import Path

import pytest

from bert_explorer.models import hub
from bert_explorer.run_analyses.kept import rests_on
from bert_explorer.run_analyses.questions import MovesQuestion
from bert_explorer.run_analyses.rows import pin_base
from bert_explorer.settings import Settings

REPO = "acme/tiny-bert"
OLD, NEW = "0" * 40, "1" * 40


def test_page_and_worker_read_the_same_snapshot(
    settings: Settings, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two, the hub's branch went on to another commit."""
    monkeypatch.setattr(hub, "_resolved", {})
    repository = hub.cache_folder(settings) / "models--acme--tiny-bert"
    for commit in (OLD, NEW):
        shutil.copytree(tiny_bert, repository / "snapshots" / commit)
        (repository / "snapshots" / commit / "config.json").touch()
    branch = repository / "refs" / "main"
    branch.parent.mkdir()
    branch.write_text(OLD)
    pinned = pin_base(REPO, settings)
    assert pinned == f"{REPO}@{OLD}"
    asked, vague = rests_on(MovesQuestion(pinned), settings), rests_on(MovesQuestion(REPO), settings)

    branch.write_text(NEW)
    monkeypatch.setattr(hub, "_resolved", {})  # as in the worker's process
    assert rests_on(MovesQuestion(pinned), settings) == asked
    assert rests_on(MovesQuestion(REPO), settings) != vague
    assert pin_base(REPO, settings) == f"{REPO}@{NEW}"


def test_other_bases_are_named_as_they_are(settings: Settings) -> None:
    for ref in ("bundled", "local:tiny-bert", "run:abc"):
        assert pin_base(ref, settings) == ref
