"""Our attention canvas beside bertviz's head view, in one Chromium: bytes sent, time until a hover answers.

Both show every head of every layer of the bundled model on the same text. Ours is asked on its page, with
the model in memory: bytes are those of the web socket from the click on, seconds run from the click until a
key and the pointer are answered. bertviz's page is made beforehand and opened from a file, its three
libraries served from this disk; bytes are those of the page without them. Pages above 150 MB are weighed
and not opened: Chromium needs many times as much memory. The two take turns; medians over the rounds.

    python benchmarks/attention_in_browser.py [--rounds 5] [--tokens 32 128 512]
"""

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import bertviz
import torch
from app_start import READY, REPOSITORY, free_port, server
from playwright.sync_api import Browser, Page, Route, sync_playwright

from bert_explorer.models.cache import open_model
from bert_explorer.results import Attention
from bert_explorer.ui import state
from bert_explorer.ui.texts import attention as text
from tests.e2e.chromium import find_chromium

MB = 1_000_000
HEAVY_BYTES = 150 * MB
LIMIT_MS = 120_000
GOALS = {128: "at most 1/20 of the bytes", 512: "3.0 s to a hover, 0.5 s to another layer"}
WORDS = [
    "the",
    "people",
    "of",
    "the",
    "city",
    "have",
    "been",
    "in",
    "the",
    "house",
    "for",
    "a",
    "long",
    "time",
    "and",
    "they",
    "were",
    "not",
    "able",
    "to",
    "see",
    "that",
    "this",
    "was",
    "going",
    "on",
    "when",
    "it",
    "came",
    "to",
    "an",
    "end",
]
REQUIRE = """
window.require = { config: () => {} };
window.requirejs = async (names, start) => {
  for (const address of ["https://local/d3.js", "https://local/jquery.js"]) {
    await new Promise((done) => {
      const script = Object.assign(document.createElement("script"), { src: address, onload: done });
      document.head.append(script);
    });
  }
  start(window.jQuery, window.d3);
};
"""
LIBRARIES = {"d3.js": "d3/d3.min.js", "jquery.js": "jquery/jquery.min.js"}


def make_text(num_tokens: int) -> str:
    """Words of one token each, ``num_tokens`` tokens with the special ones."""
    return " ".join((WORDS * (num_tokens // len(WORDS) + 1))[: num_tokens - 2])


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + LIMIT_MS / 1000
    while not done():
        if time.perf_counter() > deadline:
            raise TimeoutError("the page did not answer")
        time.sleep(0.01)


# -- Ours ------------------------------------------------------------------------------------------------


def open_ours(browser: Browser, address: str) -> Page:
    """The page with its model in memory and a short text on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(LIMIT_MS)
    page.goto(f"{address}/attention?{urlencode({state.ATTENTION_VIEW: text.HEAT_MAP})}")
    page.get_by_text("The model is being read").wait_for(state="hidden")
    page.locator(".attention[data-drawn]").wait_for()
    page.wait_for_selector(READY)
    return page


def answers_keys_and_pointer(page: Page, num_tokens: int) -> None:
    """Until End tells of the last token, and the pointer of another one."""
    canvas, readout = page.locator(".frame"), page.locator(".readout")

    def at_end() -> bool:
        canvas.press("End")
        return f"({num_tokens}) looks at" in readout.inner_text()

    wait_until(at_end)
    before = readout.inner_text()
    canvas.hover(position={"x": 300, "y": 200})
    wait_until(lambda: readout.inner_text() != before)


def measure_ours(page: Page, sent: list[int], num_tokens: int) -> tuple[int, float, float]:
    """Bytes, seconds until a hover answers, and the median of seconds for a switch of layer."""
    page.get_by_label("Sentence", exact=True).fill(make_text(num_tokens))
    sent.clear()
    started = time.perf_counter()
    page.get_by_role("button", name="Show attention").click()
    answers_keys_and_pointer(page, num_tokens)
    elapsed_s, num_bytes = time.perf_counter() - started, sum(sent)
    page.wait_for_selector(READY)
    return (
        num_bytes,
        elapsed_s,
        statistics.median(switch_layer(page, key) for key in ("Right", "Right", "Left")),
    )


def switch_layer(page: Page, direction: str) -> float:
    slider = page.get_by_role("slider", name="Layer")
    drawn = page.locator(".attention").get_attribute("data-drawn")
    slider.focus()
    started = time.perf_counter()
    page.keyboard.press(f"Arrow{direction}")
    wait_until(lambda: page.locator(".attention").get_attribute("data-drawn") != drawn)
    elapsed_s = time.perf_counter() - started
    page.wait_for_selector(READY)
    return elapsed_s


# -- bertviz ---------------------------------------------------------------------------------------------


def weigh_bertviz(attention: Attention) -> int:
    """Bytes of its page, counted layer by layer without building it: the weights are in it twice."""
    return 2 * sum(len(json.dumps(layer.tolist())) for layer in attention.attentions)


def write_bertviz(attention: Attention, path: Path) -> int:
    tensors = [torch.from_numpy(layer.copy())[None] for layer in attention.attentions]
    page = bertviz.head_view(tensors, list(attention.tokens.tokens), html_action="return").data
    path.write_text(f"<!doctype html><html><body>{page}</body></html>", encoding="utf-8")
    return len(page)


def serve_library(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[-1]
    if name in LIBRARIES:
        body = (REPOSITORY / "assets" / "web" / LIBRARIES[name]).read_text(encoding="utf-8")
    else:
        body = REQUIRE
    route.fulfill(body=body, content_type="text/javascript")


def measure_bertviz(browser: Browser, path: Path) -> float:
    """Seconds from opening the file until pointing at a token leaves its lines alone."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(LIMIT_MS)
    page.route(re.compile("^https?://"), serve_library)
    started = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    page.locator("#left text").nth(3).wait_for()
    page.locator("#left text").nth(3).hover()
    page.locator("#attention line[visibility=visible]").first.wait_for(state="attached")
    elapsed_s = time.perf_counter() - started
    page.close()
    return elapsed_s


# -- Both ------------------------------------------------------------------------------------------------


def compare(
    browser: Browser, page: Page, sent: list[int], num_tokens: int, rounds: int, folder: Path
) -> None:
    with open_model("bundled") as engine:
        attention = engine.attentions(make_text(num_tokens))
    path, their_bytes = folder / f"{num_tokens}.html", weigh_bertviz(attention)
    opened = their_bytes <= HEAVY_BYTES
    if opened:
        their_bytes = write_bertviz(attention, path)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(measure_ours(page, sent, num_tokens))
        measure_ours_short(page)
        if opened:
            theirs.append(measure_bertviz(browser, path))
    num_bytes, hover_s, switch_s = (statistics.median(values) for values in zip(*ours, strict=True))
    print(f"{num_tokens} tokens{f' (goal: {GOALS[num_tokens]})' if num_tokens in GOALS else ''}")
    layers = f"another layer after {switch_s:.2f} s"
    print(f"  ours     {num_bytes / MB:8.2f} MB, hover after {hover_s:6.2f} s, {layers}")
    seen = f"hover after {statistics.median(theirs):6.2f} s" if opened else "not opened: too large"
    print(f"  bertviz  {their_bytes / MB:8.2f} MB, {seen}")
    ratio = f"  ratio    1/{their_bytes / num_bytes:.0f} of the bytes"
    print(ratio + (f", {statistics.median(theirs) / hover_s:.2f}x as fast" if opened else ""))


def measure_ours_short(page: Page) -> None:
    """Back to a short text, so that the next round asks for the long one anew."""
    page.get_by_label("Sentence", exact=True).fill(make_text(8))
    page.get_by_role("button", name="Show attention").click()
    answers_keys_and_pointer(page, 8)
    page.wait_for_selector(READY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, nargs="+", default=[32, 128, 512])
    arguments = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as home, server(command, port, home), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = open_ours(browser, f"http://127.0.0.1:{port}")
        sent = watch_socket(page)
        for num_tokens in arguments.tokens:
            compare(browser, page, sent, num_tokens, arguments.rounds, Path(home))
        browser.close()


def watch_socket(page: Page) -> list[int]:
    """Lengths of the frames that the page receives from now on. It connects anew to be heard."""
    sent: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: sent.append(len(frame))),
    )
    page.reload()
    page.locator(".attention[data-drawn]").wait_for()
    page.wait_for_selector(READY)
    return sent


if __name__ == "__main__":
    main()
