"""What is accepted is kept; what is refused leaves nothing behind."""

from dataclasses import replace

import pytest

from bert_explorer.errors import BertExplorerError, DataError, InputError, ModelNotFoundError, RunError
from bert_explorer.settings import Settings
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run_folder import run_folder
from tests.training.conftest import CONFIG, OWNER, make_upload, submit


def test_the_upload_is_kept_byte_for_byte(idle_queue: RunQueue, settings: Settings) -> None:
    content = b"\xef\xbb\xbf" + make_upload()
    run = idle_queue.submit(OWNER, "  ", "Films 2026.CSV", content, CONFIG)
    assert (run.name, run.labels, run.filename) == ("Films 2026.CSV", ("+", "-"), "Films 2026.CSV")
    folder = run_folder(run.id, settings)
    assert folder.read_upload() == content
    assert folder.path.stat().st_mode & 0o077 == 0, "nobody else may look into it"


@pytest.mark.parametrize(
    ("content", "changes", "error"),
    [
        (b"text,label\na,x\nb,x\n", {}, DataError),
        (b"text,label\na,x\na,x\nb,y\nc,y\n", {}, DataError),
        (make_upload(), {"text_column": "body"}, DataError),
        (make_upload(), {"model": "local:nothing"}, ModelNotFoundError),
        (make_upload(), {"model": "run:0123456789ab"}, ModelNotFoundError),
        (make_upload(), {"freeze": "3"}, InputError),
    ],
)
def test_a_refused_run_leaves_nothing(
    idle_queue: RunQueue,
    settings: Settings,
    content: bytes,
    changes: dict[str, str],
    error: type[BertExplorerError],
) -> None:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]  # only strings here
    with pytest.raises(error):
        idle_queue.submit(OWNER, "x", "a.csv", content, config)
    assert idle_queue.store.list() == ()
    assert not settings.runs_path.exists()


def test_full_disk_is_noticed_before(idle_queue: RunQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("bert_explorer.training.acceptance.shutil.disk_usage", lambda _path: usage)
    with pytest.raises(RunError, match="0 MB left"):
        submit(idle_queue)


def test_the_model_of_a_run_is_for_those_who_may_see_it(idle_queue: RunQueue) -> None:
    run = submit(idle_queue)
    with pytest.raises(ModelNotFoundError, match="the run is queued"):
        submit(idle_queue, model=run.ref)
    with pytest.raises(ModelNotFoundError, match="belongs to somebody else"):
        idle_queue.submit("another", "x", "a.csv", make_upload(), replace(CONFIG, model=run.ref))
