"""Fine-tuning in the browser, offline, with the tiny BERT: from a bundled example or a file to an answer.

One server and one browser's owner for all tests. What trains is handed in first and looked at afterwards;
two runs train at a time. ``open_browser`` fails a test on any request beyond this computer and on any error
in the console.
"""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from onnxruntime import InferenceSession
from playwright.sync_api import Browser, Page, TimeoutError, expect
from transformers import AutoTokenizer

from bert_explorer.ui import state
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import masked_words, task_results
from tests.e2e.conftest import LIMIT_MS, OPENING_LIMIT_MS, serve, wait_until_ready, watched_browsers
from tests.e2e.saved_files import check, open_offline, save, save_all
from tests.tiny_models import TEXTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

OpenBrowser = Callable[..., Page]
PATIENCE_MS = 600_000  # for all of the runs, on a busy machine
EXAMPLES = {  # file: task
    "sms_spam_200.tsv": "text-classification",
    "banking_pairs_400.csv": "text-classification",
    "sentence_traits_400.tsv": "multi-label",
    "similarity_300.tsv": "regression",
    "names_400.iob2": "token-classification",
    "parts_of_speech_200.conll": "token-classification",
    "xquad_en_sample.json": "question-answering",
}
CHEAP = {
    state.TRAIN_EPOCHS: 1,
    state.TRAIN_BATCH: 64,
    state.TRAIN_LENGTH: 32,
    state.TRAIN_FREEZE: text.LEARNING_NAMES["all"],
}
FIGURES = {"text-classification": "confusion"}  # of a finished run; "result" for the other tasks
OWNER = "0123456789abcdef" * 4
ROWS = [f"{('ham', 'spam')[i % 2]},{('the cat sat', 'a dog lay')[i % 2]} on mat {i}" for i in range(40)]


@pytest.fixture(scope="module")
def address(tiny_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server that trains two runs at a time, a thread each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERT_EXPLORER_MAX_RUNNING_RUNS", "2")
        patch.setenv("BERT_EXPLORER_NUM_THREADS", "1")
        with serve(tmp_path_factory.mktemp("home"), tiny_assets) as found:
            yield found


@pytest.fixture(scope="module")
def runs(address: str, browser: Browser) -> Iterator[dict[str, str]]:
    """Example file -> id of its run, all of them handed in on the page."""
    with watched_browsers(browser) as open_page:
        page = open_page(address, owner=OWNER)
        yield {file: _start_example(page, address, file) for file in EXAMPLES}


def _start_example(page: Page, address: str, file: str) -> str:
    """One epoch of the head alone, on short texts."""
    page.goto(f"{address}/fine_tune?{urlencode({state.TRAIN_EXAMPLE: text.EXAMPLES[file]} | CHEAP)}")
    return _start(page)


def _start(page: Page) -> str:
    """Presses the button; returns the run's id."""
    page.get_by_role("button", name="Start training").click(timeout=OPENING_LIMIT_MS)
    page.wait_for_url("**run=**", timeout=OPENING_LIMIT_MS)
    return parse_qs(urlsplit(page.url).query)[state.RUN_PARAMETER][0]


def _link(address: str, run_id: str, **more: str) -> str:
    place = {state.TRAIN_TAB: text.RUNS_TAB, state.RUN_PARAMETER: run_id}
    return f"{address}/fine_tune?{urlencode(place | more)}"


@pytest.mark.parametrize("file", EXAMPLES)
def test_an_example_from_its_file_to_an_answer(
    file: str, address: str, runs: dict[str, str], open_browser: OpenBrowser
) -> None:
    """Its owner reads every part of the page and asks the model; a stranger with the link, what is shared."""
    task = EXAMPLES[file]
    page = open_browser(_link(address, runs[file]), owner=OWNER)
    page.get_by_role("button", name="Open this model").wait_for(timeout=PATIENCE_MS)
    _see_figures(page, task)
    wait_until_ready(page)
    page.get_by_text("Let everybody on this server use this model").click()  # long before it is looked at
    looks = page.locator(f".st-key-{state.RUN_VIEW}")
    looks.get_by_role("radio").first.wait_for()
    for view in looks.get_by_role("radio").all_inner_texts():
        look = looks.get_by_role("radio", name=view, exact=True)
        look.click()
        expect(look).to_be_checked()
        page.wait_for_url(f"**{state.RUN_VIEW}=*" if view != text.BASELINES_VIEW else "**")
        expect(page.locator(".st-key-closer-look [data-testid='stElementContainer']").first).to_be_visible()
        wait_until_ready(page)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("button", name=task_results.TRY_LABELS[task][2]).click()
    expect(
        page.get_by_text(re.compile(r"^The (model (says|gives)|text does not tell)")).first
    ).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    stranger = open_browser(page.url)
    _see_figures(stranger, task)
    expect(stranger.get_by_role("radio", name=text.ROWS_VIEW)).to_have_count(0)
    expect(stranger.get_by_test_id("stAlert")).to_have_count(0)


def _see_figures(page: Page, task: str) -> None:
    for name in (FIGURES.get(task, "result"), "training"):
        expect(page.locator(f".st-key-figure-{name} .js-plotly-plot").first).to_be_visible(
            timeout=OPENING_LIMIT_MS
        )


@pytest.mark.slow
def test_every_file_of_a_run_opens(
    address: str, runs: dict[str, str], open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """Figures, tables, report; and three ways to use the model elsewhere that say the same."""
    link = _link(address, runs["sms_spam_200.tsv"], **{state.RUN_VIEW: text.CURVES_VIEW})
    page = open_browser(link, owner=OWNER)
    page.get_by_role("button", name="Open this model").wait_for(timeout=PATIENCE_MS)
    # Training, confusion, ROC, precision and recall, calibration; the tables of curves are one, and the rows.
    save_all(page, tmp_path, pictures=5, pages=5, tables=4)
    report = tmp_path / "report.html"
    report.write_bytes(save(page, page.get_by_role("button", name="The report (HTML)")))
    open_offline(page, report)
    model = _unpack(page, "The model (ZIP)", tmp_path / "model")
    (tmp_path / "texts").write_text("the cat sat\nfree prize ! call now", encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, "-I", model / "predict.py", tmp_path / "texts"],
        capture_output=True,
        check=True,
        text=True,
    )
    onnx = _unpack(page, "The model as ONNX (ZIP)", tmp_path / "onnx")
    assert [line.split("\t")[0] for line in printed.stdout.splitlines()] == _ask_onnx(
        onnx, ["the cat sat", "free prize ! call now"]
    )
    page.get_by_text("How hard each layer is pulled").click()
    place = page.locator("[data-testid='stExpander']").filter(has_text="How hard each layer is pulled")
    for name in ("Figure (SVG)", "Figure (PNG)", "Table (CSV)"):
        check(name, save(page, place.get_by_role("button", name=name)))


def _unpack(page: Page, button: str, target: Path) -> Path:
    """The one folder in the zip file behind this button."""
    with page.expect_download(timeout=PATIENCE_MS) as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        archive.extractall(target)
    (folder,) = target.iterdir()
    return folder


def _ask_onnx(folder: Path, texts: list[str]) -> list[str]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = dict(tokenizer(texts, padding=True, return_tensors="np"))
    (logits,) = InferenceSession(str(folder / "model.onnx")).run(None, inputs)
    labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    return [labels[str(index)] for index in logits.argmax(axis=-1)]


@pytest.mark.slow
def test_options_are_set_restored_from_the_link_and_trained_with(
    address: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """LoRA, the best epoch and folds by hand; a split column, a second file and a search beside them."""
    page = open_browser(f"{address}/fine_tune?{urlencode(CHEAP | {state.TRAIN_EPOCHS: 2})}", owner=OWNER)
    page.get_by_text("More settings").click()
    _choose(page, "What learns", text.LEARNING_NAMES["lora"])
    _choose(page, "Rank", "4")
    page.get_by_text("Keep the best epoch, stop early").click()
    page.get_by_text("How it is measured").click()
    _choose(page, "Rows to measure with", text.IN_FOLDS)
    _choose(page, "Parts", "3")
    page.wait_for_url(f"**{state.TRAIN_FOLDS}=3*")
    again = open_browser(page.url)
    expect(again.get_by_text(re.compile("^3 runs, about"))).to_be_visible()
    again.get_by_role("tab", name="The code").click()
    code = again.get_by_test_id("stCode")
    for option in ("--lora-rank 4", "--keep-best", "--epochs 2", "--batch-size 64"):
        expect(code).to_contain_text(option)
    first_fold, group = _start(page), page.locator(".st-key-group")
    others = [_start_own_split(page, address, tmp_path), _start_two_files(page, address, tmp_path)]
    _start_search(page, address)
    expect(group).to_contain_text("2 of 2 runs have finished", timeout=PATIENCE_MS)
    expect(group).to_contain_text("Best by its validation rows")
    page.goto(_link(address, first_fold))
    expect(group).to_contain_text("3 of 3 runs have finished", timeout=PATIENCE_MS)
    expect(group).to_contain_text(re.compile(r"Mean held-out accuracy: \d\.\d{3}, 95 % interval"))
    for run_id in others:
        page.goto(_link(address, run_id))
        expect(page.get_by_text("Measured on 10 texts")).to_be_visible(timeout=PATIENCE_MS)


def _choose(page: Page, box: str, option: str) -> None:
    """A page that is drawn anew closes the list: it is opened again."""
    wanted = page.get_by_role("option", name=option, exact=True)
    for patience_ms in (5_000, 10_000, LIMIT_MS):
        wait_until_ready(page)
        page.get_by_role("combobox", name=box, exact=True).click()
        with suppress(TimeoutError):
            wanted.click(timeout=patience_ms)
            break
    wait_until_ready(page)


def _start_own_split(page: Page, address: str, folder: Path) -> str:
    """A file whose third column says which rows are measured with."""
    rows = [f"{row},{'test' if i >= 30 else 'train'}" for i, row in enumerate(ROWS)]
    file = _write(folder / "parted.csv", "label,text,split", rows)
    page.goto(f"{address}/fine_tune?{urlencode(CHEAP | {state.TRAIN_SOURCE: text.UPLOAD})}")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("How it is measured").click()
    expect(page.get_by_text("Its cells are train, test or validation")).to_be_visible()
    return _start(page)


def _start_two_files(page: Page, address: str, folder: Path) -> str:
    """All of the first file is learned from, all of the second measured with."""
    options = {state.TRAIN_SOURCE: text.UPLOAD, state.TRAIN_MEASURE: text.OTHER_FILE}
    page.goto(f"{address}/fine_tune?{urlencode(CHEAP | options)}")
    page.locator("input[type=file]").set_input_files(_write(folder / "first.csv", "label,text", ROWS[:30]))
    expect(page.get_by_text("Upload the rows to measure with, a table")).to_be_visible()
    page.get_by_text("How it is measured").click()
    chooser = page.locator("input[type=file]").nth(1)
    chooser.set_input_files(_write(folder / "second.csv", "label,text", ROWS[30:]))
    expect(page.get_by_text("10 rows in second.csv")).to_be_visible()
    return _start(page)


def _write(file: Path, header: str, rows: list[str]) -> Path:
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    return file


def _start_search(page: Page, address: str) -> None:
    """Two learning rates for the head alone."""
    page.goto(f"{address}/fine_tune?{urlencode(CHEAP)}")
    page.get_by_role("button", name="Try several settings").click()
    page.get_by_role("combobox", name="Learning rates").click()
    page.get_by_role("option", name="0.001", exact=True).click()
    expect(page.get_by_text(re.compile("^2 runs, about"))).to_be_visible()
    page.keyboard.press("Escape")  # and away goes the list, which hides the button
    page.get_by_role("button", name="Start the search").click()
    page.wait_for_url("**run=**")


def test_a_run_goes_on_whatever_its_page_does_and_stops_when_told_to(
    address: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """Looked at live, reloaded, left for another page, looked at again, cancelled; what it measured stays."""
    options = {state.TRAIN_SOURCE: text.UPLOAD, state.TRAIN_BATCH: 4, state.TRAIN_EPOCHS: 10}
    page = open_browser(f"{address}/fine_tune?{urlencode(options)}", owner=OWNER)
    drawn = np.random.default_rng(0).choice(" ".join(TEXTS).replace(",", "").split(), (3_000, 6))
    rows = [f"{('ham', 'spam')[i % 2]},{' '.join(words)}" for i, words in enumerate(drawn)]
    page.locator("input[type=file]").set_input_files(_write(tmp_path / "long.csv", "label,text", rows))
    run_id = _start(page)
    curve = page.locator(
        ".st-key-figure-training .js-plotly-plot"
    ).last  # one that is drawn anew stands beside the old one for a moment
    expect(curve).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Download").click()
    check("Figure (SVG)", save(page, page.get_by_role("button", name="Figure (SVG)").first))
    page.reload()
    expect(curve).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Masked words").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(masked_words.PAGE.title)
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("BERT's first guess is")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Fine-tune").click()
    page.get_by_role("tab", name=text.RUNS_TAB).click()
    page.wait_for_url(f"**run={run_id}**")
    expect(curve).to_be_visible()
    second = open_browser(_link(address, run_id), owner=OWNER)  # another tab of the same reader
    expect(second.get_by_role("button", name="Cancel this run")).to_be_visible()
    page.get_by_role("button", name="Cancel this run").click()
    for tab in (page, second):
        expect(tab.get_by_text("This run was cancelled")).to_be_visible()
        expect(tab.locator(".st-key-figure-training .js-plotly-plot").last).to_be_visible()
