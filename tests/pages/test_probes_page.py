import pytest

from bert_explorer.results import ProbeReport
from bert_explorer.settings import Settings
from bert_explorer.ui import state
from bert_explorer.ui.openings import slow_questions
from bert_explorer.ui.probe_views import probe_rows
from bert_explorer.ui.stored import load_stored
from bert_explorer.ui.texts import probes as text
from tests.pages.conftest import OpenPage, press, texts_of

LINES = "\n".join(f"{word}s\tthe {word} sat on mat {i}" for i in range(15) for word in ("cat", "dog"))


def test_the_page_opens_with_a_stored_report(open_page: OpenPage) -> None:
    page = open_page("probes")
    assert [error.value for error in page.error] == []
    assert list(page.dataframe[0].value["Layer"]) == list(range(7))
    assert "Start probing" not in [button.label for button in page.button]


def test_labels_are_probed_when_the_reader_says_so(open_page: OpenPage) -> None:
    page = open_page("probes", link={state.PROBE_TASK: text.LABELS, state.EMBED_TEXTS: LINES})
    assert len(page.dataframe) == 0
    page = press(page, "Start probing")
    assert [error.value for error in page.error] == []
    assert list(page.dataframe[0].value["Layer"]) == [0, 1, 2]
    assert "9 unseen texts" in texts_of(page)
    assert "100.0% (bag of words)" in texts_of(page)


def test_texts_without_labels_are_refused(open_page: OpenPage) -> None:
    page = open_page("probes", link={state.PROBE_TASK: text.LABELS, state.EMBED_TEXTS: "one\ntwo"})
    assert "no labels" in page.error[0].value


def test_the_stored_report_shows_what_the_page_says_of_it(settings: Settings) -> None:
    report = load_stored(slow_questions()["probes"], settings)
    assert isinstance(report, ProbeReport)
    assert report.hits[0] > report.surface_hits > report.majority_hits
    assert max(range(7), key=report.hits.__getitem__) == 3
    assert report.control_hits[0] > report.control_hits[3]


def test_the_table_holds_selectivity() -> None:
    report = ProbeReport(("a", "b"), "texts", 70, 40, (30, 40), (20, 10), 20, 25, 0)
    layer, accuracy, low, high, control, selectivity = probe_rows(report)[0]
    assert (layer, accuracy, control, selectivity) == (0, 0.75, 0.5, 0.25)
    assert low < 0.75 < high
    assert pytest.approx(0.9124, abs=1e-3) == probe_rows(report)[1][2]
