import json
from pathlib import Path

import pytest

from bert_explorer.errors import RunError
from bert_explorer.training.run_folder import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "runs" / "0123")
    made.keep_upload("Films.CSV", b"text,label\n")
    return made


def write_two_files(target: Path) -> None:
    (target / "config.json").write_text("{}")
    (target / "deeper").mkdir()
    (target / "deeper" / "file").write_text("x")


def test_upload(folder: RunFolder) -> None:
    assert folder.read_upload() == b"text,label\n"
    (folder.path / "upload.csv").unlink()
    with pytest.raises(RunError, match="no longer in"):
        folder.read_upload()


def test_a_model_is_there_or_not_there(folder: RunFolder) -> None:
    def write_half(target: Path) -> None:
        (target / "config.json").write_text("{}")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        folder.publish_model(write_half)
    assert not folder.model.exists()
    folder.publish_model(write_two_files)
    assert sorted(path.name for path in folder.model.rglob("*")) == ["config.json", "deeper", "file"]
    folder.discard_model()
    assert [path.name for path in folder.path.iterdir()] == ["upload.csv"]


def test_only_complete_checkpoints_count(folder: RunFolder) -> None:
    assert folder.last_checkpoint() is None
    for step, state in [(5, "{}"), (90, "{}"), (100, '{"global_step": 1'), (200, None)]:
        checkpoint = folder.checkpoints / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        if state is not None:
            (checkpoint / "trainer_state.json").write_text(state)
    (folder.checkpoints / "checkpoint-other").mkdir()
    (folder.checkpoints / "checkpoint-other" / "trainer_state.json").write_text(json.dumps({}))
    assert folder.last_checkpoint() == folder.checkpoints / "checkpoint-90"
    folder.discard_checkpoints()
    assert folder.last_checkpoint() is None
