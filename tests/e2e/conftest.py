"""A real server and a real browser that may talk to each other and to nobody else."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    expect,
    sync_playwright,
)

from bert_explorer.settings import BUNDLED_MODEL, REPOSITORY, load_settings
from tests.e2e.chromium import find_chromium

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
READY = "[data-testid='stApp'][data-test-script-state='notRunning']"
START_LIMIT_S = 60
OPENING_LIMIT_MS = 180_000  # of a model, and of torch before the first one
LIMIT_MS = 60_000  # for anything to appear; the model is read meanwhile, perhaps on a busy machine
HOSTS = {"127.0.0.1", "localhost"}
# Streamlit's page asks at which address its server lives, deepest folder of the link first: when a link
# leads straight to a page, the first two answers are "not here".
PROBES = ("/_stcore/health", "/_stcore/host-config")


@dataclass
class Watched:
    """What a browser did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.route("**/*", self._pass_local_only)
        context.on("console", self._note_error)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _pass_local_only(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("data", "blob") or address.hostname in HOSTS:
            route.continue_()
            return
        self.outside.append(route.request.url)
        route.abort()

    def _note_error(self, message: ConsoleMessage) -> None:
        is_probe = "404" in message.text and message.location["url"].endswith(PROBES)
        if message.type == "error" and not is_probe:
            self.errors.append(message.text)


@pytest.fixture(scope="session")
def bundled_model() -> Path:
    """The model that the product ships; the test is skipped in a checkout without it."""
    folder = load_settings().bundled_model_path
    if not (folder / "model.safetensors").is_file():
        pytest.skip("the bundled model is not in this checkout")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    assert executable is not None, "no Chromium: run make browser"
    expect.set_options(timeout=LIMIT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def server(bundled_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a fresh app with the product's own model and a home of its own."""
    with serve(tmp_path_factory.mktemp("home"), bundled_model.parent.parent) as address:
        yield address


@pytest.fixture(scope="session")
def tiny_assets(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's assets with the tiny BERT as its model, for what does not depend on what a model says."""
    assets = tmp_path_factory.mktemp("assets")
    (assets / "models").mkdir()
    (assets / "models" / BUNDLED_MODEL).symlink_to(tiny_bert)
    for name in ("datasets", "examples", "web"):
        (assets / name).symlink_to(REPOSITORY / "assets" / name)
    return assets


@pytest.fixture(scope="module")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny server keeps its runs."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def tiny_server(tiny_assets: Path, tiny_home: Path) -> Iterator[str]:
    """Address of a fresh app with the tiny BERT and a home of its own."""
    with serve(tiny_home, tiny_assets) as address:
        yield address


@pytest.fixture(scope="module")
def strip_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the token strip on a page of its own."""
    with serve(tmp_path_factory.mktemp("home"), REPOSITORY / "assets", "tests/e2e/strip_app.py") as address:
        yield address


@contextmanager
def serve(home: Path, assets: Path, script: str = "app.py") -> Iterator[str]:
    port = _free_port()
    environment = os.environ | {
        "BERT_EXPLORER_HOME": str(home),
        "BERT_EXPLORER_ASSETS": str(assets),
        "BERT_EXPLORER_HUB_CACHE": str(home / "hub"),
        "BERT_EXPLORER_OFFLINE": "true",
        "BERT_EXPLORER_DEVICE": "cpu",
    }
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for_health(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own (own storage). Fails the test on any outside request or error."""
    with watched_browsers(browser) as open_page:
        yield open_page


@contextmanager
def watched_browsers(browser: Browser) -> Iterator[Callable[..., Page]]:
    """The same for a fixture that lives longer than a test."""
    contexts: list[BrowserContext] = []
    watched = Watched()

    def open_page(address: str, *, width: int = 1280, dark: bool = False, owner: str | None = None) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            storage_state=_storage_of(owner, address) if owner is not None else None,
        )
        context.set_default_timeout(LIMIT_MS)
        watched.attach(context)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        wait_until_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.outside == [], "requests beyond this computer"
    assert watched.errors == [], "errors in the browser's console"


def _storage_of(owner: str, address: str) -> Any:
    """What the browser of this owner has kept (see ui.owner)."""
    place = urlsplit(address)
    kept = [{"name": "bert-explorer-owner", "value": owner}]
    return {"cookies": [], "origins": [{"origin": f"{place.scheme}://{place.netloc}", "localStorage": kept}]}


def wait_until_ready(page: Page, *, timeout_s: float = 120) -> None:
    """Until the script rests and the page has shown what it answered."""
    page.wait_for_selector(READY, timeout=timeout_s * 1000)


def wait_for_model(page: Page) -> None:
    """Until the model itself answers, and not what was stored."""
    expect(page.get_by_text("being read into memory")).to_have_count(0, timeout=OPENING_LIMIT_MS)
    wait_until_ready(page)


def _wait_for_health(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at its start"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no server within {START_LIMIT_S} s")
