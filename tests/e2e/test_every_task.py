"""Every bundled example in the browser: started, finished, drawn, looked into, asked; then all runs compared.

The runs train one after another in the background while the earlier ones are looked at.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from bert_explorer.settings import BUNDLED_MODEL, REPOSITORY
from bert_explorer.ui import state
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results
from tests.e2e.conftest import serve, wait_until_ready

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PATIENCE_MS = 600_000  # for all of the runs, on a busy machine
EXAMPLES = {  # file: task
    "banking_pairs_400.csv": "text-classification",
    "sentence_traits_400.tsv": "multi-label",
    "similarity_300.tsv": "regression",
    "names_400.iob2": "token-classification",
    "parts_of_speech_200.conll": "token-classification",
    "xquad_en_sample.json": "question-answering",
}


@pytest.fixture(scope="module")
def quick_server(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tiny BERT, two runs at a time."""
    assets = tmp_path_factory.mktemp("assets")
    (assets / "models").mkdir()
    (assets / "models" / BUNDLED_MODEL).symlink_to(tiny_bert)
    for name in ("datasets", "examples", "web"):
        (assets / name).symlink_to(REPOSITORY / "assets" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERT_EXPLORER_MAX_RUNNING_RUNS", "2")
        patch.setenv("BERT_EXPLORER_NUM_THREADS", "1")
        with serve(tmp_path_factory.mktemp("home"), assets) as address:
            yield address


def start(page: Page, server: str, file: str) -> None:
    """One epoch of the head alone, on texts of 32 tokens."""
    options = {state.TRAIN_EXAMPLE: file, state.TRAIN_EPOCHS: 1, state.TRAIN_BATCH: 64}
    options |= {state.TRAIN_LENGTH: 32, state.TRAIN_FREEZE: text.LEARNING_NAMES["all"]}
    page.goto(f"{server}/fine_tune?{urlencode(options)}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**run=**")


def look_at(page: Page, file: str) -> None:
    """Chooses the run, waits for its end, sees its figures, asks its model."""
    task = EXAMPLES[file]
    name = text.EXAMPLES[file].partition(":")[0]
    page.get_by_role("combobox", name="Run", exact=True).click()
    page.get_by_role("option").filter(has_text=name).click()
    page.get_by_role("button", name="Open this model").wait_for(timeout=PATIENCE_MS)
    figure = "confusion" if task == "text-classification" else "result"
    expect(page.locator(f".st-key-figure-{figure} .js-plotly-plot")).to_be_visible()
    expect(page.locator(".st-key-figure-training .js-plotly-plot")).to_be_visible()
    page.get_by_role("button", name=task_results.TRY_LABELS[task][2]).click()
    expect(
        page.get_by_text("The model ").filter(has_text="says").or_(page.get_by_text("The model gives"))
    ).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def click_a_cell(page: Page) -> None:
    """Of the confusion matrix of tags: the words of this cell are listed, and the link tells them."""
    target = page.locator(".st-key-figure-result .scatterlayer .point").first
    target.scroll_into_view_if_needed()
    target.click(force=True)
    expect(page.get_by_text(task_results.ROW_KINDS["token-classification"][text.CELL_ROWS])).to_be_visible()
    page.wait_for_url("**true=**")
    kept = page.url
    page.goto(kept)
    wait_until_ready(page)
    expect(page.get_by_text(task_results.ROW_KINDS["token-classification"][text.CELL_ROWS])).to_be_visible()


def compare_two(page: Page, server: str) -> None:
    page.goto(f"{server}/runs")
    wait_until_ready(page)
    runs = page.get_by_test_id("stDataFrame")
    expect(runs).to_be_visible()


def test_every_task_from_its_example_to_an_answer(
    quick_server: str, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(quick_server)
    for file in EXAMPLES:
        start(page, quick_server, file)
    for file in EXAMPLES:
        look_at(page, file)
        if file == "names_400.iob2":
            click_a_cell(page)
