from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from bert_explorer.analysis import pruning
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.ui import opening, pruning_views, state
from bert_explorer.ui.ablation_views import collect_figures, comparison_rows
from bert_explorer.ui.background import Stopped, start_job
from bert_explorer.ui.head_questions import AblationQuestion
from bert_explorer.ui.texts import ablation as text
from tests.hostile import SCRIPTS
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import click_token, find_strip

TEXT = "the cat sat on the [MASK] ."


def test_the_page_shows_the_words_with_and_without_the_heads_of_its_link(open_page: OpenPage) -> None:
    page = open_page("ablation", link={state.ABLATION_TEXT: TEXT, state.ABLATION_OFF: "1-2, 2"})
    question = AblationQuestion(TEXT, ((0, 1), (1, 0), (1, 1)))
    with open_model("bundled") as engine:
        answer = question.ask(engine)
        (figure,) = collect_figures(answer, engine.info)
    table = page.dataframe[0].value
    assert list(table["Name"]) == list(figure.names)
    assert list(table["All heads"]) == pytest.approx([100 * value for value in figure.whole], abs=1e-4)
    assert list(table["Without"]) == pytest.approx([100 * value for value in figure.without], abs=1e-4)
    assert page.metric[0].value == f"{answer.whole.perplexity:,.2f}"
    assert page.metric[1].label == "Without 3 heads"
    assert page.metric[1].value == f"{answer.without.perplexity:,.2f}"
    assert len(list(comparison_rows(answer, [figure]))) == 1 + len(figure.names)


def test_a_click_switches_a_head_and_the_link_follows(open_page: OpenPage) -> None:
    page = open_page("ablation", link={state.ABLATION_TEXT: TEXT, state.ABLATION_OFF: "1-2"})
    assert find_strip(page, state.ABLATION_GRID)["off"] == [[0, 1]]
    page = click_token(page, state.ABLATION_GRID, [1, 0])
    assert page.text_input(key=state.ABLATION_OFF).value == "1-2, 2-1"
    assert page.metric[1].label == "Without 2 heads"
    page = click_token(page, state.ABLATION_GRID, [0, -1])
    assert page.text_input(key=state.ABLATION_OFF).value == "1, 2-1"
    page = click_token(page, state.ABLATION_GRID, [0, -1])
    page = click_token(page, state.ABLATION_GRID, [1, 0])
    assert page.text_input(key=state.ABLATION_OFF).value == ""
    assert page.metric[0].value == page.metric[1].value
    assert [error.value for error in page.error] == []


@pytest.mark.parametrize("typed", ["9-1", "1-9", "0-1", "one", "1-", "<b>"])
def test_heads_that_do_not_exist_are_refused_in_words(typed: str, open_page: OpenPage) -> None:
    page = open_page("ablation", link={state.ABLATION_TEXT: TEXT, state.ABLATION_OFF: typed})
    assert len(page.error) == 1
    assert "is no head of this model" in page.error[0].value
    assert "Something went wrong" not in texts_of(page)


def test_a_text_of_any_script_is_asked_with_and_without(open_page: OpenPage) -> None:
    text_with_mask = f"{' '.join(SCRIPTS)} [MASK]"
    page = open_page("ablation", link={state.ABLATION_TEXT: text_with_mask, state.ABLATION_OFF: "1-2"})
    assert [error.value for error in page.error] == []
    question = AblationQuestion(text_with_mask, ((0, 1),))
    with open_model("bundled") as engine:
        answer = question.ask(engine)
    assert page.metric[1].value == f"{answer.without.perplexity:,.2f}"


def test_a_classifier_shows_its_classes(
    open_page: OpenPage, settings: Settings, tiny_classifier: Path
) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    opening.open_now("local:classes")
    link = {
        state.MODEL_PARAMETER: "local:classes",
        state.ABLATION_TEXT: "free prize",
        state.ABLATION_OFF: "1",
    }
    page = open_page("ablation", link=link)
    assert set(page.dataframe[0].value["Name"]) == {"ham", "spam", "other"}
    assert sum(page.dataframe[0].value["Without"]) == pytest.approx(100, abs=1e-3)
    curve = open_page("ablation", link=link | {state.ABLATION_TAB: text.CURVE})
    assert text.CURVE_NONE in texts_of(curve)


def test_the_curve_is_measured_in_the_background_and_drawn(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "COUNTS", (8, 12))
    page = open_page("ablation", link={state.ABLATION_TAB: text.CURVE})
    page = press(page, "Measure")
    job = page.session_state[state.PRUNING]
    curve = job.future.result(120)
    page = page.run()
    assert [error.value for error in page.error] == []
    table = page.dataframe[0].value
    assert list(table["Heads off"]) == [0, 1, 2, 3, 4]
    assert list(table["Least important first"]) == pytest.approx(list(curve.greedy))
    assert list(table["Random order"]) == pytest.approx(list(curve.random.mean(axis=0)))
    assert pruning_views.describe_curve(curve) in texts_of(page)
    assert (job.done, job.total) == (21, 21)


def test_a_measurement_is_stopped_and_started_again(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "COUNTS", (8, 12))
    page = open_page("ablation", link={state.ABLATION_TAB: text.CURVE})
    monkeypatch.setattr(pruning, "treebank_rows", lambda *_: pytest.fail("stopped before it began"))
    stopped = Event()

    def work(progress: Callable[[int, int], None]) -> None:
        stopped.wait(60)
        progress(1, 2)

    job = start_job(("bundled", 8), work)
    job.stop()
    stopped.set()
    with suppress(Stopped, CancelledError):  # cancelled where no thread had begun it
        job.future.result(60)
    page.session_state[state.PRUNING] = job
    page = page.run()
    assert "The measurement was stopped." in texts_of(page)
    assert any(button.label == "Measure again" for button in page.button)
