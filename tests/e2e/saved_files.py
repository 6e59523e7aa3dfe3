"""Presses every button under "Download" and looks at what came: PNG, SVG, CSV, HTML that opens offline."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import LIMIT_MS

PICTURES = ("Figure (PNG)", "Figure (SVG)")
PAGES = ("Figure (HTML)", "View (HTML)")
TABLE = "Table (CSV)"
DRAWN = ".js-plotly-plot .main-svg, .attention[data-drawn], #vis svg, table td"


def save_all(page: Page, folder: Path, *, pictures: int = 1, pages: int = 1, tables: int = 1) -> None:
    """Save and open all files; the numbers are how many buttons of each kind there must be."""
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
    with page.expect_download() as waiting:
        button.click()
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
