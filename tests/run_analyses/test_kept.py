"""Answers kept with a run: exact, recognised when they do not hold any more, never half."""

import errno
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bert_explorer.analysis import treebank
from bert_explorer.errors import RunError
from bert_explorer.results import (
    ClassSummary,
    ClassWords,
    Flip,
    ModelMoves,
    ProbePair,
    PruningCurve,
    Shortcut,
    ShortcutReport,
    WeightMoves,
    WordPush,
)
from bert_explorer.run_analyses import kept
from bert_explorer.run_analyses.kept import Measured, find_kept, keep_answer, rests_on
from bert_explorer.run_analyses.questions import (
    QUESTIONS,
    ClassWordsQuestion,
    MovesQuestion,
    PruningQuestion,
    RunProbesQuestion,
    RunQuestion,
    ShortcutsQuestion,
    read_question,
    write_question,
)
from bert_explorer.settings import Settings
from bert_explorer.training.run_folder import run_folder
from tests.ui.test_stored import assert_same

RUN = "abc"
LOCAL = "local:tiny-bert"
WORDS = ClassSummary("occlusion", 6, (ClassWords("dtype", 4, (WordPush("spät\u2028", 1 / 3, 3, 2),)),))
FLIP = Flip("WIN the cat", "ham", "type")
REPORT = ShortcutReport(
    6, ("ham", "type"), (Shortcut("win", "type", 2, 1, 4, 3, (FLIP,), (FLIP, FLIP)),), {"type": (1, 4)}
)
CURVE = PruningCurve(
    "loss", np.array([0, 2], np.int64), np.float32([0.5, 2]), np.float32([[1, 2]]), ((0, 1), (1, 0)), 3
)
MOVES = ModelMoves(
    WeightMoves(float("nan"), np.float32([1 / 3, 2]), np.full((2, 3), np.nan, np.float32)),
    np.float32([1, 0.1, 0.2]),
    np.float32([[0.1, 0.2, 0.3], [0, 1, 0.5]]),
    3,
    40,
)
PROBES = ProbePair("the classes", ("ham", "type"), 8, 4, (1, 2, 3), (2, 3, 4), 2)
CASES: tuple[tuple[RunQuestion, Any], ...] = (
    (ClassWordsQuestion("occlusion", 40), WORDS),
    (ShortcutsQuestion(40), REPORT),
    (MovesQuestion(LOCAL), MOVES),
    (RunProbesQuestion("bundled"), PROBES),
    (PruningQuestion(40), CURVE),
)


@pytest.fixture
def folder(settings: Settings) -> Path:
    path = run_folder(RUN, settings).path
    path.mkdir(parents=True)
    return path


def keep(question: RunQuestion, answer: Any, settings: Settings) -> None:
    keep_answer(RUN, question, Measured(answer, rests_on(question, settings), 2.5), settings)


@pytest.mark.usefixtures("folder")
def test_every_answer_comes_back_as_it_was(settings: Settings) -> None:
    assert {type(question) for question, _ in CASES} == set(QUESTIONS.values())
    for question, answer in CASES:
        assert find_kept(RUN, question, settings) is None
        keep(question, answer, settings)
        found = find_kept(RUN, question, settings)
        assert found is not None
        assert found.elapsed_s == 2.5
        if isinstance(answer, ModelMoves):
            assert np.isnan(found.answer.weights.embeddings)
            np.testing.assert_array_equal(found.answer.weights.heads, answer.weights.heads)
            np.testing.assert_array_equal(found.answer.similarities, answer.similarities)
        elif isinstance(answer, ShortcutReport):
            assert found.answer == answer
        else:
            assert_same(found.answer, answer, 0.0)
    assert len(list(run_folder(RUN, settings).analyses.iterdir())) == len(CASES)


@pytest.mark.usefixtures("folder")
def test_another_question_has_another_answer(settings: Settings) -> None:
    keep(ClassWordsQuestion("occlusion", 40), WORDS, settings)
    for other in (ClassWordsQuestion("occlusion", 100), ClassWordsQuestion("gradient-input", 40)):
        assert find_kept(RUN, other, settings) is None
    assert find_kept("abd", ClassWordsQuestion("occlusion", 40), settings) is None


def test_questions_survive_their_text() -> None:
    for question, _ in CASES:
        assert read_question(write_question(question)) == question
    for text in ('{"ask": "weather"}', '{"ask": "moved", "layer": 3}', "[]", "{"):
        with pytest.raises(RunError, match="cannot measure"):
            read_question(text)


@pytest.mark.usefixtures("folder")
def test_old_answers_are_recognised(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the way of measuring, and by the files of the base where there is one."""
    for question, answer in CASES[:3]:
        keep(question, answer, settings)
    weights = settings.local_models_path / "tiny-bert" / "model.safetensors"
    state = weights.stat()
    os.utime(weights, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    monkeypatch.setattr(ShortcutsQuestion, "VERSION", 99)
    words, shortcuts, moves = (find_kept(RUN, question, settings) for question, _ in CASES[:3])
    assert words is not None
    assert words.answer == WORDS
    for old in (shortcuts, moves):
        assert old is not None
        assert old.answer is None
    keep(MovesQuestion(LOCAL), MOVES, settings)
    again = find_kept(RUN, MovesQuestion(LOCAL), settings)
    assert again is not None
    assert again.answer is not None


@pytest.mark.usefixtures("folder")
def test_the_curve_of_heads_grows_old_with_the_treebank(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.conllu"
    path.write_text("one")
    monkeypatch.setattr(treebank, "bundled_treebank_path", lambda _: path)
    keep(PruningQuestion(40), CURVE, settings)
    found = find_kept(RUN, PruningQuestion(40), settings)
    assert found is not None
    assert found.answer is not None
    path.write_text("another")
    old = find_kept(RUN, PruningQuestion(40), settings)
    assert old is not None
    assert old.answer is None


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda _: "[]",
        lambda content: content.replace('"ClassSummary"', '"RunError"'),
        lambda content: content.replace('"ClassSummary"', '"ClassWords"'),
        lambda content: content.replace('"num_texts": 6', '"number": 6'),
        lambda _: json.dumps({"question": write_question(CASES[0][0]), "answer": {"type": "Flip"}}),
    ],
)
def test_what_cannot_be_read_is_measured_anew(folder: Path, settings: Settings, change: Any) -> None:
    question, answer = CASES[0]
    keep(question, answer, settings)
    (path,) = (folder / "analyses").iterdir()
    path.write_text(change(path.read_text()))
    assert find_kept(RUN, question, settings) is None


def test_a_full_disk_leaves_the_earlier_answer_and_no_rest(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, answer = CASES[0]
    keep(question, answer, settings)
    write = Path.write_text

    def fill(path: Path, content: str, **options: Any) -> int:
        write(path, content[:20], **options)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fill)
    with pytest.raises(OSError, match="No space left"):
        keep(question, answer, settings)
    assert len(list((folder / "analyses").iterdir())) == 1
    found = find_kept(RUN, question, settings)
    assert found is not None
    assert found.answer == answer


def test_a_run_that_is_gone_does_not_come_back(folder: Path, settings: Settings) -> None:
    shutil.rmtree(folder)
    with pytest.raises(FileNotFoundError):
        keep(*CASES[0], settings)
    assert not folder.exists()


def test_only_so_many_are_kept(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_KEPT", 2)
    for number in range(4):
        keep(PruningQuestion(number), CURVE, settings)
        for path in (folder / "analyses").iterdir():  # clocks of file systems are coarse
            state = path.stat()
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns - 10**9))
    held = [find_kept(RUN, PruningQuestion(number), settings) is not None for number in range(4)]
    assert held == [False, False, True, True]


def test_an_export_leaves_them_at_home(settings: Settings, folder: Path, tiny_classifier: Path) -> None:
    from bert_explorer.training.export import export_folder, export_zip
    from tests.training.in_process import OWNER
    from tests.training.test_queue import RunStore

    store = RunStore(settings.resolved_database_url)
    from tests.training.conftest import CONFIG

    run = store.create(owner=OWNER, name="spam", filename="a.csv", config=CONFIG, run_id=RUN)
    store.claim_next(1)
    store.finish(run.id, {})
    run = store.get(run.id)
    shutil.copytree(tiny_classifier, folder / "model")
    keep(ShortcutsQuestion(40), REPORT, settings)
    exported = export_folder(run, settings.home / "out", settings)
    with zipfile.ZipFile(export_zip(run, settings)) as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
    everything += b"".join(path.read_bytes() for path in exported.rglob("*") if path.is_file())
    assert not [name for name in [*names, *map(str, exported.rglob("*"))] if "analyses" in name]
    assert b"WIN the cat" not in everything
    store.close()
