"""Nothing that a text, a label, a file or a vocabulary holds ever runs in the browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from bert_explorer.settings import REPOSITORY
from bert_explorer.ui import state
from bert_explorer.ui.texts import attention, fine_tune, masked_words, relations
from tests.analysis.test_treebank import row
from tests.e2e.conftest import serve, wait_for_model, wait_until_ready
from tests.hostile import STRINGS, build_hostile, one_line

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

HACKED = "[window, ...Array.from(frames, (_, i) => frames[i])].some((frame) => frame.hacked !== undefined)"
MODEL, MASKED_MODEL = "local:hostile", "local:hostile-words"
TEXT = " ".join(STRINGS)
LINES = "\n".join(map(one_line, STRINGS))
LABELLED = "\n".join(f"{text}\t{text}" for text in LINES.split("\n"))
FILE = STRINGS[10]


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app that has a model with hostile labels, and two with a hostile vocabulary."""
    home = tmp_path_factory.mktemp("home")
    build_hostile(home / "models" / "hostile")
    build_hostile(home / "models" / "hostile-words", "AutoModelForMaskedLM")
    with serve(home, REPOSITORY / "assets") as address:
        yield address


@pytest.fixture
def visit(hostile_server: str, open_browser: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page whose every dialog would be an injection; ``open_browser`` watches requests and errors."""

    def open_page(name: str, **link: str) -> Page:
        page = open_browser(f"{hostile_server}/{name}?{urlencode({state.MODEL_PARAMETER: MODEL} | link)}")
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        wait_for_model(page)
        return page

    return open_page


def assert_untouched(page: Page) -> None:
    assert not page.evaluate(HACKED), "an injected string ran"


def test_there_are_forty() -> None:
    assert len(set(STRINGS)) == 40


def test_no_part_of_the_page_attention_runs_a_token_or_a_label(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit("attention", **{state.ATTENTION_TEXT: TEXT, state.COMPARE_TEXT: TEXT})
    page.locator(".attention[data-drawn]").wait_for()
    picture = page.get_by_role("application")
    picture.press("ArrowRight")
    picture.press("ArrowRight")
    expect(page.locator(".readout")).to_contain_text("<script>")
    save_and_open(page, tmp_path / "view.html")
    for view in attention.VIEWS:
        page.get_by_role("radio", name=view, exact=True).click()
        drawn(page, view).wait_for()
        assert_untouched(page)
    page.get_by_role("tab", name=attention.TABS[1]).click()
    classes = page.get_by_role("combobox", name="Class")
    classes.fill("<img src=x onerror")
    classes.press("Enter")
    expect(page.get_by_text("Prediction: <img")).to_be_visible()
    assert_untouched(page)
    page.get_by_role("tab", name=attention.TABS[2]).click()
    page.get_by_text("Second minus first").first.wait_for()
    page.locator(".attention[data-drawn]").first.wait_for()
    assert_untouched(page)


def drawn(page: Page, view: str) -> Locator:
    """What is there as soon as the view is."""
    if view in (attention.HEAD_VIEW, attention.MODEL_VIEW):
        title = "head" if view == attention.HEAD_VIEW else "model"
        frame = page.frame_locator(f"iframe[srcdoc*='Attention {title} view']")
        return frame.locator("#vis svg").first
    if view == attention.TABLE:
        return page.get_by_text("links, strongest first")
    return page.locator(f".attention[data-view={'map' if view == attention.HEAT_MAP else 'arcs'}]")


def save_and_open(page: Page, path: Path) -> None:
    """The view's file, opened in a browser page of its own."""
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="View (HTML)").click()
    waiting.value.save_as(path)
    browser = page.context.browser
    assert browser is not None
    file = browser.new_page()
    file.goto(path.as_uri())
    file.locator(".attention[data-drawn]").wait_for()
    assert_untouched(file)
    file.close()


def test_no_name_or_label_of_a_file_runs(visit: Callable[..., Page]) -> None:
    page = visit("fine_tune")
    page.get_by_role("radio", name=fine_tune.UPLOAD).click()
    rows = "\n".join(f"{i % 2}\t{text}".replace("\n", " ") for i, text in enumerate(STRINGS))
    labels = [one_line(text).replace('"', "''") for text in STRINGS]
    labelled = "\n".join(f"{label}\ta text" for label in labels for _ in range(2))
    names = [name for name in STRINGS if "/" not in name and "\n" not in name][:3]
    for name, content in zip(names, (rows, labelled, rows), strict=True):
        upload(page, f"{name}.tsv", content)
        assert_untouched(page)


def test_no_text_of_the_pages_about_heads_runs(visit: Callable[..., Page]) -> None:
    page = visit("heads", **{state.ATLAS_TEXTS: LINES})
    page.locator(".st-key-figure-heads .heatmaplayer").wait_for()
    expect(page.get_by_role("link", name="Open this head in Attention")).to_be_visible()
    assert_untouched(page)
    page = visit("relations", **{state.RELATIONS_SOURCE: relations.UPLOAD})
    sentences = [f"{row('1', text, '2', text)}\n{row('2', 'x', '0', 'root')}\n" for text in LINES.split("\n")]
    upload(page, f"{FILE}.conllu", "\n".join(sentences))
    page.locator(".st-key-figure-relations .bars .point").first.wait_for()
    expect(page.locator(".st-key-figure-relations .yaxislayer-above")).to_contain_text("<")
    page.locator(".st-key-figure-one-relation .heatmaplayer").wait_for()
    page.locator(".st-key-figure-relations .nsewdrag").first.hover()
    assert_untouched(page)


def test_no_text_list_or_guess_of_masked_words_runs(visit: Callable[..., Page]) -> None:
    link = {state.MODEL_PARAMETER: MASKED_MODEL, state.TEXT: f"{TEXT} [MASK]", state.MASKED_TARGETS: FILE}
    page = visit(
        "masked_words", **link, **{state.MASKED_TOP_K: "50", state.MASKED_LIST: masked_words.OWN_LIST}
    )
    page.locator(".js-plotly-plot .bars .point").first.wait_for()
    upload(page, f"{FILE}.txt", LINES)
    expect(page.get_by_text("Of these 40 words")).to_be_visible()
    expect(page.locator(".js-plotly-plot .yaxislayer-above").first).to_contain_text("<")
    assert_untouched(page)
    for view, drawn_view in (
        (masked_words.TOGETHER, "The best filling"),
        (masked_words.BY_LAYER, "first place"),
    ):
        page.get_by_role("radio", name=view).click()
        expect(page.get_by_text(drawn_view).first).to_be_visible()
        assert_untouched(page)


def test_no_text_or_label_of_the_pages_about_vectors_runs(visit: Callable[..., Page]) -> None:
    page = visit("search", **{state.SEARCH_QUERY: FILE, state.EMBED_TEXTS: LABELLED})
    expect(page.get_by_text("together the cosine")).to_be_visible()
    assert_untouched(page)
    page = visit("similarity", **{state.SIMILAR_TEXTS: LINES})
    page.locator(".js-plotly-plot .heatmaplayer").wait_for()
    page.locator(".nsewdrag").first.hover()
    assert_untouched(page)
    page = visit("embeddings", **{state.EMBED_TEXTS: LABELLED})
    expect(page.get_by_text("All 40 points.")).to_be_visible()
    expect(page.get_by_text("Trustworthiness", exact=True)).to_be_visible()
    page.locator(".nsewdrag").first.hover()
    assert_untouched(page)


def upload(page: Page, name: str, content: str) -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    page.get_by_test_id("stFileUploader").locator("input").set_input_files([file])
    expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    wait_until_ready(page)
