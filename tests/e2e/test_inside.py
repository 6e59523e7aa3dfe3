"""The walk in a browser: by mouse, by keyboard alone, with a long text, and from a link."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from bert_explorer.ui import state
from bert_explorer.ui.texts import inside as text
from tests.e2e.conftest import wait_until_ready

pytestmark = pytest.mark.e2e

OpenBrowser = Callable[..., Page]
STOPS = list(text.STOPS.values())
TITLES = [f"{number}. {stop.title}" for number, stop in enumerate(STOPS, start=1)]


def open_stop(server: str, open_browser: OpenBrowser, stop: str, **more: str) -> Page:
    title = TITLES[list(text.STOPS).index(stop)]
    page = open_browser(f"{server}/inside?{urlencode({state.INSIDE_STOP: title} | more)}")
    expect(page.get_by_role("heading", name=text.STOPS[stop].title)).to_be_visible()
    page.get_by_role("application").first.wait_for()
    wait_until_ready(page)
    return page


def matrix(page: Page, start: str) -> Locator:
    return page.get_by_role("application", name=f"{start}: ")


def readout(page: Page) -> Locator:
    return page.locator(".readout")


def test_the_first_stop_is_drawn_and_the_walk_goes_on_by_mouse(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(f"{tiny_server}/inside")
    expect(page.get_by_role("heading", name=STOPS[0].title)).to_be_visible()
    page.get_by_role("application").first.wait_for()
    for stop in STOPS[1:]:
        page.get_by_role("button", name="Next step").click()
        expect(page.get_by_role("heading", name=stop.title)).to_be_visible()
    expect(page.get_by_role("button", name="Next step")).to_be_disabled()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name=STOPS[-2].title)).to_be_visible()
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get(state.INSIDE_STOP) == [TITLES[-2]])


def test_cells_tell_their_origin_and_rows_can_be_followed(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_stop(tiny_server, open_browser, "sum", **{state.INSIDE_TEXT: "the cat sat on the mat ."})
    expect(readout(page)).to_contain_text("Point at a cell")
    canvas = matrix(page, "Σ")
    canvas.hover()
    expect(readout(page)).to_contain_text("dimension")
    expect(readout(page)).to_contain_text(" + ")
    page = open_stop(tiny_server, open_browser, "words", **{state.INSIDE_TEXT: "the cat sat on the mat ."})
    box = matrix(page, "E").bounding_box()
    assert box is not None
    matrix(page, "E").click(position={"x": box["width"] / 2, "y": box["height"] - 11 - 22 * 5})
    expect(page.get_by_role("radio", name="sat")).to_have_attribute("aria-checked", "true")
    page.wait_for_url(lambda url: f"{state.INSIDE_TOKEN}=4" in url)


def test_the_keyboard_alone_reaches_everything(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_stop(tiny_server, open_browser, "words", **{state.INSIDE_TEXT: "the cat sat on the mat ."})
    page.get_by_role("button", name="Next step").press("Enter")
    expect(page.get_by_role("heading", name=STOPS[1].title)).to_be_visible()
    expect(matrix(page, "Σ")).to_be_visible()
    wait_until_ready(page)
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name=STOPS[0].title)).to_be_visible()
    canvas = matrix(page, "E")
    expect(canvas).to_be_visible()
    canvas.focus()
    expect(readout(page)).to_contain_text("E · [CLS] · dimension 1 · ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(readout(page)).to_contain_text("E · cat · dimension 2 · ")
    expect(readout(page)).to_contain_text("column 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="cat")).to_have_attribute("aria-checked", "true")
    slider = page.get_by_role("slider", name="Head")
    slider.press("ArrowLeft")
    page.wait_for_url(lambda url: f"{state.INSIDE_HEAD}=1" in url)


FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element?.getAttribute("role") ?? "", (element?.ariaLabel ?? element?.textContent ?? "").trim()];
}"""
MAX_TABS = 150  # from the top of the page through the sidebar to the walk


def tab_to(page: Page, *, role: str = "", name: str = "") -> None:
    """Press Tab until an element of this role or name has the focus."""
    for _ in range(MAX_TABS):
        found = page.evaluate(FOCUSED)
        if (role and found[0] == role) or (name and found[1].startswith(name)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {role or name}")


def test_the_whole_walk_by_keys_alone(tiny_server: str, open_browser: OpenBrowser) -> None:
    """Tab, Enter and arrows from the first stop to the last; nothing is clicked and nothing is focused."""
    page = open_browser(f"{tiny_server}/inside?{urlencode({state.INSIDE_TEXT: 'the cat sat .'})}")
    expect(page.get_by_role("heading", name=STOPS[0].title)).to_be_visible()
    page.get_by_role("application").first.wait_for()
    expect(page.get_by_text("being read into memory")).to_have_count(0)
    for stop in STOPS[1:]:
        wait_until_ready(page)
        tab_to(page, name="Next step")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=stop.title)).to_be_visible()
    expect(page.get_by_role("button", name="Next step")).to_be_disabled()
    wait_until_ready(page)
    tab_to(page, role="application")
    page.keyboard.press("ArrowRight")
    expect(readout(page)).to_contain_text("dimension 2 · ")


def test_a_long_text_is_sent_in_windows_that_the_arrow_keys_move(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_stop(tiny_server, open_browser, "words", **{state.INSIDE_TEXT: "the cat " * 60})
    canvas = matrix(page, "E")
    canvas.focus()
    for _ in range(16):
        page.keyboard.press("ArrowDown")
    page.wait_for_url(lambda url: f"{state.INSIDE_FROM_TOKEN}=9" in url)
    expect(canvas).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(readout(page)).to_contain_text("row ")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_window_cuts_nothing(dark: bool, tiny_server: str, open_browser: OpenBrowser) -> None:
    title = TITLES[list(text.STOPS).index("products")]
    page = open_browser(f"{tiny_server}/inside?{urlencode({state.INSIDE_STOP: title})}", width=390, dark=dark)
    page.get_by_role("application").first.wait_for()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def test_pictures_are_saved_from_the_canvas(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_stop(tiny_server, open_browser, "softmax")
    for name, start in (("Figure (PNG)", b"\x89PNG"), ("Figure (SVG)", b"<svg")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        assert waiting.value.path().read_bytes().startswith(start)
