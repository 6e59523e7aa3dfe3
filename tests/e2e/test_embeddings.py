"""The main path of each page of the group Embeddings, in a browser, offline, with the tiny BERT.

One page load does several things. ``open_browser`` fails a test on any request beyond this computer and on
any error in the console.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bert_explorer.ui import state
from bert_explorer.ui.texts import embeddings, probes, similarity, word_senses
from tests.e2e.conftest import wait_for_model, wait_until_ready
from tests.e2e.saved_files import save, save_all
from tests.e2e.test_tour import draw_around

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

OpenBrowser = Callable[..., Page]
LINES = "\n".join(f"{word}s\tthe {word} sat on mat {i}" for i in range(12) for word in ("cat", "dog"))
PAIRS = "the cat sat on the mat\nthe cat sat on a mat\nfree prize ! call now"
LINKS = {
    "embeddings": {
        state.EMBED_TEXTS: LINES,
        state.EMBED_POINTS: embeddings.WORDS,
        state.EMBED_LAYER: "1",
        state.EMBED_NUM_LAYERS: "2",
        state.EMBED_CORRECTION: embeddings.CORRECTIONS["remove"],
    },
    "layer_film": {state.EMBED_TEXTS: LINES, state.EMBED_DIMENSIONS: "3D", state.FILM_MOMENT: "1"},
    "word_senses": {
        state.SENSES_SET: word_senses.OWN,
        state.SENSES_WORD: "cat",
        state.SENSES_TEXTS: "a\tthe cat\na\tone cat\nb\ta cat !\nb\tcat , cat",
        state.SENSES_ROW: "3",
        state.EMBED_LAYER: "1",
    },
    "similarity": {
        state.SIMILAR_TEXTS: "the cat sat\nthe dog sat",
        state.SIMILAR_OTHERS: "a doctor",
        state.SIMILAR_CENTRE: similarity.RAW,
    },
    "clusters": {state.EMBED_TEXTS: LINES, state.CLUSTER_METHOD: "HDBSCAN", state.CLUSTER_SIZE: "6"},
    "search": {
        state.SEARCH_QUERY: "a dog sat",
        state.EMBED_TEXTS: LINES,
        state.EMBED_LAYER: "1",
        state.SIMILAR_CENTRE: similarity.RAW,
        state.SEARCH_COUNT: "3",
    },
    "probes": {state.PROBE_TASK: probes.LABELS, state.EMBED_TEXTS: LINES, state.PROBE_SEED: "4"},
}
ANSWERS = {"search": "text=together the cosine", "probes": "text=Start probing"}  # where there is no figure

PLACES = """(root) => {
  const { x, y, depth } = root.viewer.points;
  return { x: [...x], y: [...y], depth: [...depth] };
}"""  # of the points on the canvas, in pixels


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_brings_every_control_back(name: str, tiny_server: str, open_browser: OpenBrowser) -> None:
    page = open_browser(f"{tiny_server}/{name}?{urlencode(LINKS[name])}")
    page.locator(ANSWERS.get(name, ".js-plotly-plot")).first.wait_for()
    wait_for_model(page)
    assert parameters(page) == LINKS[name]
    if name == "layer_film":
        expect(page.get_by_role("slider", name="Moment")).to_have_js_property("ariaValueText", "layer 1")
    if name == "similarity":
        page.mouse.click(*middle_of(page, ".js-plotly-plot .scatterlayer .point >> nth=1"))
        expect(page.get_by_role("link", name="Open this pair in Attention: the dog sat")).to_be_visible()


def test_a_lasso_selects_rows_and_one_of_them_opens_in_attention(
    tiny_server: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(f"{tiny_server}/embeddings?{urlencode({state.EMBED_TEXTS: LINES})}")
    expect(page.get_by_text("All 24 points.")).to_be_visible()
    wait_for_model(page)
    expect(page.get_by_text("Trustworthiness", exact=True)).to_be_visible()
    draw_around(page, centred_box(page, ".js-plotly-plot .nsewdrag"))
    expect(page.get_by_text("24 of 24 points selected")).to_be_visible()
    wait_until_ready(page)
    tick_first_row(page)
    link = page.get_by_role("link", name="Open this sentence in Attention")
    expect(link).to_be_visible()
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Vectors (NPY)").click()
    assert np.load(waiting.value.path(), allow_pickle=False).shape == (1, 32)
    link.click()
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("the cat sat on mat 0")


def test_a_space_is_turned_lassoed_and_clicked(tiny_server: str, open_browser: OpenBrowser) -> None:
    link = {state.EMBED_TEXTS: LINES, state.EMBED_DIMENSIONS: "3D"}
    page = open_browser(f"{tiny_server}/embeddings?{urlencode(link)}")
    cloud, picture = page.locator(".cloud[data-drawn]"), page.locator(".cloud .frame")
    expect(page.get_by_text("All 24 points.")).to_be_visible()
    wait_for_model(page)
    before = cloud.evaluate(PLACES)
    centred_box(page, ".cloud .frame")
    picture.press("ArrowRight")
    page.wait_for_function(
        "([root, x]) => root.viewer.points.x[0] !== x", arg=[cloud.element_handle(), before["x"][0]]
    )
    page.get_by_role("radio", name="Lasso").click()
    draw_around(page, centred_box(page, ".cloud .frame"))
    expect(page.get_by_text("24 of 24 points selected")).to_be_visible()
    page.get_by_role("button", name="cats", exact=True).click()
    expect(page.get_by_text("12 of 24 points selected")).to_be_visible()
    picture.press("Escape")
    expect(page.get_by_text("All 24 points.")).to_be_visible()
    box, places = centred_box(page, ".cloud .frame"), cloud.evaluate(PLACES)
    front = max(range(24), key=places["depth"].__getitem__)
    page.mouse.click(box["x"] + 1 + places["x"][front], box["y"] + 1 + places["y"][front])
    text = LINES.splitlines()[front].split("\t")[1]
    expect(page.get_by_role("link", name=f"Open this sentence in Attention: {text}")).to_be_visible()
    page.get_by_role("tab", name="Download").click()
    for name, start in (("Figure (PNG)", b"\x89PNG"), ("Figure (SVG)", b"<svg")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        assert waiting.value.path().read_bytes().startswith(start)


def tick_first_row(page: Page) -> None:
    """Tick the box of the first line of the table (a canvas: its box is at its left edge)."""
    page.mouse.move(0, 0)
    box = centred_box(page, "[data-testid=stDataFrame] canvas")
    page.mouse.click(box["x"] + 18, box["y"] + 53)


def middle_of(page: Page, selector: str) -> tuple[float, float]:
    box = centred_box(page, selector)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def centred_box(page: Page, selector: str) -> dict[str, float]:
    """Where the first such element is, in the middle of the window."""
    element = page.locator(selector).first
    element.evaluate("(found) => found.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = element.bounding_box()
    assert box is not None
    return dict(box)


def test_own_vectors_are_drawn_and_pickled_ones_refused(
    tiny_server: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.npy", tmp_path / "bad.npy"
    np.save(good, np.random.default_rng(0).normal(size=(30, 6)))
    np.save(bad, np.array([["a", 1]], dtype=object), allow_pickle=True)
    page = open_browser(f"{tiny_server}/embeddings?{urlencode({state.EMBED_SOURCE: embeddings.VECTORS})}")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(bad)
    expect(page.get_by_text("pickled objects")).to_be_visible()
    chooser.set_input_files(good)
    expect(page.get_by_text("All 30 points.")).to_be_visible()


def test_reading_many_texts_is_stopped_and_nothing_is_lost(
    tiny_server: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    file = tmp_path / "many.txt"
    file.write_text("\n".join(f"{'the cat sat on a mat ' * 20}{i}" for i in range(12_000)), encoding="utf-8")
    page = open_browser(f"{tiny_server}/embeddings?{urlencode({state.EMBED_SOURCE: embeddings.UPLOAD})}")
    page.locator("input[type=file]").first.set_input_files(file)
    for _ in range(2):
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("Stopped before the end.")).to_be_visible()
        expect(page.get_by_text("many.txt")).to_be_visible()
        page.get_by_role("button", name="Start again").click()
        expect(page.get_by_text("Stopped before the end.")).to_have_count(0)


def test_umap_is_drawn_by_its_own_process(tiny_server: str, open_browser: OpenBrowser) -> None:
    link = {state.EMBED_TEXTS: LINES, state.EMBED_METHOD: "UMAP"}
    page = open_browser(f"{tiny_server}/embeddings?{urlencode(link)}")
    expect(page.locator(".js-plotly-plot").get_by_text("UMAP 1")).to_be_visible(timeout=180_000)


def test_the_film_plays_is_lassoed_and_saved(
    tiny_server: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    page = open_browser(f"{tiny_server}/layer_film?{urlencode({state.EMBED_TEXTS: LINES})}")
    cloud, slider = page.locator(".cloud[data-drawn]"), page.get_by_role("slider", name="Moment")
    expect(page.get_by_text("All 24 points.")).to_be_visible()
    wait_for_model(page)
    before = cloud.evaluate(PLACES)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(slider).to_have_js_property("ariaValueText", "layer 2")
    page.wait_for_url(f"**{state.FILM_MOMENT}=2*")
    assert cloud.evaluate(PLACES)["x"] != before["x"]
    draw_around(page, centred_box(page, ".cloud .frame"))
    expect(page.get_by_text("24 of 24 points selected")).to_be_visible()
    expect(slider).to_have_js_property("ariaValueText", "layer 2")
    wait_until_ready(page)
    tick_first_row(page)
    expect(page.get_by_role("link", name="Open this sentence in Attention: the cat sat")).to_be_visible()
    save_all(page, tmp_path, pictures=2, pages=2)


def test_an_occurrence_is_followed_and_a_query_answered(
    tiny_server: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    page = open_browser(f"{tiny_server}/word_senses?{urlencode({state.SENSES_SET: 'bat'})}")
    expect(page.get_by_text("Best in layer")).to_be_visible()
    wait_for_model(page)
    page.get_by_role("slider", name="Follow sentence").press("ArrowRight")
    page.wait_for_url(f"**{state.SENSES_ROW}=2*")
    draw_around(page, centred_box(page, ".js-plotly-plot .nsewdrag >> nth=1"))
    expect(page.get_by_text("24 of 24 points selected")).to_be_visible()
    page.get_by_role("tab", name="Download").click()
    expect(page.get_by_text("Sentence 2 through the layers")).to_be_visible()
    save_all(page, tmp_path, pictures=3, pages=3, tables=2)
    page.goto(f"{tiny_server}/search?{urlencode({state.EMBED_TEXTS: LINES})}")
    expect(page.get_by_text("together the cosine")).to_be_visible()
    page.get_by_label("What to look for").fill("the dog sat")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="in Attention: the dog sat on mat")).to_be_visible()
    page.goto(
        f"{tiny_server}/probes?{urlencode({state.PROBE_TASK: probes.LABELS, state.EMBED_TEXTS: LINES})}"
    )
    page.get_by_role("button", name="Start probing").click()
    expect(page.get_by_text("unseen texts")).to_be_visible()


def test_pairs_groups_and_probes_go_to_files(
    tiny_server: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    page = open_browser(f"{tiny_server}/similarity?{urlencode({state.SIMILAR_TEXTS: PAIRS})}")
    wait_for_model(page)
    tick_first_row(page)
    expect(page.get_by_role("link", name="Open this pair in Attention: the cat sat")).to_be_visible()
    save_all(page, tmp_path, tables=0)
    lines = save(page, page.get_by_role("button", name="Pairs (CSV)")).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "the cat sat" in lines[1]
    page.goto(f"{tiny_server}/clusters?{urlencode({state.EMBED_TEXTS: LINES, state.CLUSTER_COUNT: '2'})}")
    expect(page.get_by_text("All 24 points.")).to_be_visible()
    tick_first_row(page)
    expect(page.get_by_test_id("stDataFrame")).to_have_count(3)
    draw_around(page, centred_box(page, ".js-plotly-plot .nsewdrag"))
    expect(page.get_by_text("24 of 24 points selected")).to_be_visible()
    save_all(page, tmp_path)
    lines = save(page, page.get_by_role("button", name="Groups (CSV)")).decode("utf-8-sig").splitlines()
    assert {line.split(",")[0] for line in lines} == {"group", "1"}
    page.goto(f"{tiny_server}/probes")
    expect(page.get_by_text("Best in layer")).to_be_visible()
    save_all(page, tmp_path)
