"""What surrounds the pages: model bar, footer, refusals, and the run before the browser has answered."""

import re
import subprocess
import sys

import pytest

from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.ui import state
from bert_explorer.ui.openings import opening_questions
from bert_explorer.ui.stored import load_stored
from bert_explorer.ui.texts import (
    ablation,
    attention,
    embeddings,
    fine_tune,
    heads,
    inside,
    masked_words,
    pretraining,
    relations,
    start,
)
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import find_strip

TITLES = {
    "start": start.PAGE.title,
    "masked_words": masked_words.PAGE.title,
    "attention": attention.PAGE.title,
    "inside": inside.PAGE.title,
    "heads": heads.PAGE.title,
    "relations": relations.PAGE.title,
    "ablation": ablation.PAGE.title,
    "embeddings": embeddings.PAGE.title,
    "pretraining": pretraining.PAGE.title,
    "fine_tune": fine_tune.PAGE.title,
}


@pytest.mark.parametrize("name", TITLES)
def test_every_page_opens_with_its_question_and_without_a_complaint(name: str, open_page: OpenPage) -> None:
    page = open_page(name)
    assert [title.value for title in page.title] == [TITLES[name]]
    assert [error.value for error in page.error] == []
    assert not page.exception


def test_the_bar_says_what_the_model_is_and_can_do(open_page: OpenPage) -> None:
    page = open_page("start")
    assert "bert · 2 layers of 2 heads" in texts_of(page)
    assert "guesses masked words, judges whether one sentence follows another" in texts_of(page)


def test_the_bar_offers_local_models_and_writes_the_choice_into_the_link(open_page: OpenPage) -> None:
    page = open_page("start")
    bar = page.selectbox(key=state.MODEL)
    assert bar.value == "bundled"
    assert "local:tiny-bert" not in page.query_params
    page = bar.set_value("local:tiny-bert").run()
    assert page.query_params[state.MODEL_PARAMETER] == "local:tiny-bert"
    page = page.selectbox(key=state.MODEL).set_value("bundled").run()
    assert state.MODEL_PARAMETER not in page.query_params


def test_a_link_chooses_the_model(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.MODEL_PARAMETER: "local:tiny-bert"})
    assert page.selectbox(key=state.MODEL).value == "local:tiny-bert"


def test_the_model_is_known_still_when_the_box_lost_its_value_on_the_way_to_another_page(
    open_page: OpenPage,
) -> None:
    page = open_page("attention", session={state.MODEL_IN_LINK: "local:tiny-bert"})
    assert page.selectbox(key=state.MODEL).value == "local:tiny-bert"
    assert page.query_params[state.MODEL_PARAMETER] == "local:tiny-bert"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("local:nothing", "There is no model"),
        ("../../etc/passwd", "path"),
        ("https://huggingface.co/x/y", "URL"),
        ("org/unknown-model", "org/unknown"),
        ("run:0123456789ab", "There is no model"),
    ],
)
def test_a_model_that_cannot_be_opened_is_said_and_left_again(
    ref: str, message: str, open_page: OpenPage
) -> None:
    page = open_page("masked_words", link={state.MODEL_PARAMETER: ref})
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")
    assert "Choose a model above" in texts_of(page)
    page = press(page, "Go back to the bundled model")
    assert [error.value for error in page.error] == []
    assert page.selectbox(key=state.MODEL).value == "bundled"


def test_a_page_that_the_model_cannot_serve_says_why(open_page: OpenPage, settings: Settings) -> None:
    from tests.tiny_models import build_tiny

    build_tiny("bert", settings.local_models_path / "vectors-only", head="encoder")
    page = open_page("masked_words", link={state.MODEL_PARAMETER: "local:vectors-only"})
    assert "no part that guesses masked words" in texts_of(page)
    page = press(page, "Open the bundled model")
    assert "no part that guesses masked words" not in texts_of(page)
    page = open_page("attention", link={state.MODEL_PARAMETER: "local:vectors-only"})
    assert [error.value for error in page.error] == []


def test_before_the_browser_has_answered_nothing_is_computed(open_page: OpenPage) -> None:
    page = open_page("masked_words", owner=None, link={state.TEXT: "the cat [MASK] ."})
    assert page.text_area(key=state.TEXT).value == "the cat [MASK] ."
    assert "being read into memory" in texts_of(page)
    assert "BERT's first guess" not in texts_of(page)
    assert not page.dataframe


def test_before_the_model_is_open_the_opening_question_has_its_stored_answer(
    open_page: OpenPage, settings: Settings
) -> None:
    words = load_stored(opening_questions()["masked-words"], settings)
    page = open_page("masked_words", owner=None)
    assert list(page.dataframe[0].value["Word"]) == [word.token for word in words.masks[0].predictions]
    page = open_page("attention", owner=None)
    assert "tired" in find_strip(page, "attention-view")["names"]
    assert any("<table" in element.proto.body for element in open_page("start", owner=None).get("html"))


def test_an_unexpected_error_shows_an_id_and_no_traceback(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_args: object, **_options: object) -> None:
        raise KeyError("somebody's secret text")

    import bert_explorer.analysis.masked_words as module

    monkeypatch.setattr(module, "predict_masks", explode)
    page = open_page("masked_words")
    shown = page.error[0].value
    report = shown.split("**")[1]
    assert len(report) == 8
    assert "secret" not in shown
    assert f"Unexpected error {report}" in caplog.text
    assert "somebody's secret text" in caplog.text


def test_what_app_and_pages_import_waits_for_nothing_slow() -> None:
    """The first paint waits for these imports. Streamlit itself brings plotly along."""
    sources = [REPOSITORY / "app.py", REPOSITORY / "pages" / "start.py"]
    names = sorted(
        {
            name
            for path in sources
            for name in re.findall(r"from (bert_explorer[\w.]*) import", path.read_text())
        }
    )
    slow = {"torch", "transformers", "pandas", "sklearn", "sqlalchemy", "openpyxl", "bertviz"}
    code = f"import sys, {', '.join(names)}\nprint(sorted({slow!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert result.stdout.strip() == "[]"
