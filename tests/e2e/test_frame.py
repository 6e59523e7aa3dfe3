"""What only a browser shows: links that reproduce a page, the frame around it, nothing cut."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.ui import state
from bert_explorer.ui.texts import attention, embeddings, masked_words
from tests.e2e.conftest import wait_until_ready

pytestmark = pytest.mark.e2e

OpenBrowser = Callable[..., Page]
# Pages that compute for long at their first visit are looked at by the modules about them.
PAGES = (
    "",
    "masked_words",
    "sentence_scores",
    "attention",
    "inside",
    "embeddings",
    "layer_film",
    "word_senses",
    "pretraining",
    "fine_tune",
    "runs",
)
LINKS = {
    "masked_words": {state.TEXT: "the [MASK] sat", state.MASKED_TARGETS: "cat", state.MASKED_TOP_K: "5"},
    "attention": {
        state.ATTENTION_TEXT: "the cat sat",
        state.ATTENTION_PAIR: "on the mat",
        state.ATTENTION_VIEW: attention.HEAT_MAP,
        state.ATTENTION_LAYER: "1",
        state.ATTENTION_HEAD: "1",
        state.ATTENTION_UNITS: attention.WORDS,
        state.ATTENTION_SPECIAL: "true",
        state.ATTENTION_THRESHOLD: "5",
        state.ATTENTION_BLOCK: "A>B",
        state.ATTENTION_PICK: "2",
    },
    "embeddings": {
        state.EMBED_SOURCE: embeddings.ONE_TEXT,
        state.EMBED_TOKENS_TEXT: "the cat sat",
        state.EMBED_LAYER: "1",
        state.EMBED_METHOD: "t-SNE",
    },
}


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_very_first_visit_to_a_fresh_server_may_be_a_link_to_a_page(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    """Runs first in this module: only until app.py has run does Streamlit treat pages/ on its own terms."""
    page = open_browser(f"{tiny_server}/attention?{urlencode({state.ATTENTION_TEXT: 'the cat sat'})}")
    expect(page.get_by_role("heading", level=1)).to_have_text(attention.PAGE.title)
    expect(page.get_by_role("combobox", name="Model")).to_be_visible()
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("the cat sat")


@pytest.mark.parametrize("name", LINKS)
def test_a_link_reproduces_its_page_and_stays_as_it_is(
    name: str, tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(f"{tiny_server}/{name}?{urlencode(LINKS[name])}")
    page.locator(".js-plotly-plot, .attention[data-drawn]").first.wait_for()
    assert parameters(page) == LINKS[name]


def test_controls_write_themselves_into_the_link_and_the_link_brings_them_back(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(f"{tiny_server}/masked_words")
    page.get_by_label("Text with [MASK]").fill("the [MASK] sat on the mat")
    page.get_by_role("button", name="Predict").click()
    page.wait_for_url(lambda url: "sat+on" in url or "sat%20on" in url)
    again = open_browser(page.url)
    expect(again.get_by_label("Text with [MASK]")).to_have_value("the [MASK] sat on the mat")
    page.get_by_role("button", name="Two masks").click()
    expect(page.get_by_label("Text with [MASK]")).to_have_value(masked_words.EXAMPLES[-1].text)


def test_the_chosen_model_follows_from_page_to_page(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_browser(f"{tiny_server}/?model=local%3Anothing")
    expect(page.get_by_text("There is no model")).to_be_visible()
    page.get_by_role("link", name="Attention").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(attention.PAGE.title)
    page.wait_for_url("**/attention?model=local%3Anothing")
    page.get_by_role("button", name="Go back to the bundled model").click()
    page.wait_for_url(lambda url: "model" not in url)
    expect(page.get_by_label("Sentence", exact=True)).to_be_visible()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_no_page_is_wider_than_its_window(
    width: int, dark: bool, tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(tiny_server, width=width, dark=dark)
    for name in PAGES:
        page.goto(f"{tiny_server}/{name}")
        wait_until_ready(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(1500)  # figures find their size after they are drawn
        too_wide = page.evaluate(
            "[...document.querySelectorAll('[data-testid=stMain] *')]"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
            ".filter((e) => !e.closest('.katex, .stDataFrame, .stTabs, .stSlider, pre, svg'))"
            ".map((e) => e.className).slice(0, 5)"
        )
        assert too_wide == [], name
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"), name


def test_downloads_give_files(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_browser(f"{tiny_server}/masked_words")
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("tab", name="Download").click()
    starts = {
        "Figure (PNG)": b"\x89PNG",
        "Figure (SVG)": b"<svg",
        "Figure (HTML)": b"<!doctype html>",
        "Table (CSV)": b"\xef\xbb\xbf",
    }
    for name, start in starts.items():
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        content = waiting.value.path().read_bytes()
        assert content.lstrip().startswith(start), (name, content[:40])
