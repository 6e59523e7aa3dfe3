"""What was trained, in a browser: explained, compared with its base, watched, and deleted with its film."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.settings import Settings
from bert_explorer.ui import state
from bert_explorer.ui.texts import explain, training_film, what_moved
from tests.e2e.conftest import serve, wait_until_ready
from tests.e2e.saved_files import open_offline, save, save_all
from tests.e2e.test_heads import open_ready
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
SECRET = "5e" * 32
TEXT = "this film is good ; the cat sat"
MEASURED_MS = 300_000  # a worker starts, reads a model and measures


@dataclass(frozen=True)
class Tuned:
    """A server that knows one finished run of SECRET's."""

    address: str
    run_id: str

    def link(self, page: str, **query: str) -> str:
        return f"{self.address}/{page}?{urlencode(query)}"


@pytest.fixture(scope="module")
def tuned(tiny_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tuned]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, assets=tiny_assets, offline=True, device="cpu", num_threads=1)
    trained = train_here(settings, "films.csv", make_upload(), CONFIG, owner=SECRET)
    with serve(home, tiny_assets) as address:
        yield Tuned(address, trained.run.id)


def measure(page: Page) -> None:
    """Press the button and wait for the result, whatever way it is computed."""
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_role("button", name="Measure again")).to_be_visible(timeout=MEASURED_MS)
    wait_until_ready(page)


def test_a_prediction_is_explained_tested_and_opened_again_from_its_link(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    link = tuned.link("explain", model=f"run:{tuned.run_id}", **{state.EXPLAIN_TEXT: TEXT})
    page = open_ready(open_browser, link, owner=SECRET)
    expect(page.get_by_text("Prediction:")).to_be_visible()
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


def test_words_of_each_class_and_shortcuts_are_measured(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    tab = {state.EXPLAIN_TAB: explain.CLASS_WORDS}
    page = open_ready(open_browser, tuned.link("explain", model=f"run:{tuned.run_id}", **tab), owner=SECRET)
    measure(page)
    expect(page.get_by_text("words that stand in two of them or more")).to_be_visible()
    save_all(page, tmp_path)
    page.get_by_role("tab", name=explain.SHORTCUTS).click()
    measure(page)
    expect(page.get_by_text("words drawn by chance turn")).to_be_visible()
    save_all(page, tmp_path)


def test_what_moved_and_the_ways_to_both_models_side_by_side(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    link = tuned.link("what_moved", run=tuned.run_id)
    page = open_browser(link, owner=SECRET)
    measure(page)
    expect(page.get_by_text("The top layers change most").first).to_be_visible()
    for name, count in ((what_moved.VECTORS, 1), (what_moved.ATTENTION, 2)):
        page.get_by_role("radio", name=name).click()
        expect(page.locator(".js-plotly-plot")).to_have_count(count)
        wait_until_ready(page)
    save_all(page, tmp_path, pictures=2, pages=2, tables=2)
    page.get_by_role("radio", name=what_moved.PROBES).click()
    measure(page)
    expect(page.get_by_text("In the last layer")).to_be_visible()
    save_all(page, tmp_path)
    for name in ("Heads", "Map of texts", "Word senses"):
        page.goto(link)
        page.locator(".st-key-before-after").get_by_role("link", name=name).click()
        expect(page.get_by_text(f"Beside it: run {tuned.run_id}")).to_be_visible()
        expect(page.get_by_text("Files of this figure").first).to_be_visible()
    page.goto(link)
    page.locator(".st-key-before-after").get_by_role("link", name="Attention").click()
    expect(page.locator(".attention[data-drawn]")).to_have_count(3)


def test_the_film_plays_from_its_link_is_saved_and_goes_with_its_run(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    query = {"run": tuned.run_id, state.FILM_MOMENT: "0", state.FILM_VIEW: training_film.LAYERS}
    page = open_browser(tuned.link("training_film", **query), owner=SECRET, width=390)
    film = page.locator(".film")
    expect(film.locator(".where")).to_contain_text("before the first step")
    expect(page.get_by_role("radio", name=training_film.LAYERS)).to_be_checked()
    film.get_by_role("button", name="Play").click()
    page.wait_for_url(lambda url: "moment=0" not in url)
    expect(film.get_by_role("button", name="Play")).to_be_visible()
    wait_until_ready(page)
    page.get_by_role("tab", name="Download").click()
    for button in page.get_by_role("button", name="Figure (HTML)").all():
        file = tmp_path / "film.html"
        file.write_bytes(save(page, button))
        open_offline(page, file)
    page.goto(tuned.link("fine_tune", part="Your runs", run=tuned.run_id))
    page.get_by_role("button", name="Delete this run").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("You have not trained a model yet")).to_be_visible()
    page.goto(tuned.link("training_film", **query))
    expect(page.get_by_text("You have not trained a model yet")).to_be_visible()
    expect(film).to_have_count(0)
