"""20,000 points turned and lassoed in Chromium: frames a second on the page, beside bare plotly pages.

Our side is the whole page Embeddings with a file of vectors: five labels, so five colours and a legend. Its
peers hold one figure of the same coordinates and nothing else: plotly's own 3D scatter and WebGL scatter in
one colour, and its SVG scatter. A mouse drags in circles meanwhile; frames are those that
``requestAnimationFrame`` announces, which the browser does only as fast as it can draw them. All pages take
turns; medians over the rounds, and the longest time in which nothing moved. Without a GPU the WebGL is
software (the line "drawn by" says which).

    python benchmarks/points_in_browser.py [--points 20000] [--rounds 5] [--seconds 4]
"""

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import plotly.graph_objects as go
from app_start import READY, REPOSITORY, free_port, server
from playwright.sync_api import Browser, Page, sync_playwright

from bert_explorer.analysis.projection import project
from bert_explorer.results import FloatArray
from bert_explorer.ui import state
from bert_explorer.ui.texts import embeddings as text
from tests.e2e.chromium import find_chromium

GOAL = 30  # frames a second
LIMIT_MS = 240_000  # how far a picture of 20,000 points can be trusted takes a while to measure
NUM_LABELS, SIZE = 5, 32
VIEWPORT = {"width": 1280, "height": 900}
PLOT = ".js-plotly-plot, .cloud .frame"
COUNT = """() => {
  window.frames_at = [];
  const note = (now) => { window.frames_at.push(now); window.counting = requestAnimationFrame(note); };
  window.counting = requestAnimationFrame(note);
}"""
STOP = "() => { cancelAnimationFrame(window.counting); return window.frames_at; }"
RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  return names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : "no WebGL";
}"""


def make_vectors(num_points: int) -> tuple[FloatArray, list[str]]:
    """Five clouds of points, (num_points, SIZE), and the label of each."""
    chance = np.random.default_rng(0)
    labels = chance.integers(NUM_LABELS, size=num_points)
    centres = 3 * chance.normal(size=(NUM_LABELS, SIZE))
    vectors = centres[labels] + chance.normal(size=(num_points, SIZE))
    return vectors.astype(np.float32), [f"label {label + 1}" for label in labels]


# -- The pages ------------------------------------------------------------------------------------------


def open_ours(browser: Browser, address: str, files: Path, dimensions: int, num_points: int) -> Page:
    """The page with the vectors of the file on its map."""
    link = {state.EMBED_SOURCE: text.VECTORS, state.EMBED_DIMENSIONS: text.DIMENSIONS[dimensions - 2]}
    page = new_page(browser)
    page.goto(f"{address}/embeddings?{urlencode(link)}")
    choosers = page.locator("input[type=file]")
    choosers.nth(1).wait_for(state="attached")
    choosers.nth(1).set_input_files(files / "labels.txt")
    choosers.nth(0).set_input_files(files / "vectors.npy")
    page.get_by_text(f"All {num_points} points.").wait_for()
    page.wait_for_selector(READY)
    return page


def open_bare(browser: Browser, files: Path, name: str) -> Page:
    page = new_page(browser)
    page.goto((files / f"{name}.html").as_uri())
    page.locator(".main-svg").first.wait_for(state="attached")
    return page


def new_page(browser: Browser) -> Page:
    page = browser.new_page(viewport=VIEWPORT)
    page.set_default_timeout(LIMIT_MS)
    return page


def write_files(folder: Path, num_points: int) -> None:
    """The upload, and one page for each peer."""
    vectors, labels = make_vectors(num_points)
    np.save(folder / "vectors.npy", vectors)
    (folder / "labels.txt").write_text("\n".join(labels), encoding="utf-8")
    x, y, z = project(vectors, method="pca", dimensions=3, seed=0).coordinates.T
    peers = {
        "scatter3d": go.Scatter3d(x=x, y=y, z=z, mode="markers"),
        "scattergl": go.Scattergl(x=x, y=y, mode="markers"),
        "scatter": go.Scatter(x=x, y=y, mode="markers"),
    }
    for name, trace in peers.items():
        figure = go.Figure(trace).update_layout(dragmode="turntable" if name == "scatter3d" else "lasso")
        figure.write_html(folder / f"{name}.html")


# -- The drags ------------------------------------------------------------------------------------------


def centre_of(page: Page) -> tuple[float, float, float]:
    """Middle of the plot in the window, and a radius that stays within it."""
    plot = page.locator(PLOT).first
    plot.evaluate("(element) => element.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = plot.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 0.3 * min(box["width"], box["height"])


def drag(page: Page, seconds: float) -> tuple[float, float]:
    """Frames a second, and the longest time without one, while the mouse goes in circles."""
    x, y, radius = centre_of(page)
    page.mouse.move(x + radius, y)
    page.mouse.down()
    page.evaluate(COUNT)
    began, turn = time.perf_counter(), 0.0
    while time.perf_counter() - began < seconds:
        turn += 0.1
        page.mouse.move(x + radius * math.cos(turn), y + radius * math.sin(turn))
    times = page.evaluate(STOP)
    page.mouse.up()
    page.wait_for_timeout(500)
    gaps = np.diff(times) / 1000
    return len(gaps) / float(gaps.sum()), float(gaps.max())


@contextmanager
def pages(browser: Browser, num_points: int) -> Iterator[Callable[[str], Page]]:
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        files, port = Path(folder), free_port()
        write_files(files, num_points)
        command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app.py")]
        with server([*command, f"--server.port={port}"], port, home):

            def open_one(name: str) -> Page:
                if name.startswith("page"):
                    dimensions = 3 if name.endswith("3D") else 2
                    return open_ours(browser, f"http://127.0.0.1:{port}", files, dimensions, num_points)
                return open_bare(browser, files, name)

            yield open_one


NAMES = ("page, 3D", "scatter3d", "page, 2D", "scattergl", "scatter")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    chosen = parser.parse_args()
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
        with pages(browser, chosen.points) as open_one:
            for number in range(chosen.rounds):
                for name in NAMES:
                    page = open_one(name)
                    if not number and name == NAMES[0]:
                        print(f"{chosen.points:,} points, drawn by {page.evaluate(RENDERER)}")
                    found[name].append(drag(page, chosen.seconds))
                    print(f"  {name:10} {found[name][-1][0]:5.1f} frames/s", flush=True)
                    page.close()
        browser.close()
    report(found)


def report(found: dict[str, list[tuple[float, float]]]) -> None:
    rates = {name: statistics.median(rate for rate, _ in drags) for name, drags in found.items()}
    for name, drags in found.items():
        gap = statistics.median(gap for _, gap in drags)
        peer = rates["scatter3d" if name in ("page, 3D", "scatter3d") else "scattergl"]
        goal = f", goal {GOAL}" if name.startswith("page") else ""
        print(
            f"{name:10} {rates[name]:5.1f} frames/s ({rates[name] / peer:.2f}x bare plotly{goal}), "
            f"longest pause {gap:.2f} s"
        )


if __name__ == "__main__":
    main()
