"""The page Runs: one browser's runs in a table, compared, named, thrown away and taken back."""

from dataclasses import replace

import pytest

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import Settings
from bert_explorer.training import shelf
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.export import export_zip
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.run_comparison import compare_settings, unique_names
from bert_explorer.ui.run_table import matches, run_columns
from tests.pages.conftest import OWNER, STRANGER, OpenPage, press, texts_of
from tests.tiny_models import build_tiny

FILE = "label,text\n" + "".join(f"{('ham', 'spam')[i % 2]},the cat sat {i}\n" for i in range(20))
CONFIG = FineTuneConfig(text_column="text", label_column="label")


def finish(queue: RunQueue, name: str, owner: str = OWNER, accuracy: float = 0.5, **changes: object) -> Run:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]  # tests vary the values freely
    run = queue.submit(owner, name, "sms.csv", FILE.encode(), config)
    queue.step()
    queue.store.report(run.id, [TrainingMetric(5, 1.0, "eval_accuracy", accuracy)])
    assert queue.store.finish(run.id, {"accuracy": accuracy, "macro_f1": 0.25, "num_held_out": 4})
    return queue.store.get(run.id)


def test_the_table_lists_this_browsers_runs_only(open_page: OpenPage, run_queue: RunQueue) -> None:
    finish(run_queue, "mine")
    theirs = finish(run_queue, "theirs", owner=STRANGER)
    run_queue.share(theirs.id, True, STRANGER)
    page = open_page("runs", link={state.RUNS_PARAMETER: theirs.id})
    table = page.dataframe[0].value
    assert list(table["Name"]) == ["mine"]
    assert list(table["Measure"]) == ["Accuracy"]
    assert list(table["Score"]) == [0.5]
    assert list(table["95 % interval"]) == ["0.15 to 0.85"]
    assert "theirs" not in texts_of(page)
    assert "not trained a model yet" in texts_of(open_page("runs", owner="ef" * 32))
    nobody = open_page("runs", owner=None)
    assert not nobody.dataframe
    assert "mine" not in texts_of(nobody)


def test_one_run_is_named_tagged_and_noted(open_page: OpenPage, run_queue: RunQueue) -> None:
    run = finish(run_queue, "first")
    page = open_page("runs", link={state.RUNS_PARAMETER: run.id})
    page.text_input(key=f"{state.RUN_NAME}-{run.id}").set_value("*best*")
    page.text_input(key=f"{state.RUN_TAGS}-{run.id}").set_value("demo, demo, paper")
    page.text_area(key=f"{state.RUN_NOTE}-{run.id}").set_value("kept for the talk")
    page = press(page, "Keep")
    kept = run_queue.store.get(run.id)
    assert (kept.name, kept.tags, kept.note) == ("*best*", ("demo", "paper"), "kept for the talk")
    assert list(page.dataframe[0].value["Tags"]) == ["demo, paper"]
    assert page.subheader[0].value == r"\*best\*"


def test_what_is_deleted_can_be_taken_back_for_a_while(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(run_queue, "gone")
    page = press(open_page("runs", link={state.RUNS_PARAMETER: run.id}), "Delete")
    assert run_queue.store.list(OWNER) == ()
    assert "gone" in texts_of(page)
    assert "gone" not in texts_of(open_page("runs", owner=STRANGER))
    page = press(page, "Take it back")
    assert run_queue.store.get(run.id, OWNER).name == "gone"
    page = press(open_page("runs", link={state.RUNS_PARAMETER: run.id}), "Delete")
    monkeypatch.setattr(shelf, "UNDO_S", 0.0)
    run_queue.empty_bin()
    page = press(page, "Take it back")
    assert "removed for good" in page.error[0].value
    assert not (settings.runs_path / run.id).exists()


def test_several_runs_side_by_side(open_page: OpenPage, run_queue: RunQueue) -> None:
    one = finish(run_queue, "same", epochs=2, accuracy=0.75)
    two = finish(run_queue, "same", epochs=5, seed=3)
    page = open_page("runs", link={state.RUNS_PARAMETER: f"{one.id},{two.id}"})
    table = page.dataframe[1].value
    names = unique_names([two, one])
    assert list(table.columns) == ["", *names]
    rows = {row[""]: [row[name] for name in names] for _, row in table.iterrows()}
    assert rows["Epochs"] == ["5", "2"]
    assert rows["Seed"] == ["3", "0"]
    assert rows["Accuracy"] == ["0.5", "0.75"]
    assert "Batch size" not in rows
    page = open_page("runs", link={state.RUNS_FILTER: "nothing like it"})
    assert "No run matches" in texts_of(page)


def test_an_exported_model_comes_back_and_junk_does_not(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    exported = finish(run_queue, "travelled", owner=STRANGER)
    model = run_folder(exported.id, settings).model
    build_tiny("bert", model, head="text-classification", labels=("ham", "spam"))
    metrics = {"majority_accuracy": 0.5, "num_train": 16, "confusion_matrix": [[1, 1], [1, 1]]}
    scores = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    classes = [{"label": label, **scores} for label in ("ham", "spam")]
    complete = replace(exported, metrics=(exported.metrics or {}) | metrics | {"per_class": classes})
    content = export_zip(complete, settings).read_bytes()
    page = open_page("runs")
    page = page.file_uploader(key=state.IMPORT_FILE).upload("model.zip", content, "application/zip").run()
    page = press(page, "Add it to your runs")
    assert not page.error
    (run,) = run_queue.store.list(OWNER)
    assert (run.name, run.tags) == ("travelled", ("imported",))
    assert list(page.dataframe[0].value["Name"]) == ["travelled"]
    junk = page.file_uploader(key=state.IMPORT_FILE).upload("x.zip", b"PK junk", "application/zip").run()
    assert "not a whole zip file" in press(junk, "Add it to your runs").error[0].value
    results = open_page("fine_tune", link={state.TRAIN_TAB: "Your runs", state.RUN_PARAMETER: run.id})
    assert not results.error


def test_words_to_find_runs_by(run_queue: RunQueue) -> None:
    run = replace(finish(run_queue, "Best of May"), tags=("demo",), note="for Ada")
    assert all(
        matches(run, words) for words in ("", "may", "DEMO", "ada best", "spam", "sms.csv", "finished")
    )
    assert not matches(run, "best june")


def test_a_run_without_result_has_no_scores(run_queue: RunQueue) -> None:
    other = finish(run_queue, "done")
    waiting = run_queue.submit(OWNER, "waits", "sms.csv", FILE.encode(), CONFIG)
    columns = run_columns([waiting])
    assert (columns["Score"], columns["95 % interval"], columns["Minutes"]) == ([None], [""], [None])
    assert compare_settings([waiting, other], ["a", "b"])["a"][-3:] == ["–", "–", "–"]
