"""A run in a browser: its model explained, tested, saved and opened again; a long look into it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.settings import Settings
from bert_explorer.ui import measurements, state
from bert_explorer.ui.texts import explain
from tests.e2e.conftest import serve, wait_until_ready
from tests.e2e.saved_files import save_all
from tests.e2e.test_heads import open_ready
from tests.e2e.tuned import SECRET, Tuned
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
MEASURING_LIMIT_MS = 400_000  # a worker steps back for others, on a busy machine very far
TEXT = "this film is good ; the cat sat"


@pytest.fixture(scope="module")
def tuned(tiny_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tuned]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, assets=tiny_assets, offline=True, device="cpu", num_threads=1)
    trained = train_here(settings, "films.csv", make_upload(), CONFIG, owner=SECRET)
    with serve(home, tiny_assets) as address:
        yield Tuned(address, trained.run.id)


def test_a_prediction_is_explained_tested_and_opened_again_from_its_link(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    link = tuned.link("explain", model=f"run:{tuned.run_id}", **{state.EXPLAIN_TEXT: TEXT})
    page = open_ready(open_browser, link, owner=SECRET)
    expect(page.get_by_text(re.compile("^Prediction:"))).to_be_visible()
    word = page.get_by_role("list", name=explain.STRIP_LABEL).get_by_role("listitem").nth(4)
    expect(word).to_contain_text("good")
    for title in explain.METHODS.values():
        page.get_by_role("radio", name=title).click()
        wait_until_ready(page)
        word.hover()
        expect(page.get_by_role("tooltip")).to_contain_text(f"{title}:")
    save_all(page, tmp_path)
    said = page.get_by_text("Integrated gradients add up to").inner_text()
    page.wait_for_url("**by_method=rollout**")
    fresh = open_ready(open_browser, page.url, owner=SECRET, width=390, dark=True)
    expect(fresh.get_by_text("Integrated gradients add up to")).to_have_text(said)
    expect(fresh.get_by_role("radio", name="rollout")).to_be_checked()
    stranger = open_browser(page.url)
    expect(stranger.get_by_text("Models belong to the browser that trained them")).to_be_visible()
    page.get_by_role("tab", name=explain.TEST).click()
    expect(page.get_by_text("Areas under the curves")).to_be_visible()
    wait_until_ready(page)
    save_all(page, tmp_path)


def test_a_long_look_outlives_its_page_and_is_stopped(
    tuned: Tuned, open_browser: Callable[..., Page]
) -> None:
    words = tuned.link("explain", model=f"run:{tuned.run_id}", **{state.EXPLAIN_TAB: explain.CLASS_WORDS})
    page = open_ready(open_browser, words, owner=SECRET)
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    found = page.get_by_text("kept with the run")
    expect(found).to_be_visible(timeout=MEASURING_LIMIT_MS)
    expect(page.get_by_text("of 8 texts")).to_be_visible()

    page.goto(tuned.link("what_moved", run=tuned.run_id))
    page.get_by_role("button", name="Measure", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(measurements.STOPPED)).to_be_visible()
    page.reload()
    expect(page.get_by_text(measurements.STOPPED)).to_be_visible()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible()

    page.goto(words)
    expect(page.get_by_text("of 8 texts")).to_be_visible()
    second = open_ready(open_browser, words, owner=SECRET)
    expect(second.get_by_text("of 8 texts")).to_be_visible()
    expect(second.get_by_role("button", name="Measure again")).to_be_visible()
