"""Pages without a browser: the real app.py over the tiny BERT, seen by one browser's owner."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training import queue as queue_module
from bert_explorer.training.executor import WorkerState
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.store import RunStore
from bert_explorer.ui import opening, state
from tests.training.inline_executor import InlineExecutor

OWNER = "ab" * 32
STRANGER = "cd" * 32
TIMEOUT_S = 60

OpenPage = Callable[..., AppTest]


@dataclass
class IdleExecutor:
    """Accepts runs and never starts a process: tests write the run's progress themselves."""

    submitted: list[str] = field(default_factory=list)

    def submit(self, run_id: str) -> str:
        self.submitted.append(run_id)
        return f"idle:{run_id}"

    def cancel(self, run_id: str, handle: str | None) -> None:
        assert run_id in self.submitted, f"{handle} was never started"

    def poll(self, run_id: str, handle: str | None) -> WorkerState:
        assert handle is None or handle == f"idle:{run_id}"
        return WorkerState.ALIVE


@pytest.fixture
def run_queue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunQueue]:
    """The process's queue, without its thread: a test that wants a run started calls ``step()``."""
    settings.home.mkdir(parents=True, exist_ok=True)
    store = RunStore(settings.resolved_database_url)
    queue = RunQueue(store, IdleExecutor(), settings)
    monkeypatch.setattr(queue_module, "_queue", queue)
    yield queue
    store.close()


@pytest.fixture
def _warm_server(_one_component_scan: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a server that has served a page before: AppTest starts a new one for every run of the script.

    A new one takes pages/ for an app of the older kind until app.py has run (see frame.show_heading).
    """
    create = PagesManager.__init__

    def create_warm(self: PagesManager, *args: Any, **options: Any) -> None:
        create(self, *args, **options)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", create_warm)


@pytest.fixture
def open_page(settings: Settings, run_queue: RunQueue, _warm_server: None) -> Iterator[OpenPage]:
    """Runs a page as a browser of ``owner`` sees it once the bundled model is open."""
    assert run_queue.store is not None
    assert settings.bundled_model_path.is_dir()
    opening.open_now("bundled")

    def run(
        page: str,
        *,
        owner: str | None = OWNER,
        link: dict[str, str] | None = None,
        session: dict[str, Any] | None = None,
    ) -> AppTest:
        test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=TIMEOUT_S)
        if owner is not None:
            test.session_state[state.OWNER] = owner
        for key, value in (session or {}).items():
            test.session_state[key] = value
        test.query_params.update(link or {})
        test.switch_page(f"pages/{page}.py")
        return test.run()

    yield run
    opening.forget_openings()


def measure_waiting(queue: RunQueue) -> None:
    """Makes the analyses that wait in this process: what the queue's workers do in a server."""
    RunQueue(queue.store, InlineExecutor(queue.settings), queue.settings).step()


def texts_of(page: AppTest) -> str:
    """All running text of a page, to look for a phrase."""
    elements = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in elements)


def press(page: AppTest, label: str) -> AppTest:
    """Press the one button with this label."""
    buttons = [button for button in page.button if button.label == label]
    assert len(buttons) == 1, [button.label for button in page.button]
    return buttons[0].click().run()
