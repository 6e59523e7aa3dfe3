"""The token strip in a browser: texts stay texts, and mouse and keyboard reach every token."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.strip_app import HOSTILE, WORDS

pytestmark = pytest.mark.e2e


def top_of(token: Locator) -> float:
    box = token.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_token_strip(width: int, strip_server: str, open_browser: Callable[..., Page]) -> None:
    page = open_browser(strip_server, width=width, dark=width == 390)
    tokens = page.get_by_role("group", name="Many").get_by_role("button")
    expect(tokens).to_have_count(len(WORDS))
    for i, text in enumerate(HOSTILE, start=4):
        expect(tokens.nth(i)).to_have_text(f"{text}{i}.5")
    expect(tokens.nth(9)).to_contain_text("‹202E›evil")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    click_and_press(page, tokens)
    read_tips(page)
    walk_from_right_to_left(page)


def click_and_press(page: Page, tokens: Locator) -> None:
    tokens.nth(1).click()
    expect(page.get_by_text("clicked: 1; chosen: [1]")).to_be_visible()
    expect(tokens.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(tokens.nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("clicked: 2; chosen: [1, 2]")).to_be_visible()
    expect(tokens.nth(2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("clicked: 1; chosen: [2]")).to_be_visible()
    page.keyboard.press("End")
    expect(tokens.last).to_be_focused()
    page.keyboard.press("Home")
    expect(tokens.first).to_be_focused()
    if top_of(tokens.first) < top_of(tokens.last):
        page.keyboard.press("ArrowDown")
        assert top_of(page.locator(".token:focus")) > top_of(tokens.first)
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_text("clicked: None; chosen: [2]")).to_be_visible()


def read_tips(page: Page) -> None:
    tip = page.get_by_role("tooltip").filter(visible=True)
    token = page.get_by_role("list", name="None").get_by_role("listitem")
    token.hover()
    expect(tip).to_have_text("a line")
    token.focus()
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def walk_from_right_to_left(page: Page) -> None:
    words = page.get_by_role("radiogroup", name="One").get_by_role("radio")
    expect(words.nth(1)).to_have_attribute("aria-checked", "true")
    words.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    expect(words.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("one: 2")).to_be_visible()
