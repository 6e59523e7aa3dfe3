"""The page Explain: the numbers of the library, the words of one's own run only, and clear refusals."""

import json
import shutil
from pathlib import Path

import pytest

from bert_explorer.analysis.attributions import METHODS
from bert_explorer.models.cache import open_model
from bert_explorer.run_analyses.kept import find_kept
from bert_explorer.run_analyses.questions import ClassWordsQuestion, ShortcutsQuestion, write_question
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.queue import RunQueue
from bert_explorer.ui import measurements, opening, state
from bert_explorer.ui.explain_questions import CurvesQuestion, ExplainQuestion
from bert_explorer.ui.explain_views import areas_table, curve_rows, describe, judge_curves
from bert_explorer.ui.held_out_views import shortcut_rows, shortcut_table, word_rows
from bert_explorer.ui.texts import explain as text
from tests.pages.conftest import OWNER, STRANGER, OpenPage, measure_waiting, press, texts_of
from tests.strip_clicks import find_strip
from tests.tiny_models import build_tiny

OTHER = {state.EXPLAIN_COUNT: text.COUNTS[1]}
TEXT = "free prize , call embedding now"
ROWS = ("the cat sat", "free prize !", "call now to win", "she said that", "the dog sat", "win money now")


@pytest.fixture
def run_ref(run_queue: RunQueue, settings: Settings, tiny_classifier: Path) -> str:
    """A finished run of OWNER's with held-out rows."""
    config = FineTuneConfig(text_column="text", label_column="label")
    content = "label,text\n" + "".join(f"{('ham', 'spam')[i % 2]},the cat sat {i}\n" for i in range(20))
    run = run_queue.submit(OWNER, "spam", "sms.csv", content.encode(), config)
    run_queue.step()
    folder = settings.runs_path / run.id
    shutil.copytree(tiny_classifier, folder / "model")
    rows = [
        {"line": i, "text": row, "pair": None, "true_label": "ham", "predicted_label": "ham",
         "probabilities": [1, 0, 0]}
        for i, row in enumerate(ROWS)
    ]  # fmt: skip
    (folder / "predictions.json").write_text(json.dumps(rows))
    assert run_queue.store.finish(run.id, {"accuracy": 1.0, "macro_f1": 1.0, "num_held_out": 6})
    opening.open_now(run.ref)
    return run.ref


def test_a_masked_word_is_explained_and_the_way_to_a_model_of_ones_own_is_shown(
    open_page: OpenPage, run_ref: str
) -> None:
    page = open_page("explain", link={state.EXPLAIN_TEXT: "the cat [MASK] on the mat"})
    assert [error.value for error in page.error] == []
    assert text.TRAIN_HINT in texts_of(page)
    with open_model("bundled") as engine:
        found = ExplainQuestion("the cat [MASK] on the mat").ask(engine)
        assert describe(found, engine.info) in texts_of(page)
    page = press(page, f"Open spam ({run_ref[4:8]})")
    assert page.query_params[state.MODEL_PARAMETER] == run_ref
    assert text.TRAIN_HINT not in texts_of(page)


def test_a_class_is_explained_with_all_numbers_in_the_strip_and_the_table(
    open_page: OpenPage, run_ref: str
) -> None:
    link = {
        state.MODEL_PARAMETER: run_ref,
        state.EXPLAIN_TEXT: TEXT,
        state.EXPLAIN_TARGET: "spam",
        state.EXPLAIN_METHOD: text.METHODS["occlusion"],
    }
    page = open_page("explain", link=link)
    assert [error.value for error in page.error] == []
    with open_model(run_ref) as engine:
        found = ExplainQuestion(TEXT, target="spam").ask(engine)
        assert describe(found, engine.info) in texts_of(page)
    row = found.scores[METHODS.index("occlusion")]
    tokens = find_strip(page, state.EXPLAIN_STRIP)["tokens"]
    assert [token["label"] for token in tokens][1:3] == ["free", "prize"]
    values = [token["value"] for token in tokens if token["value"] is not None]
    assert max(map(abs, values)) == 1
    assert values == pytest.approx((row[1:-1] / abs(row).max()).tolist(), abs=1e-5)
    table = page.dataframe[-1].value
    assert list(table["occlusion"]) == pytest.approx(row.tolist(), abs=1e-4)
    rows = page.selectbox(key=state.EXPLAIN_ROW)
    page = rows.set_value(1).run()
    assert page.text_area(key=state.EXPLAIN_TEXT).value == ROWS[1]
    assert [error.value for error in page.error] == []


def test_the_test_of_faithfulness_shows_its_areas(open_page: OpenPage, run_ref: str) -> None:
    link = {state.MODEL_PARAMETER: run_ref, state.EXPLAIN_TEXT: TEXT, state.EXPLAIN_TAB: text.TEST}
    page = open_page("explain", link=link)
    with open_model(run_ref) as engine:
        curves = CurvesQuestion(ExplainQuestion(TEXT)).ask(engine)
    assert judge_curves(curves) in texts_of(page)
    shown, expected = page.dataframe[0].value, areas_table(curves)
    assert list(shown["Order"]) == expected["Order"]
    assert list(shown["Words hidden"]) == pytest.approx(expected["Words hidden"], abs=2e-3)
    rows = list(curve_rows(curves))
    assert len(rows) == 2 * (4 + len(curves.random_deletion)) * len(curves.shares)
    short = open_page("explain", link=link | {state.EXPLAIN_TEXT: "free"})
    assert "fewer than two words" in short.error[0].value


def test_words_and_shortcuts_are_measured_and_found_again(
    open_page: OpenPage, run_ref: str, run_queue: RunQueue, settings: Settings
) -> None:
    link = {state.MODEL_PARAMETER: run_ref, state.EXPLAIN_TAB: text.CLASS_WORDS}
    page = press(open_page("explain", link=link), "Measure")
    assert [button.label for button in page.button if button.label == "Stop"] == ["Stop"]
    assert "Starting" in [bar.proto.text for bar in page.get("progress")]
    measure_waiting(run_queue)
    page = open_page("explain", link=link)  # another day
    assert [error.value for error in page.error] == []
    found = find_kept(run_ref[4:], ClassWordsQuestion("occlusion", 40), settings)
    assert found is not None
    last = found.answer.classes[-1]
    assert f"{last.num_texts} of 6 texts" in texts_of(page)
    assert "kept with the run" in texts_of(page)
    assert list(word_rows(found.answer)) == [
        (item.label, word.word, round(word.mean, 5), word.count, word.num_texts)
        for item in found.answer.classes
        for word in item.words
    ]
    assert "Measure" in [button.label for button in open_page("explain", link=link | OTHER).button]
    page = press(open_page("explain", link=link | {state.EXPLAIN_TAB: text.SHORTCUTS}), "Measure")
    measure_waiting(run_queue)
    page = page.run()
    report = find_kept(run_ref[4:], ShortcutsQuestion(40), settings)
    if report is None:
        assert "sorts all 6 texts" in page.error[0].value
        return
    found_words = [item for item in report.answer.shortcuts if item.label == report.answer.labels[-1]]
    assert list(page.dataframe[0].value["Won"]) == shortcut_table(found_words)["Won"]
    assert len(list(shortcut_rows(report.answer))) == len(report.answer.shortcuts)


def test_a_measurement_waits_is_stopped_fails_and_grows_old(
    open_page: OpenPage,
    run_ref: str,
    run_queue: RunQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = FineTuneConfig(text_column="text", label_column="label")
    content = "label,text\n" + "".join(f"{('ham', 'spam')[i % 2]},the cat {i}\n" for i in range(20))
    training = run_queue.submit(OWNER, "longer", "sms.csv", content.encode(), config)
    run_queue.step()
    run_queue.store.report(training.id, eta_s=90.0)
    link = {state.MODEL_PARAMETER: run_ref, state.EXPLAIN_TAB: text.CLASS_WORDS}
    page = press(open_page("explain", link=link), "Measure")
    assert "Waiting for one other run, about 2 minutes" in [bar.proto.text for bar in page.get("progress")]
    page = press(page, "Stop")
    assert measurements.STOPPED in texts_of(page)
    assert measurements.STOPPED in texts_of(open_page("explain", link=link)), "a reload knows it too"

    assert run_queue.store.finish(training.id, {})
    page = press(page, "Measure")
    question = write_question(ClassWordsQuestion("occlusion", 40))
    job = run_queue.analyses.latest(run_ref[4:], question)
    assert job is not None
    run_queue.step()
    run_queue.store.report(job.id, phase="measuring", progress=0.25, eta_s=20.0)
    bars = [bar.proto.text for bar in page.run().get("progress")]
    assert bars == ["25% measured, about 20 seconds left"]
    run_queue.store.fail(job.id, "The disk is *full*.")
    assert "The disk is \\*full\\*" in page.run().error[0].value

    page = press(page, "Measure")
    measure_waiting(run_queue)
    assert "kept with the run" in texts_of(page.run())
    page = press(page, "Measure again")
    assert [bar.proto.text for bar in page.get("progress")] == ["Starting"]
    assert "kept with the run" in texts_of(page)
    assert page.dataframe, "the last answer is read until there is another"
    with monkeypatch.context() as patch:
        patch.setattr(measurements, "_describe", lambda _: 1 / 0)
        broken = open_page("explain", link=link)
    assert "Something went wrong" in broken.error[0].value
    assert not broken.exception
    measure_waiting(run_queue)
    page = page.run()
    monkeypatch.setattr(ClassWordsQuestion, "VERSION", 99)
    page = page.run()
    assert "the way of measuring have changed since" in texts_of(page)
    assert "Measure" in [button.label for button in page.button]
    assert not page.dataframe


def test_texts_of_a_run_are_its_owners(open_page: OpenPage, run_ref: str, run_queue: RunQueue) -> None:
    run_queue.share(run_ref[4:], True, OWNER)
    link = {state.MODEL_PARAMETER: run_ref, state.EXPLAIN_TEXT: TEXT}
    page = open_page("explain", owner=STRANGER, link=link)
    assert not [box for box in page.selectbox if box.key == state.EXPLAIN_ROW]
    assert [error.value for error in page.error] == []
    for tab in (text.CLASS_WORDS, text.SHORTCUTS):
        page = open_page("explain", owner=STRANGER, link=link | {state.EXPLAIN_TAB: tab})
        assert text.NO_ROWS in texts_of(page)
        assert "Measure" not in [button.label for button in page.button]


def test_other_tasks_say_what_applies(open_page: OpenPage, settings: Settings) -> None:
    folder = settings.local_models_path
    build_tiny("bert", folder / "tagger", head="token-classification", labels=("O", "B-PER"))
    build_tiny("bert", folder / "reader", head="question-answering")
    build_tiny("bert", folder / "number", head="text-classification", labels=("grade",))
    build_tiny("bert", folder / "encoder", head="encoder")
    for name in ("tagger", "reader", "number", "encoder"):
        opening.open_now(f"local:{name}")
        page = open_page("explain", link={state.MODEL_PARAMETER: f"local:{name}"})
        messages = [error.value for error in page.error]
        if name == "encoder":
            assert "predicts nothing that could be explained" in messages[0]
            continue
        assert messages == []
        assert "Integrated gradients add up to" in texts_of(page)
        link = {state.MODEL_PARAMETER: f"local:{name}", state.EXPLAIN_TAB: text.SHORTCUTS}
        refused = open_page("explain", link=link).error[0].value
        assert "one class of several" in refused if name == "number" else "text by text" in refused
    link = {state.MODEL_PARAMETER: "local:tagger", state.EXPLAIN_WORD: "3", state.EXPLAIN_TEXT: "the cat sat"}
    assert " of sat**" in texts_of(open_page("explain", link=link)).replace("\\", "")
    gone = open_page("explain", link=link | {state.EXPLAIN_WORD: "9"})
    assert "There is no word" in gone.error[0].value
