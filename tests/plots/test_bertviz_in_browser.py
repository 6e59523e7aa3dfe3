"""bertviz's views in a real browser: they draw, they answer the pointer, and they ask nobody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright

from bert_explorer.plots.bertviz import head_view_html, model_view_html
from tests.e2e.chromium import find_chromium
from tests.plots.conftest import MakeAttention

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
EVIL = "</script><script>window.hacked=1</script>"
TOKENS = ["[CLS]", "the", EVIL, "PYTHON_PARAMS", "[SEP]", "it", "sat", "[SEP]"]
LINES = "[...document.querySelectorAll('#attention line')]"
pytestmark = pytest.mark.e2e


def visit(html: str, look: Callable[[Page], Any], *, dark: bool = False) -> Any:
    """What ``look`` finds on the page. Fails on any request, and on any error in the console.

    In a thread of its own: another test may hold the one Playwright that a thread can have.
    """

    def work() -> Any:
        problems: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            page = browser.new_page(color_scheme="dark" if dark else "light")
            page.on("request", lambda request: problems.append(request.url))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: message.type == "log" or problems.append(message.text))
            page.set_content(html)
            page.wait_for_selector("#vis svg text")
            found = look(page)
            assert page.evaluate("window.hacked") is None
            browser.close()
        assert problems == []
        return found

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(work).result()


def test_the_head_view_draws_every_weight_and_follows_the_pointer(make_attention: MakeAttention) -> None:
    attention = make_attention(TOKENS, second=5)

    def look(page: Page) -> dict[str, Any]:
        weights = page.evaluate(f"{LINES}.map(line => line.__data__)")
        visible = f"{LINES}.filter(line => line.getAttribute('visibility') === 'visible')"
        page.locator("#left text", has_text="it").hover()
        return {
            "weights": weights,
            "tokens": page.locator("#left text").all_text_contents(),
            "layers": page.locator("#layer option").all_text_contents(),
            "hovered": page.evaluate(f"{visible}.map(line => +line.getAttribute('left-token-index'))"),
        }

    seen = visit(head_view_html(attention, layer=1), look)
    np.testing.assert_allclose(seen["weights"], attention.attentions[1].ravel(), atol=0.0005001)
    assert seen["tokens"][:3] == ["[CLS]", "the", "</script><scr…"]
    assert seen["layers"] == ["1", "2", "3"]
    assert seen["hovered"] == [5] * len(TOKENS) * 4


def test_the_head_view_switches_layer_and_sentences(make_attention: MakeAttention) -> None:
    attention = make_attention(TOKENS, second=5)

    def look(page: Page) -> dict[str, Any]:
        page.select_option("#layer", "3")
        page.select_option("#filter", label="Sentence A → Sentence B")
        return {
            "weights": page.evaluate(f"{LINES}.map(line => line.__data__)"),
            "left": page.locator("#left text").all_text_contents(),
            "right": page.locator("#right text").all_text_contents(),
        }

    seen = visit(head_view_html(attention), look)
    np.testing.assert_allclose(seen["weights"], attention.attentions[2][:, :5, 5:].ravel(), atol=0.0005001)
    assert (seen["left"][-1], len(seen["left"])) == ("[SEP]", 5)
    assert seen["right"] == ["it", "sat", "[SEP]"]


def test_the_head_view_starts_with_the_chosen_heads(make_attention: MakeAttention) -> None:
    def look(page: Page) -> set[int]:
        shown = f"{LINES}.filter(line => +line.getAttribute('stroke-opacity') > 0)"
        return set(
            page.evaluate(f"{shown}.map(line => +line.parentNode.parentNode.getAttribute('head-index'))")
        )

    assert visit(head_view_html(make_attention(TOKENS), heads=[1, 3]), look) == {1, 3}


def test_the_model_view_draws_all_heads_and_enlarges_one(make_attention: MakeAttention) -> None:
    attention = make_attention(TOKENS)

    def look(page: Page) -> dict[str, Any]:
        weights = page.evaluate("[...document.querySelectorAll('#vis line')].map(line => line.__data__)")
        page.locator("#vis svg > g").nth(6).click()
        return {"weights": weights, "title": page.locator("text.detail").text_content()}

    seen = visit(model_view_html(attention), look)
    np.testing.assert_allclose(seen["weights"], attention.attentions.ravel(), atol=0.0005001)
    assert seen["title"] == "Layer 2, Head 3"


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("view", [head_view_html, model_view_html])
def test_text_stands_out_from_the_page(
    make_attention: MakeAttention, theme: str, dark: bool, view: Callable[..., str]
) -> None:
    def look(page: Page) -> tuple[str, str]:
        text = page.evaluate("getComputedStyle(document.querySelector('#vis text')).fill")
        return text, page.evaluate("getComputedStyle(document.body).backgroundColor")

    seen = visit(view(make_attention(TOKENS), theme=theme), look, dark=dark)
    on_dark = theme == "dark" or (theme == "auto" and dark)
    expected = (
        ("rgb(250, 250, 250)", "rgb(14, 17, 23)") if on_dark else ("rgb(26, 26, 26)", "rgb(255, 255, 255)")
    )
    assert seen == expected
