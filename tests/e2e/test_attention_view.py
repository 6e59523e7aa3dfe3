"""The attention canvas in a browser: pointer, keys, zoom, a long text, and files that open offline."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from bert_explorer.models.inspection import inspect_folder
from bert_explorer.models.loader import load_model
from bert_explorer.results import Attention
from bert_explorer.settings import Settings
from bert_explorer.ui import state
from bert_explorer.ui.texts import attention as text

pytestmark = pytest.mark.e2e

OpenBrowser = Callable[..., Page]
SENTENCE = "the cat sat on the mat ."
TOKENS = ("[CLS]", *SENTENCE.split(), "[SEP]")
LINK = re.compile(r"“(.+)” \((\d+)\) looks at “(.+)” \((\d+)\): ([\d.]+)")


@pytest.fixture(scope="module")
def attention(tiny_bert: Path) -> Attention:
    """What the tiny model's engine says of SENTENCE: the numbers that the browser has to show."""
    from bert_explorer.models.engine import Engine

    settings = Settings(device="cpu", num_threads=1)
    engine = Engine(load_model(tiny_bert, inspect_folder(tiny_bert, "bundled", "tiny"), settings), settings)
    answer = engine.attentions(SENTENCE)
    engine.close()
    return answer


def visit(open_browser: OpenBrowser, server: str, view: str, width: int = 1280, **link: str) -> Page:
    query = {state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_VIEW: view} | link
    page = open_browser(f"{server}/attention?{urlencode(query)}", width=width)
    page.locator(".attention[data-drawn]").first.wait_for()
    return page


def picture(page: Page, label: str) -> Locator:
    return page.get_by_role("application", name=label)


def read(page: Page) -> tuple[int, int, float]:
    """Row, column and weight of the pair that the readout tells, after comparing its names."""
    found = LINK.fullmatch(page.locator(".readout").inner_text())
    assert found is not None
    row, col = int(found[2]) - 1, int(found[4]) - 1
    assert (found[1], found[3]) == (TOKENS[row], TOKENS[col])
    return row, col, float(found[5])


def test_pointer_and_keys_tell_the_exact_weight(
    tiny_server: str, open_browser: OpenBrowser, attention: Attention
) -> None:
    page = visit(open_browser, tiny_server, text.HEAT_MAP, layer="2", head="1")
    weights = attention.attentions[1, 0]
    canvas = picture(page, "Layer 2, head 1")
    readout = page.locator(".readout")
    canvas.press("ArrowDown")
    steps = (("ArrowRight", 0, 1), ("ArrowDown", 1, 1), ("End", 8, 1), ("ArrowUp", 7, 1), ("Home", 0, 1))
    for key, row, col in steps:
        canvas.press(key)
        expect(readout).to_contain_text(f"“{TOKENS[row]}” ({row + 1}) looks at “{TOKENS[col]}” ({col + 1})")
        assert read(page) == (row, col, pytest.approx(weights[row, col], abs=6e-4))
    canvas.hover(position={"x": 200, "y": 200})
    expect(readout).not_to_contain_text("(1) looks at")
    row, col, weight = read(page)
    assert weight == pytest.approx(weights[row, col], abs=6e-4)
    page.get_by_role("button", name="Smaller cells").click()
    canvas.hover(position={"x": 205, "y": 205})
    expect(readout).not_to_contain_text(f"({row + 1}) looks at")


def test_a_picked_token_is_kept_in_the_link_and_heads_and_layers_are_a_click_away(
    tiny_server: str, open_browser: OpenBrowser, attention: Attention
) -> None:
    page = visit(open_browser, tiny_server, text.ARCS, width=390)
    canvas = picture(page, "Layer 2, head 2")
    for key in ("Home", "ArrowRight", "ArrowRight", "Enter"):
        canvas.press(key)
    page.wait_for_url(lambda url: "pick=3" in url)
    best = int(attention.attentions[1, 1, 2].argmax())
    told = f"“cat” (3) looks at “{TOKENS[best]}” ({best + 1})"
    expect(page.locator(".readout")).to_contain_text(told)
    page.get_by_role("radio", name="Head 1", exact=True).click()
    expect(picture(page, "Layer 2, head 1")).to_be_visible()
    page.get_by_role("slider", name="Layer").press("ArrowLeft")
    expect(picture(page, "Layer 1, head 1")).to_be_visible()
    again = open_browser(page.url, width=390)
    expect(again.locator(".readout")).to_contain_text("“cat” (3) looks at")
    picture(page, "Layer 1, head 1").press("Escape")
    page.wait_for_url(lambda url: "pick" not in url)


def test_the_longest_text_is_there_in_full(tiny_server: str, open_browser: OpenBrowser) -> None:
    words = " ".join(["the cat sat on the mat ."] * 18)  # 126 tokens and two special ones: the model's limit
    page = visit(open_browser, tiny_server, text.HEAT_MAP, **{state.ATTENTION_TEXT: words})
    canvas = picture(page, "Layer 2, head 2")
    canvas.press("End")
    expect(page.locator(".readout")).to_contain_text("“[SEP]” (128) looks at")
    page.get_by_role("radio", name=text.ARCS).click()
    expect(page.get_by_role("button", name="Larger cells")).to_be_hidden()
    canvas.press("End")
    expect(page.locator(".readout")).to_contain_text("“[SEP]” (128) looks at")


def save(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return waiting.value.path().read_bytes()


@pytest.mark.parametrize("view", [text.ARCS, text.HEAT_MAP, text.HEAD_VIEW, text.MODEL_VIEW])
def test_every_view_gives_its_files(
    view: str, tiny_server: str, open_browser: OpenBrowser, tmp_path: Path, attention: Attention
) -> None:
    query = urlencode({state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_VIEW: view})
    page = open_browser(f"{tiny_server}/attention?{query}")
    own = view in (text.ARCS, text.HEAT_MAP)
    (
        page.locator(".attention[data-drawn]") if own else page.frame_locator("iframe").locator("#vis svg")
    ).wait_for()
    page.get_by_role("tab", name="Download").click()
    assert save(page, "Figure (PNG)").startswith(b"\x89PNG")
    svg = save(page, "Figure (SVG)").decode()
    assert svg.startswith("<svg")
    for token in ("cat", "sat", "mat") if view != text.MODEL_VIEW else ():
        assert f">{token}</text>" in svg
    rows = save(page, "Table (CSV)").decode("utf-8-sig").splitlines()
    num_weights = 81 if own else attention.attentions.size
    assert len(rows) == 1 + num_weights
    file = tmp_path / "view.html"
    file.write_bytes(save(page, "View (HTML)"))
    offline = page.context.browser
    assert offline is not None
    look_offline(offline.new_page(), file, own)


def look_offline(page: Page, file: Path, own: bool) -> None:
    """The file draws itself without any request."""
    problems: list[str] = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: request.url.startswith("http") and problems.append(request.url))
    page.goto(file.as_uri())
    if own:
        page.locator(".attention[data-drawn]").wait_for()
        page.get_by_role("application").press("Home")
        expect(page.locator(".readout")).to_contain_text("“[CLS]” (1) looks at")
    else:
        page.locator("#vis svg text").first.wait_for()
    page.close()
    assert problems == []
