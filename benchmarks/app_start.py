"""From the command to a usable page, and the memory of the server, beside an empty Streamlit app.

Both servers start in turn, each in a fresh process with a fresh browser page; "usable" is the moment when the
page's script has ended and its first text box can be clicked (for the empty app: its title is there).

    python benchmarks/app_start.py [--runs 5]
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.e2e.chromium import find_chromium  # noqa: E402

EMPTY_APP = "import streamlit as st\nst.title('Empty')\n"
READY = "[data-testid='stApp'][data-test-script-state='notRunning']"
LIMIT_S = 60.0
MB = 1_000_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(command: list[str], port: int, home: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"BERT_EXPLORER_HOME": home, "BERT_EXPLORER_OFFLINE": "true"}
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_health(port)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def wait_for_health(port: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"no server on port {port} within {LIMIT_S} s")


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the process and all its children."""
    parent = psutil.Process(process.pid)
    return sum(p.memory_info().rss for p in [parent, *parent.children(recursive=True)]) / MB


def open_page(browser: Browser, address: str, first_text: str) -> Page:
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(READY, timeout=LIMIT_S * 1000)
    page.locator(first_text).first.wait_for(state="visible", timeout=LIMIT_S * 1000)
    return page


def measure_start(browser: Browser, command: list[str], port: int, first_text: str) -> tuple[float, float]:
    """Seconds until usable, and MB just then."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        with server(command, port, home) as process:
            page = open_page(browser, f"http://127.0.0.1:{port}", first_text)
            seconds = time.perf_counter() - began
            megabytes = memory_mb(process)
            page.close()
    return seconds, megabytes


def measure_loaded_memory(browser: Browser, port: int) -> float:
    """MB after a masked word was predicted."""
    with tempfile.TemporaryDirectory() as home, server(app_command(port), port, home) as process:
        page = open_page(browser, f"http://127.0.0.1:{port}/masked_words", "main textarea, main input")
        page.locator(".js-plotly-plot").first.wait_for(state="visible", timeout=LIMIT_S * 1000)
        time.sleep(5)  # the model may still be loading behind the stored example
        return memory_mb(process)


def app_command(port: int) -> list[str]:
    return ["make", "--no-print-directory", "run", f"PORT={port}"]


def empty_command(path: Path, port: int) -> list[str]:
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    return [sys.executable, "-m", "streamlit", "run", str(path), *options]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    app: list[tuple[float, float]] = []
    empty: list[tuple[float, float]] = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY_APP, encoding="utf-8")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        for _ in range(runs + 1):
            port = free_port()
            empty.append(measure_start(browser, empty_command(script, port), port, "main h1"))
            port = free_port()
            app.append(measure_start(browser, app_command(port), port, "main h1"))
        loaded = measure_loaded_memory(browser, free_port())
        browser.close()
    report(empty[1:], app[1:], loaded)  # the first pair warms the disk cache


def report(empty: list[tuple[float, float]], app: list[tuple[float, float]], loaded_mb: float) -> None:
    empty_s, empty_mb = (statistics.median(column) for column in zip(*empty, strict=True))
    app_s, app_mb = (statistics.median(column) for column in zip(*app, strict=True))
    differences = [a[0] - e[0] for a, e in zip(app, empty, strict=True)]
    print(f"median of {len(app)} starts     empty app   BERT Explorer")
    print(f"usable page (s)          {empty_s:9.2f}   {app_s:13.2f}   {app_s / empty_s:.2f}x")
    print(
        f"difference, pair by pair (s)         {statistics.median(differences):13.2f}   (goal: at most 1.0)"
    )
    print(f"memory, idle (MB)        {empty_mb:9.0f}   {app_mb:13.0f}")
    print(f"memory, model in use (MB)            {loaded_mb:13.0f}")


if __name__ == "__main__":
    main()
