"""The film of a training played in Chromium: pictures a second on the page, at the largest size of a film.

The film is made up (random walks in place of vectors, 41 moments of 60 examples, as many as a recording may
have) and lies in the folder of a run without a model. A picture is counted where the page has drawn one; the
longest pause between two is measured by ``requestAnimationFrame``.

    python benchmarks/film_in_browser.py [--rounds 3] [--seconds 5]
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from app_start import REPOSITORY, free_port, server
from playwright.sync_api import Page, sync_playwright

from bert_explorer.results import FilmItem, TrainingFilm
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.film.file import write_film
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.store import RunStore
from tests.e2e.chromium import find_chromium

GOAL = 10  # pictures a second
OWNER = "5e" * 32
MOMENTS, ITEMS, LAYERS, SIZE = 41, 60, 6, 512
LIMIT_MS = 240_000
BECOME = f"try {{ localStorage.setItem('bert-explorer-owner', '{OWNER}'); }} catch {{}}"
COUNT = """async (film, seconds) => {
  const began = performance.now(), drawn = [];
  const before = Number(film.dataset.frames);
  await new Promise((done) => {
    const note = (now) => {
      drawn.push(now);
      if (performance.now() - began < 1000 * seconds) requestAnimationFrame(note);
      else done();
    };
    requestAnimationFrame(note);
  });
  const pauses = drawn.slice(1).map((now, i) => now - drawn[i]);
  const spent = (performance.now() - began) / 1000;
  return [(Number(film.dataset.frames) - before) / spent, Math.max(...pauses) / 1000];
}"""


def make_film() -> TrainingFilm:
    """Two classes that drift apart."""
    chance = np.random.default_rng(0)
    walks = chance.normal(size=(MOMENTS, LAYERS, ITEMS, SIZE)).cumsum(axis=0) / 10
    walks += np.linspace(0, 3, MOMENTS)[:, None, None, None] * (np.arange(ITEMS) % 2)[:, None]
    right = chance.uniform(size=(MOMENTS, ITEMS)) < np.linspace(0.5, 1, MOMENTS)[:, None]
    first = np.where(right == (np.arange(ITEMS) % 2 == 0), 0.9, 0.1)
    return TrainingFilm(
        task="text-classification",
        labels=("ham", "spam"),
        items=tuple(FilmItem(i + 2, f"text {i}", None, "", ("ham", "spam")[i % 2]) for i in range(ITEMS)),
        steps=np.arange(MOMENTS),
        epochs=np.linspace(0, 3, MOMENTS),
        layers=tuple(range(1, LAYERS + 1)),
        parts=("embeddings", *map(str, range(1, LAYERS + 1)), "head"),
        vectors=walks.astype(np.float16),
        answers=np.stack([first, 1 - first], axis=-1).astype(np.float32),
        rights=right,
        weight_changes=np.zeros((MOMENTS, LAYERS + 2), dtype=np.float32),
        head_changes=np.zeros((MOMENTS, LAYERS, 8), dtype=np.float32),
        spent_s=1.0,
    )


def keep_run(home: Path) -> str:
    """A finished run of OWNER's with the film and nothing else."""
    settings = Settings(home=home, offline=True)
    home.mkdir(exist_ok=True)
    store = RunStore(settings.resolved_database_url)
    config = FineTuneConfig(text_column="text", label_column="label")
    run = store.create(owner=OWNER, name="film", filename="film.csv", config=config)
    run_folder(run.id, settings).keep_upload("film.csv", b"text,label\n")
    write_film(run_folder(run.id, settings).film, make_film())
    store.claim_next(1)
    store.finish(run.id, {"accuracy": 1.0, "macro_f1": 1.0, "num_held_out": ITEMS})
    store.close()
    return run.id


def play(page: Page, seconds: float) -> tuple[float, float]:
    """Pictures a second, and the longest pause, from the first moment on."""
    film = page.locator(".film")
    film.get_by_role("slider").press("Home")
    film.get_by_role("button", name="Play").click()
    film.get_by_role("button", name="Stop").wait_for()
    rate, pause = film.evaluate(COUNT, seconds)
    film.get_by_role("button", name="Stop").click()
    film.get_by_role("button", name="Play").wait_for()
    return rate, pause


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        run_id, port = keep_run(Path(home)), free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app.py")]
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        with server([*command, f"--server.port={port}"], port, home):
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(LIMIT_MS)
            page.add_init_script(BECOME)
            page.goto(f"http://127.0.0.1:{port}/training_film?run={run_id}")
            page.locator(".film .point").nth(ITEMS - 1).wait_for(state="attached")
            played = [play(page, chosen.seconds) for _ in range(chosen.rounds)]
            browser.close()
    rate = statistics.median(rate for rate, _ in played)
    pause = statistics.median(pause for _, pause in played)
    notes = "" if rate >= GOAL else ", short of the goal"
    print(
        f"{MOMENTS} moments of {ITEMS} examples: {rate:.1f} pictures a second (goal {GOAL}{notes}), "
        f"longest pause {pause:.2f} s"
    )


if __name__ == "__main__":
    main()
