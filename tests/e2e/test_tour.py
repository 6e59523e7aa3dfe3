"""A newcomer's first quarter of an hour, offline: every page, one trained model, one cancelled run."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.ui.texts import attention, embeddings, fine_tune, masked_words, start

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

TRAINING_LIMIT_MS = 900_000


def go_to(page: Page, name: str, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def percent(text: str) -> float:
    return float(text.strip().removesuffix("%"))


def predict_a_word(page: Page) -> None:
    go_to(page, "Masked words", masked_words.PAGE.title)
    page.get_by_label("Text with [MASK]").fill("She opened the door with a small silver [MASK].")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("BERT's first guess is")).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(10)


def open_a_head(page: Page) -> None:
    go_to(page, "Attention", attention.PAGE.title)
    page.get_by_role("radio", name="Head 3", exact=True).click()
    picture = page.get_by_role("application", name=f"Layer {attention.DEFAULT_LAYER}, head 3")
    picture.press("Home")
    expect(page.get_by_text("“[CLS]” (1) looks at")).to_be_visible()
    page.get_by_role("radio", name=attention.HEAD_VIEW).click()
    view = page.frame_locator("iframe").first
    expect(view.locator("#vis svg").first).to_be_visible()
    assert view.locator("#vis text", has_text="cat").count() >= 2


def map_fifty_sentences(page: Page) -> None:
    go_to(page, "Map of texts", embeddings.PAGE.title)
    expect(page.get_by_text("All 50 points.")).to_be_visible()
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.evaluate("(element) => element.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = plot.bounding_box()
    assert box is not None
    draw_around(page, dict(box))
    expect(page.get_by_text("of 50 points selected")).to_be_visible()


def draw_around(page: Page, box: dict[str, float]) -> None:
    """A lasso along the edge of the whole plot."""
    corners = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05))
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def train_a_model(page: Page) -> float:
    """Fine-tune on 200 messages; returns the held-out accuracy in percent."""
    go_to(page, "Fine-tune", fine_tune.PAGE.title)
    expect(page.get_by_text("200 texts")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Open this model").wait_for(timeout=TRAINING_LIMIT_MS)
    metric = page.get_by_test_id("stMetric").filter(has_text="Held-out accuracy")
    return percent(metric.get_by_test_id("stMetricValue").inner_text())


def cancel_a_second_run(page: Page) -> None:
    page.get_by_role("tab", name=fine_tune.NEW_TAB).click()
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Cancel this run").click()
    expect(page.get_by_text("This run was cancelled")).to_be_visible()


def look_inside_the_trained_model(page: Page) -> None:
    page.get_by_role("combobox", name="Run", exact=True).click()
    page.get_by_role("option").last.click()
    page.get_by_role("button", name="Open this model").click()
    page.wait_for_url("**model=run**")
    go_to(page, "Attention", attention.PAGE.title)
    expect(page.get_by_text("sorts texts into classes (ham, spam)")).to_be_visible()
    page.get_by_role("radio", name=attention.HEAD_VIEW).click()
    expect(page.frame_locator("iframe").first.locator("#vis svg").first).to_be_visible()


def test_a_newcomers_tour_offline(server: str, open_browser: Callable[..., Page]) -> None:
    """``open_browser`` fails it on any request beyond this computer and on any error in the console."""
    page = open_browser(server)
    expect(page.get_by_role("heading", level=1)).to_have_text(start.PAGE.title)
    expect(page.locator("table.bars")).to_be_visible()
    predict_a_word(page)
    open_a_head(page)
    map_fifty_sentences(page)
    assert train_a_model(page) > 90
    cancel_a_second_run(page)
    look_inside_the_trained_model(page)
