"""Heads in a browser: cells and switches by mouse and keyboard, files, and a hostile treebank."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.ui import state
from bert_explorer.ui.texts import ablation, attention, heads
from tests.analysis.test_treebank import row
from tests.e2e.conftest import wait_for_model, wait_until_ready
from tests.e2e.saved_files import save_all

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
HOSTILE = "<img/src=x/onerror=window.hacked=1>"


def open_ready(open_browser: Callable[..., Page], address: str, **options: object) -> Page:
    """The page once the model itself has answered."""
    page = open_browser(address, **options)
    wait_for_model(page)
    return page


def click_cell(page: Page, layer: int, head: int) -> None:
    """Click a head of a model of 2 layers and 2 heads; counted from 1."""
    plot = page.locator(".st-key-figure-heads .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    place = {"x": box["width"] * (head - 0.5) / 2, "y": box["height"] * (layer - 0.5) / 2}
    plot.hover(position=place)
    plot.click(position=place)


def test_a_head_is_chosen_in_the_grid_and_opened_in_attention(
    tiny_server: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_ready(open_browser, f"{tiny_server}/heads?sample=the+cat+sat&row=1&column=1")
    expect(page.get_by_role("heading", level=1)).to_have_text(heads.PAGE.title)
    expect(page.get_by_role("heading", name="Layer 1, head 1")).to_be_visible()
    click_cell(page, 2, 1)
    expect(page.get_by_role("heading", name="Layer 2, head 1")).to_be_visible()
    wait_until_ready(page)  # else the answer to the click may follow the key, and move the slider back
    page.get_by_role("slider", name="Head").press("ArrowRight")
    expect(page.get_by_role("heading", name="Layer 2, head 2")).to_be_visible()
    expect(page).to_have_url(re.compile(r"row=2"))
    expect(page).not_to_have_url(re.compile(r"column=1"))  # 2 is the default here
    save_all(page, tmp_path)
    page.get_by_role("radio", name=heads.MAP).click()
    expect(page.locator(".st-key-figure-heads .scatterlayer .point")).to_have_count(4)
    save_all(page, tmp_path)
    page.get_by_role("link", name="Open this head in Attention").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(attention.PAGE.title)
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("the cat sat")
    expect(page.get_by_role("slider", name="Layer")).to_have_value("2")
    expect(page.get_by_role("slider", name="Head")).to_have_value("2")


def test_every_figure_of_the_pages_about_attention_gives_its_files(
    tiny_server: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    """The views of one text are pressed in test_attention_view, the atlas and the curve in this module."""
    tabs = {state.ATTENTION_TEXT: "the [MASK] sat", state.COMPARE_TEXT: "the dog sat"}
    page = open_ready(open_browser, f"{tiny_server}/attention?{urlencode(tabs)}")
    page.get_by_role("radio", name=attention.TABLE, exact=True).click()
    expect(page.get_by_text("links, strongest first")).to_be_visible()
    save_all(page, tmp_path, pictures=0)
    page.get_by_role("tab", name=attention.TABS[1]).click()
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    save_all(page, tmp_path)
    page.get_by_role("tab", name=attention.TABS[2]).click()
    expect(page.locator(".attention[data-drawn]")).to_have_count(3)
    save_all(page, tmp_path, pictures=3, pages=3, tables=3)


def test_heads_are_switched_by_mouse_and_keyboard_and_the_curve_is_drawn(
    tiny_server: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_ready(
        open_browser, f"{tiny_server}/ablation?input=the+%5BMASK%5D+sat&off=1-2", width=390, dark=True
    )
    off = page.get_by_role("textbox", name="Heads that are off")
    switches = page.get_by_role("group", name="Heads of the model")
    expect(off).to_have_value("1-2")
    expect(switches.get_by_role("button", name="Layer 1, head 2")).to_have_attribute("aria-pressed", "false")
    switches.get_by_role("button", name="Layer 2, head 1").click()
    expect(off).to_have_value("1-2, 2-1")
    expect(page.get_by_text("Without 2 heads")).to_be_visible()
    wait_until_ready(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(off).to_have_value("1-2, 2")
    page.wait_for_url(lambda url: "off=1-2%2C+2" in url or "off=1-2,+2" in url or "off=1-2%2C%202" in url)
    expect(page.locator(".st-key-figure-mask-1 .bars .point").first).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    save_all(page, tmp_path)
    page.get_by_role("tab", name=ablation.CURVE).click()
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".st-key-figure-heads-gone .scatterlayer .trace")).to_have_count(3)
    expect(page.get_by_role("button", name="Measure again")).to_be_visible()
    save_all(page, tmp_path)


def test_a_hostile_treebank_is_drawn_as_text(
    tiny_server: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    path = tmp_path / f"{HOSTILE.replace('/', ' ')}.conllu"
    lines = [row("1", HOSTILE, "2", HOSTILE), row("2", "</script>", "3", "det"), row("3", "x", "0", "root")]
    path.write_text("\n".join(lines), encoding="utf-8")
    page = open_ready(open_browser, f"{tiny_server}/relations?treebank=Your+own+treebank")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.locator(".st-key-figure-relations .bars .point")).to_have_count(2)
    expect(page.locator(".st-key-figure-one-relation .heatmaplayer")).to_be_visible()
    expect(page.locator(".st-key-figure-relations .yaxislayer-above")).to_contain_text("<img/src=x/oner")
    assert page.evaluate("window.hacked") is None
    save_all(page, tmp_path, pictures=2, pages=2)
