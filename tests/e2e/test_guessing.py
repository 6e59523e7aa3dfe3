"""Masked words, Sentence scores, Two templates and Writing in a browser: by mouse, by keyboard, by link.

One server with the tiny BERT: what is said does not matter here, that it is said does.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from bert_explorer.ui import state
from bert_explorer.ui.texts import masked_words, sentence_scores, writing
from tests.e2e.conftest import wait_until_ready

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

OpenBrowser = Callable[..., Page]
HOSTILE = "<img src=x onerror=window.hacked=1>"


def figure(page: Page) -> Locator:
    return page.locator(".js-plotly-plot").first


def box(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_link(page: Page, name: str, value: str) -> None:
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get(name) == [value])


def check_that_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def test_words_are_hidden_by_mouse_and_keyboard_and_looked_at_closer(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    link = urlencode({state.TEXT: f"the cat sat {HOSTILE}"})
    page = open_browser(f"{tiny_server}/masked_words?{link}")
    words = page.get_by_role("group", name="Words of the text").get_by_role("button")
    words.nth(1).click()
    expect(box(page, "Text with [MASK]")).to_have_value(f"the [MASK] sat {HOSTILE}")
    figure(page).wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(box(page, "Text with [MASK]")).to_have_value(f"the [MASK] [MASK] {HOSTILE}")
    page.get_by_role("radio", name=masked_words.TOGETHER).click()
    expect(page.get_by_text("The best filling found is")).to_be_visible()
    page.get_by_role("radio", name=masked_words.BY_LAYER).click()
    expect(page.get_by_text("takes the first place in layer")).to_be_visible()
    words.nth(2).click()
    expect(box(page, "Text with [MASK]")).to_have_value(f"the [MASK] sat {HOSTILE}")
    assert page.evaluate("window.hacked") is None
    wait_for_link(page, state.MASKED_VIEW, masked_words.BY_LAYER)
    again = open_browser(page.url)
    expect(again.get_by_text("takes the first place in layer")).to_be_visible()
    assert parameters(again) == parameters(page)
    check_that_it_fits_a_phone(again)


def test_words_of_a_list_and_of_pieces(tiny_server: str, open_browser: OpenBrowser) -> None:
    link = urlencode({state.TEXT: "the [MASK] sat", state.MASKED_LIST: "Pronouns"})
    page = open_browser(f"{tiny_server}/masked_words?{link}")
    expect(page.get_by_text("Of these 7 words")).to_be_visible()
    box(page, "Words to look for (optional)").fill("xylophone")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Of these 8 words")).to_be_visible()
    wait_for_link(page, state.MASKED_TARGETS, "xylophone")
    again = open_browser(page.url)
    expect(again.get_by_text("Of these 8 words")).to_be_visible()


def test_sentences_are_scored_ranked_and_judged(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_browser(f"{tiny_server}/sentence_scores")
    box(page, "Text").fill(f"the {HOSTILE} sat")
    page.get_by_role("button", name="Score").click()
    tokens = page.get_by_role("list", name="The text, darker").get_by_role("listitem")
    expect(tokens.nth(1)).to_contain_text("<")
    figure(page).wait_for()
    tokens.first.focus()
    expect(page.get_by_role("tooltip").filter(visible=True)).to_contain_text("bits: a probability of")
    page.get_by_role("radio", name=sentence_scores.WORDS).click()
    wait_for_link(page, state.SCORE_BY, sentence_scores.WORDS)
    page.get_by_role("tab", name=sentence_scores.SEVERAL).press("Enter")
    wait_until_ready(page)
    box(page, "Sentences, one a line").fill("-1\tthe cat sat\n-2\tthe dog")
    page.keyboard.press("Control+Enter")
    wait_for_link(page, state.SCORE_SENTENCES, "-1\tthe cat sat\n-2\tthe dog")
    expect(page.get_by_text("First is now")).to_be_visible()
    page.get_by_role("slider").press("ArrowLeft")
    wait_for_link(page, state.SCORE_WEIGHT, "0.45")
    ranked = open_browser(page.url)
    expect(ranked.get_by_text("First is now")).to_be_visible()
    expect(ranked.get_by_role("slider")).to_have_value("0.45")
    assert parameters(ranked) == parameters(page)
    page.get_by_role("tab", name=sentence_scores.PAIRS).click()
    page.get_by_role("button", name="Judge the pairs").press("Enter")
    expect(page.get_by_text("of 4 pairs are right")).to_be_visible()
    page.wait_for_url(lambda url: state.PAIRS_JUDGED in url)
    assert page.evaluate("window.hacked") is None
    judged = open_browser(page.url)
    expect(judged.get_by_text("of 4 pairs are right")).to_be_visible()
    check_that_it_fits_a_phone(page)


def test_the_bench_can_be_stopped(tiny_server: str, open_browser: OpenBrowser) -> None:
    link = urlencode({state.SCORE_TAB: sentence_scores.PAIRS, state.PAIRS_SOURCE: sentence_scores.BENCH})
    page = open_browser(f"{tiny_server}/sentence_scores?{link}")
    page.get_by_role("button", name="Judge the pairs").click()
    expect(page.get_by_text("sentences").filter(has_text="of 2,680")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped after").or_(page.get_by_text("pairs are right")).first).to_be_visible()


def test_calibration_is_drawn(server: str, open_browser: OpenBrowser) -> None:
    """Of the product's own model: the held-out sentences are longer than the tiny one reads."""
    page = open_browser(f"{server}/calibration")
    expect(page.get_by_text("Expected calibration error").first).to_be_visible()
    figure(page).wait_for()
    page.get_by_role("tab", name="Download").press("Enter")
    expect(page.get_by_role("button", name="Table (CSV)")).to_be_visible()
    check_that_it_fits_a_phone(page)


def test_templates_and_writing(tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_browser(f"{tiny_server}/templates")
    box(page, "First sentence, with [MASK]").fill("the [MASK] sat")
    box(page, "Second sentence, with [MASK]").fill("the [MASK] is good")
    page.keyboard.press("Control+Enter")
    wait_for_link(page, state.TEMPLATE_SECOND, "the [MASK] is good")
    points = ".js-plotly-plot .gl-container, .js-plotly-plot canvas"
    page.locator(points).first.wait_for(state="attached")
    compared = open_browser(page.url)
    compared.locator(points).first.wait_for(state="attached")
    expect(box(compared, "First sentence, with [MASK]")).to_have_value("the [MASK] sat")
    assert parameters(compared) == parameters(page)
    page.goto(f"{tiny_server}/writing?{urlencode({state.WRITE_PROMPT: 'the cat', state.WRITE_PLACES: '4'})}")
    wait_until_ready(page)
    expect(page.get_by_text("The text at the end:")).to_be_visible()
    page.get_by_role("slider", name="After step").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_link(page, state.WRITE_STEP, "11")
    expect(page.get_by_text("Step 11 drew")).to_be_visible()
    again = open_browser(page.url)
    expect(again.get_by_text("Step 11 drew")).to_be_visible()
    check_that_it_fits_a_phone(again)
    expect(again.get_by_role("heading", level=1)).to_have_text(writing.WRITING_PAGE.title)
