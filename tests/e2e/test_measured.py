"""What was measured of a run, in a browser: drawn, saved, and both models side by side; its film."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.run_analyses.questions import (
    ClassWordsQuestion,
    MovesQuestion,
    RunProbesQuestion,
    ShortcutsQuestion,
)
from bert_explorer.run_analyses.work import measure_and_keep
from bert_explorer.ui import state
from bert_explorer.ui.texts import explain, training_film, what_moved
from tests.conftest import use_settings
from tests.e2e.conftest import serve, wait_until_ready
from tests.e2e.saved_files import open_offline, save, save_all
from tests.e2e.test_heads import open_ready
from tests.e2e.tuned import SECRET, Tuned
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
MEASURED = (
    ClassWordsQuestion("occlusion", 40),
    ShortcutsQuestion(40),
    MovesQuestion("bundled"),
    RunProbesQuestion("bundled"),
)


@pytest.fixture(scope="module")
def tuned(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tuned]:
    """What the queue would measure (see test_trained) is measured here already."""
    folder = tmp_path_factory.mktemp("trained")
    with (
        pytest.MonkeyPatch.context() as patch,
        contextmanager(use_settings)(folder, patch, bundled=tiny_bert) as settings,
    ):
        run_id = train_here(settings, "films.csv", make_upload(), CONFIG, owner=SECRET).run.id
        for question in MEASURED:
            measure_and_keep(run_id, question, settings, lambda *_: None)
    with serve(folder / "home", folder / "assets") as address:
        yield Tuned(address, run_id)


def test_words_of_each_class_and_shortcuts_are_drawn_and_saved(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    tab = {state.EXPLAIN_TAB: explain.CLASS_WORDS}
    page = open_ready(open_browser, tuned.link("explain", model=f"run:{tuned.run_id}", **tab), owner=SECRET)
    expect(page.get_by_text("words that stand in two of them or more")).to_be_visible()
    save_all(page, tmp_path)
    page.get_by_role("tab", name=explain.SHORTCUTS).click()
    expect(page.get_by_text("words drawn by chance turn")).to_be_visible()
    save_all(page, tmp_path)


def test_what_moved_and_the_ways_to_both_models_side_by_side(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    link = tuned.link("what_moved", run=tuned.run_id)
    page = open_browser(link, owner=SECRET)
    expect(page.get_by_text("The top layers change most").first).to_be_visible()
    files = page.get_by_role("tab", name="Download")
    files.click()
    for name, count in ((what_moved.VECTORS, 1), (what_moved.ATTENTION, 2)):
        page.get_by_role("radio", name=name).click()
        expect(page.locator(".js-plotly-plot")).to_have_count(count)
        wait_until_ready(page)
    expect(files).to_have_attribute("aria-selected", "true")
    save_all(page, tmp_path, pictures=2, pages=2, tables=2)
    page.get_by_role("radio", name=what_moved.PROBES).click()
    expect(page.get_by_text("In the last layer")).to_be_visible()
    save_all(page, tmp_path)
    for name in ("Inside", "Heads", "Map of texts", "Layers as a film", "Word senses"):
        page.goto(link)
        page.locator(".st-key-before-after").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=f"({tuned.run_id[:4]})")).to_be_visible()
        expect(page.get_by_text("Files of this figure").first).to_be_visible()
    page.goto(link)
    page.locator(".st-key-before-after").get_by_role("link", name="Attention").click()
    expect(page.locator(".attention[data-drawn]")).to_have_count(3)


def test_the_film_plays_from_its_link_and_is_saved(
    tuned: Tuned, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    query = {"run": tuned.run_id, state.FILM_MOMENT: "0", state.FILM_VIEW: training_film.LAYERS}
    page = open_browser(tuned.link("training_film", **query), owner=SECRET, width=390)
    film = page.locator(".film")
    expect(film.locator(".where")).to_contain_text("before the first step")
    expect(page.get_by_role("radio", name=training_film.LAYERS)).to_be_checked()
    expect(page.locator(".katex-display").first).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    film.get_by_role("button", name="Play").click()
    page.wait_for_url(lambda url: "moment=0" not in url)
    expect(film.get_by_role("button", name="Play")).to_be_visible()
    wait_until_ready(page)
    page.get_by_role("tab", name="Download").click()
    for button in page.get_by_role("button", name="Figure (HTML)").all():
        file = tmp_path / "film.html"
        file.write_bytes(save(page, button))
        open_offline(page, file)
