"""What was exported comes back the same; what anybody could have made is refused, and leaves nothing."""

import io
import json
import runpy
import stat
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.errors import BertExplorerError, DataError, ModelError, UnsafeModelError
from bert_explorer.settings import Settings
from bert_explorer.training.export import export_folder, export_zip
from bert_explorer.training.imports import import_run
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.shelf import RunShelf
from bert_explorer.training.store import RunStore
from tests.tiny_models import build_tiny
from tests.training.conftest import CONFIG, OWNER, FakeExecutor, make_upload

LABELS = ("+", "-")
METRICS = {
    "accuracy": 0.75,
    "macro_f1": 0.7,
    "majority_accuracy": 0.5,
    "num_train": 32,
    "num_held_out": 8,
    "confusion_matrix": [[4, 0], [2, 2]],
    "per_class": [
        {"label": label, "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 4} for label in LABELS
    ],
    "data_sha256": "ab" * 32,
    "__proto__": {"a": 1},
}
Files = dict[str, bytes]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_tiny("bert", tmp_path_factory.mktemp("plus"), head="text-classification", labels=LABELS)
    (folder / "README.md").write_text("# A card\n")
    return folder


@pytest.fixture
def queue(settings: Settings, fake: FakeExecutor) -> RunQueue:
    return RunQueue(RunStore(settings.resolved_database_url), fake, settings)


@pytest.fixture
def finished(queue: RunQueue, settings: Settings, model: Path) -> Run:
    """A run as the worker leaves it, with a model of ours."""
    run = queue.submit(OWNER, "films", "films.csv", make_upload(), CONFIG)
    queue.step()
    run_folder(run.id, settings).model.symlink_to(model)
    assert queue.store.finish(run.id, METRICS)
    return queue.store.get(run.id)


def files_of(run: Run, settings: Settings) -> Files:
    with zipfile.ZipFile(export_zip(run, settings)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def pack(files: Files, *, top: str = "model/") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(top + name, data)
    return content.getvalue()


def test_there_and_back_again(queue: RunQueue, settings: Settings, finished: Run) -> None:
    run = import_run("another browser", "films.zip", export_zip(finished, settings).read_bytes(), queue)
    assert (run.state, run.name, run.labels, run.tags) == ("finished", "films", LABELS, ("imported",))
    assert run.config == CONFIG
    assert run.metrics == {name: value for name, value in METRICS.items() if name != "__proto__"}
    assert run.belongs_to("another browser")
    assert not run.belongs_to(OWNER)
    assert not run.shared
    weights = [run_folder(item.id, settings).model / "model.safetensors" for item in (run, finished)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert not (run_folder(run.id, settings).model / "predict.py").exists()


def test_an_export_says_what_it_learned_from_and_predicts_by_itself(
    settings: Settings,
    finished: Run,
    tmp_path: Path,
    queue: RunQueue,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this process; tests/cli/test_every_task.py runs such programs where this project is not there."""
    folder = export_folder(finished, tmp_path / "out", settings)
    assert f"SHA-256 `{'ab' * 32}`" in (folder / "README.md").read_text()
    assert json.loads((folder / "run.json").read_text())["metrics"]["accuracy"] == 0.75
    assert "owner" not in (folder / "run.json").read_text()
    texts = tmp_path / "texts.txt"
    texts.write_text("this film is good\nthe cat\tthe dog\n")
    monkeypatch.setattr(sys, "argv", ["predict.py", str(texts)])
    capsys.readouterr()
    runpy.run_path(str(folder / "predict.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t", 2)[2] for line in lines] == ["this film is good", "the cat\tthe dog"]
    assert all(line.split("\t")[0] in LABELS for line in lines)
    queue.annotate(finished.id, OWNER, name="renamed")
    renamed = queue.store.get(finished.id)
    assert json.loads(files_of(renamed, settings)["run.json"])["name"] == "renamed"


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: value for key, value in files.items() if key != name}


def with_manifest(**changes: object) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        return files | {"run.json": json.dumps(json.loads(files["run.json"]) | changes).encode()}

    return change


def with_config_key(**keys: object) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        return files | {"config.json": json.dumps(json.loads(files["config.json"]) | keys).encode()}

    return change


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda files: files | {"pytorch_model.bin": b"x"}, UnsafeModelError, "pytorch_model.bin"),
        (lambda files: files | {"modeling_bert.py": b"x"}, UnsafeModelError, "modeling_bert.py"),
        (lambda files: files | {"a/b/config.json": b"x"}, UnsafeModelError, "leads elsewhere"),
        (lambda files: files | {"../../evil": b"x"}, UnsafeModelError, "leads elsewhere"),
        (lambda files: files | {"..\\evil": b"x"}, UnsafeModelError, "leads elsewhere"),
        (lambda files: files | {"vocab.txt": b"\0" * 60_000_000}, DataError, "no export writes"),
        (lambda files: files | {f"x{i}": b"" for i in range(50)}, DataError, "at most 40"),
        (without("run.json"), DataError, "not exported by BERT Explorer"),
        (without("config.json"), ModelError, "config.json"),
        (without("tokenizer.json"), ModelError, "tokenizer"),
        (lambda files: files | {"model.safetensors": b"junk"}, ModelError, "model.safetensors|weights"),
        (with_config_key(auto_map={"AutoModel": "x.Y"}), UnsafeModelError, "auto_map"),
        (with_config_key(id2label={"0": "a", "1": "b"}), DataError, "labels"),
        (lambda files: files | {"run.json": b"[" * 100_000}, DataError, "not JSON"),
        (with_manifest(format=2), DataError, "format"),
        (with_manifest(labels=["+", 3]), DataError, "labels"),
        (with_manifest(config={"task": "rm -rf"}), DataError, "config"),
        (with_manifest(config=None), DataError, "config"),
        (with_manifest(metrics=METRICS | {"accuracy": "<b>"}), DataError, "metrics.accuracy"),
        (with_manifest(metrics=METRICS | {"accuracy": 7}), DataError, "from 0 to 1"),
        (with_manifest(metrics=METRICS | {"num_held_out": 10**400}), DataError, "num_held_out"),
        (with_manifest(metrics=METRICS | {"accuracy": float("nan")}), DataError, "metrics.accuracy"),
        (with_manifest(metrics=METRICS | {"num_held_out": 0}), DataError, "num_held_out"),
        (with_manifest(metrics=METRICS | {"confusion_matrix": [[1]]}), DataError, "confusion_matrix"),
        (with_manifest(metrics=METRICS | {"per_class": [1, 2]}), DataError, "per_class"),
    ],
)
def test_what_is_refused_leaves_nothing(
    queue: RunQueue,
    settings: Settings,
    finished: Run,
    change: Callable[[Files], Files],
    error: type[BertExplorerError],
    message: str,
) -> None:
    before = sorted(settings.runs_path.iterdir())
    with pytest.raises(error, match=message):
        import_run(OWNER, "x.zip", pack(change(files_of(finished, settings))), queue)
    assert sorted(settings.runs_path.iterdir()) == before
    assert [run.id for run in queue.store.list()] == [finished.id]


def test_absolute_paths_links_copies_and_passwords(
    queue: RunQueue, settings: Settings, finished: Run
) -> None:
    files = files_of(finished, settings)
    with pytest.raises(UnsafeModelError, match="leads elsewhere"):
        import_run(OWNER, "x.zip", pack(files, top="/"), queue)
    content = io.BytesIO(pack(files))
    with zipfile.ZipFile(content, "a") as archive:
        link = zipfile.ZipInfo("model/vocab.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeModelError, match="link"):
        import_run(OWNER, "x.zip", content.getvalue(), queue)
    content = io.BytesIO(pack(files))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("other/config.json", b"{}")
    with pytest.raises(UnsafeModelError, match="twice"):
        import_run(OWNER, "x.zip", content.getvalue(), queue)


def test_a_bomb_is_refused_before_it_is_unpacked(queue: RunQueue, settings: Settings, finished: Run) -> None:
    bomb = pack(files_of(finished, settings) | {"model.safetensors": bytes(30_000_000)})
    assert len(bomb) < 1_000_000
    small = RunQueue(queue.store, FakeExecutor(), replace(settings, max_import_bytes=20_000_000))
    with pytest.raises(DataError, match="MAX_IMPORT_BYTES"):
        import_run(OWNER, "x.zip", bomb, small)


@pytest.mark.parametrize("cut", [0, 10, -500])
def test_what_is_no_whole_zip(queue: RunQueue, settings: Settings, finished: Run, cut: int) -> None:
    content = export_zip(finished, settings).read_bytes()[:cut]
    with pytest.raises(DataError, match="not a whole zip"):
        import_run(OWNER, "x.zip", content, queue)


def test_a_database_that_fails_keeps_no_files(
    queue: RunQueue, settings: Settings, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no database")

    content = export_zip(finished, settings).read_bytes()
    before = sorted(settings.runs_path.iterdir())
    monkeypatch.setattr(RunShelf, "add_imported", fail)
    with pytest.raises(OSError, match="no database"):
        import_run(OWNER, "x.zip", content, queue)
    assert sorted(settings.runs_path.iterdir()) == before
