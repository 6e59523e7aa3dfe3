"""From a key to the picture: changes of head, layer and token on the page Inside, in a browser.

The peer is the least that Streamlit can do, an app with a slider in a fragment and its value below: what
a change costs before anything is computed or drawn. Each slider goes right over places where it has not
been, and then back over the same ones, of which the server remembers what it computed: two medians. (All
heads of a layer are computed together, so a first head is no first layer.) The first picture is timed on a
server that has just started (the stored answer) and on a warm one, from the page's title to the first matrix:
what is before the title is app_start.py's.

    python benchmarks/inside_page.py [--runs 10]
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from app_start import LIMIT_S, REPOSITORY, empty_command, free_port, server
from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(REPOSITORY))

from bert_explorer.ui import state
from bert_explorer.ui.texts.inside import STOPS
from tests.e2e.chromium import find_chromium

SENTENCE = "the people of the city have been in the house for a long time and they were not able to see it "
LENGTHS = (64, 512)
PEER = """import streamlit as st
@st.fragment
def show():
    st.markdown(f"value {st.slider('Head', 1, 12, 2)}")
show()
"""
FIND_VIEW = """() => {
  for (const element of document.querySelectorAll("*")) {
    const view = element.shadowRoot?.querySelector(".view");
    if (view?.state?.data) { window.matrixView = view; return true; }
  }
  return false;
}"""


def text_of(num_tokens: int) -> str:
    """Words of one token each, ``num_tokens`` with the two special ones."""
    words = (SENTENCE * 40).split()
    return " ".join(words[: num_tokens - 2])


def app_command(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app.py"), f"--server.port={port}"]


def open_stop(browser: Browser, port: int, stop: str, text: str | None = None) -> tuple[Page, float]:
    """The page at a stop, and seconds from its title to its first matrix."""
    titles = [f"{number}. {item.title}" for number, item in enumerate(STOPS.values(), start=1)]
    query = {state.INSIDE_STOP: titles[list(STOPS).index(stop)]} | (
        {state.INSIDE_TEXT: text, state.INSIDE_LAYER: "1", state.INSIDE_HEAD: "1"} if text else {}
    )
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{port}/inside?{urlencode(query)}")
    page.locator("main h1, h1").first.wait_for(timeout=LIMIT_S * 1000)
    began = time.perf_counter()
    page.wait_for_function(FIND_VIEW, timeout=LIMIT_S * 1000)
    seconds = time.perf_counter() - began
    slider_of(page, "Token").wait_for(state="attached", timeout=LIMIT_S * 1000)
    return page, seconds


def slider_of(page: Page, label: str) -> Locator:
    return page.locator(f"input[type=range][aria-label='{label}']")


def time_changes(page: Page, label: str, runs: int) -> tuple[list[float], list[float]]:
    """Of at most ``runs`` places right of the present one: the first time there, and on the way back.

    Seconds from an arrow key on a slider to the browser's having drawn new matrices.
    """
    slider = slider_of(page, label)
    steps = min(runs, int(slider.get_attribute("max") or 0) - int(slider.input_value()))
    first, again = (
        [time_key(page, slider, key) for _ in range(steps)] for key in ("ArrowRight", "ArrowLeft")
    )
    return first, again


def time_key(page: Page, slider: Locator, key: str) -> float:
    page.evaluate(FIND_VIEW)
    page.evaluate("window.before = window.matrixView.state.data")
    began = time.perf_counter()
    slider.press(key)
    page.wait_for_function("window.matrixView.state.data !== window.before", timeout=LIMIT_S * 1000)
    seconds = time.perf_counter() - began
    page.wait_for_timeout(300)
    return seconds


def time_peer(browser: Browser, runs: int) -> list[float]:
    with tempfile.TemporaryDirectory() as home:
        script = Path(home) / "peer.py"
        script.write_text(PEER, encoding="utf-8")
        port = free_port()
        with server(empty_command(script, port), port, home):
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            slider = page.get_by_role("slider")
            slider.wait_for(timeout=LIMIT_S * 1000)
            times = []
            for run in range(runs):
                value = 3 - run % 2
                began = time.perf_counter()
                slider.press("ArrowRight" if run % 2 == 0 else "ArrowLeft")
                page.get_by_text(f"value {value}").wait_for(timeout=LIMIT_S * 1000)
                times.append(time.perf_counter() - began)
                page.wait_for_timeout(300)
            return times


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        peer = statistics.median(time_peer(browser, runs))
        print(f"empty app, change of a slider: {peer:.3f} s")
        port = free_port()
        with server(app_command(port), port, home):
            _, fresh_s = open_stop(browser, port, "words")
            open_stop(browser, port, "softmax")  # waits until the model is there
            warm = [open_stop(browser, port, "words")[1] for _ in range(max(1, runs // 3))]
            print(
                f"first picture: fresh server {fresh_s:.2f} s, warm {statistics.median(warm):.2f} s (goal 1)"
            )
            for length in LENGTHS:
                page, _ = open_stop(browser, port, "softmax", text_of(length))
                page.wait_for_timeout(1000)
                for label in ("Head", "Layer", "Token"):
                    for name, times in zip(("first", "again"), time_changes(page, label, runs), strict=True):
                        report(f"{label}, {name}", length, times, peer)
                page.close()
        browser.close()


def report(label: str, length: int, times: list[float], peer: float) -> None:
    median, slowest = statistics.median(times), max(times)
    goal = "  (goal 0.3 s)" if length == LENGTHS[0] else ""
    times_peer = f"{median / peer:.1f}x empty"
    count = f"{len(times)} times"
    print(
        f"{length:4} tokens, {label:12} {count}: {median:.3f} s, at most {slowest:.3f} s, {times_peer}{goal}"
    )


if __name__ == "__main__":
    main()
