"""Presses every button under "Download" and looks at what came: PNG, SVG, CSV, HTML that opens offline."""

import csv
import io
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.e2e.conftest import LIMIT_MS, wait_until_ready

PICTURES = ("Figure (PNG)", "Figure (SVG)")
PAGES = ("Figure (HTML)", "View (HTML)")
TABLE = "Table (CSV)"
PATIENCE_MS = (10_000, 20_000)  # before a button is pressed again
DRAWN = ".js-plotly-plot .main-svg, .attention[data-drawn], #vis svg, table td"


def save_all(page: Page, folder: Path, *, pictures: int = 1, pages: int = 1, tables: int = 1) -> None:
    """Save and open all files; the numbers are how many buttons of each kind there must be."""
    wait_until_ready(page)
    page.get_by_role("tab", name="Download").click()
    counts = dict.fromkeys(PICTURES, pictures) | {TABLE: tables}
    for name, count in counts.items():
        buttons = page.get_by_role("button", name=name)
        expect(buttons).to_have_count(count)
        for i in range(count):
            check(name, save(page, buttons.nth(i)))
    buttons = page.get_by_role("button", name=PAGES[0]).or_(page.get_by_role("button", name=PAGES[1]))
    expect(buttons).to_have_count(pages)
    for i in range(pages):
        file = folder / f"{i}.html"
        file.write_bytes(save(page, buttons.nth(i)))
        open_offline(page, file)


def save(page: Page, button: Locator) -> bytes:
    """What one button gives. A press that is lost, since the page draws the button anew, is repeated."""
    for patience_ms in PATIENCE_MS:
        with suppress(TimeoutError):
            return _press(page, button, patience_ms)
    return _press(page, button, LIMIT_MS)


def _press(page: Page, button: Locator, patience_ms: int) -> bytes:
    wait_until_ready(page)
    with page.expect_download(timeout=patience_ms) as waiting:
        button.click(timeout=patience_ms)
    return waiting.value.path().read_bytes()


def check(name: str, content: bytes) -> None:
    if name == TABLE:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert rows
        assert {len(row) for row in rows} == {len(header)}
    else:
        assert content.lstrip().startswith(b"\x89PNG" if name == PICTURES[0] else b"<svg")
        assert len(content) > 500


def open_offline(page: Page, file: Path) -> None:
    """In a browser page of its own: it draws itself, without any request or error."""
    browser = page.context.browser
    assert browser is not None
    problems: list[str] = []
    alone = browser.new_page()
    alone.set_default_timeout(LIMIT_MS)
    alone.on("console", lambda message: message.type == "error" and problems.append(message.text))
    alone.on("pageerror", lambda error: problems.append(str(error)))
    alone.on("request", lambda request: request.url.startswith("http") and problems.append(request.url))
    alone.goto(file.as_uri())
    alone.locator(DRAWN).first.wait_for()
    alone.close()
    assert problems == []
