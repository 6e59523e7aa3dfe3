"""Two browsers on one server: what one trains, the other neither sees nor opens."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from bert_explorer.settings import Settings
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.schema import runs
from bert_explorer.training.store import RunStore
from bert_explorer.ui.texts import attention, embeddings, fine_tune
from tests.training.conftest import FakeExecutor

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

NAME = "mine alone"
PATIENCE_S = 60.0
STORED = "localStorage.getItem('bert-explorer-owner')"


def secret_of(page: Page) -> str:
    """The owner's secret, as soon as the browser has drawn and kept it."""
    page.wait_for_function(f"{STORED} !== null")
    return str(page.evaluate(STORED))


def train(page: Page) -> str:
    """Train on the example, wait until it is finished, return the run's id."""
    page.get_by_label("Name of the model").fill(NAME)
    page.get_by_role("button", name="Start training").click()
    page.get_by_text("Held-out accuracy").first.wait_for(timeout=300_000)
    page.get_by_role("button", name="Open this model").wait_for(timeout=300_000)
    return parse_qs(urlsplit(page.url).query)["run"][0]


def test_a_run_and_its_model_belong_to_the_browser_that_made_them(
    tiny_server: str, tiny_home: Path, open_browser: Callable[..., Page]
) -> None:
    mine = open_browser(f"{tiny_server}/fine_tune")
    run_id = train(mine)
    secret = secret_of(mine)
    assert len(secret) == 64

    other = open_browser(f"{tiny_server}/fine_tune?part=Your+runs&run={run_id}")
    expect(other.get_by_text("You have not trained a model yet")).to_be_visible()
    assert secret_of(other) != secret
    assert run_id not in other.url
    assert NAME not in other.content()

    other.goto(f"{tiny_server}/attention?model=run:{run_id}")
    expect(other.get_by_text("Models belong to the browser that trained them")).to_be_visible()
    expect(other.locator("iframe")).to_have_count(0)
    other.get_by_role("combobox", name="Model").click()
    assert NAME not in other.content()

    mine.reload()
    expect(mine.get_by_role("button", name="Open this model")).to_be_visible()
    mine.get_by_role("button", name="Open this model").click()
    mine.wait_for_url(f"**model=run%3A{run_id}**")
    assert secret not in mine.url
    assert secret not in mine.content()
    watch_the_film(mine, f"{tiny_server}/training_film?run={run_id}")
    other.goto(f"{tiny_server}/training_film?run={run_id}")
    expect(other.get_by_text("You have not trained a model yet")).to_be_visible()
    throw_away(mine, tiny_server, run_id)
    assert_gone_for_good(Settings(home=tiny_home), run_id)


def watch_the_film(page: Page, address: str) -> None:
    """It plays in the browser alone, stops where it is told to, and a reload stands at the same moment."""
    page.goto(address)
    film = page.locator(".film")
    expect(film.locator(".point").first).to_be_visible()
    slider = film.get_by_role("slider", name="Moment of the training")
    slider.press("Home")
    expect(film.locator(".where")).to_contain_text("before the first step")
    page.wait_for_url("**moment=0**")
    film.get_by_role("button", name="Play").click()
    expect(film).to_have_attribute("data-frames", re.compile(r"[2-9]\d|\d{3}"))
    expect(film.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_url(lambda url: "moment=0" not in url)
    stopped_at = page.url
    slider.press("ArrowLeft")
    page.wait_for_url(lambda url: url != stopped_at)
    shown = film.locator(".where").inner_text()
    page.reload()
    expect(film.locator(".where")).to_have_text(shown)
    with page.expect_download() as download:
        film.get_by_role("button", name="Figure (SVG)").click()
    assert "<svg" in download.value.path().read_text(encoding="utf-8")


def throw_away(page: Page, address: str, run_id: str) -> None:
    """Its film goes with the run, at once and for its owner too."""
    page.goto(f"{address}/fine_tune?part=Your+runs&run={run_id}")
    page.get_by_role("button", name="Delete this run").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("You have not trained a model yet")).to_be_visible()
    page.goto(f"{address}/training_film?run={run_id}")
    expect(page.get_by_text("You have not trained a model yet")).to_be_visible()
    expect(page.locator(".film")).to_have_count(0)


def assert_gone_for_good(settings: Settings, run_id: str) -> None:
    """When it can be taken back no more, nothing of it is left on the disk. No page waits ten minutes."""
    store, film = RunStore(settings.resolved_database_url), run_folder(run_id, settings).film
    assert film.is_file(), "it can still be taken back"
    with store.engine.begin() as connection:
        in_the_bin = (runs.c.id == run_id) & runs.c.deleted_at.is_not(None)
        connection.execute(update(runs).where(in_the_bin).values(deleted_at=0.0))
    RunQueue(store, FakeExecutor(), settings).empty_bin()
    store.close()
    deadline = time.monotonic() + PATIENCE_S
    while film.exists():  # the server empties its bin too, and may be at it still
        assert time.monotonic() < deadline, "it is on the disk still"
        time.sleep(0.05)


def test_the_secret_is_never_in_a_request(tiny_server: str, open_browser: Callable[..., Page]) -> None:
    page = open_browser(tiny_server)
    secret = secret_of(page)
    seen: list[str] = []
    page.on(
        "request", lambda request: seen.append(request.url + str(request.headers) + (request.post_data or ""))
    )
    titles = {"Attention": attention, "Fine-tune": fine_tune, "Map of texts": embeddings}
    for name, text in titles.items():
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(text.PAGE.title)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(embeddings.PAGE.title)
    assert seen
    assert not any(secret in request for request in seen)
