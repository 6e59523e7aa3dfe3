import json
import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.results import TrainingMetric
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results
from bert_explorer.ui.training_code import fine_tune_code
from tests.pages.conftest import OWNER, STRANGER, OpenPage, press, texts_of
from tests.tiny_models import SIZES, build_tiny

FILE = "label,text\n" + "".join(f"{('ham', 'spam')[i % 2]},the cat sat {i}\n" for i in range(20))
REPORT = {
    "accuracy": 0.75,
    "macro_f1": 0.7,
    "majority_accuracy": 0.5,
    "num_held_out": 4,
    "confusion_matrix": [[2, 0], [1, 1]],
    "baselines": [{"name": "words", "accuracy": 0.625, "macro_f1": 0.6, "num_train": 16}],
    "per_class": [
        {"label": label, "precision": 0.5, "recall": 0.25, "f1": 1 / 3, "support": 2}
        for label in ("ham", "spam")
    ],
}
RUNS_LINK = {state.TRAIN_TAB: text.RUNS_TAB}


def submit(queue: RunQueue, owner: str = OWNER) -> Run:
    config = FineTuneConfig(text_column="text", label_column="label", model="bundled")
    return queue.submit(owner, "my spam", "sms.csv", FILE.encode(), config)


def finish(queue: RunQueue, run: Run, settings: Settings, model: Path) -> Run:
    """Do what the worker does at the end of a run, with a model of ours."""
    queue.step()
    folder = settings.runs_path / run.id
    shutil.copytree(model, folder / "model")
    wrong = {"line": 3, "text": "a secret text", "pair": None, "true_label": "ham", "predicted_label": "spam"}
    right = wrong | {"line": 4, "text": "a right text", "true_label": "spam"}
    rows = [wrong | {"probabilities": [0.2, 0.8]}, right | {"probabilities": [0.1, 0.9]}]
    (folder / "predictions.json").write_text(json.dumps(rows))
    queue.store.report(run.id, [TrainingMetric(1, 0.5, "loss", 0.7)])
    assert queue.store.finish(run.id, REPORT)
    return queue.store.get(run.id)


def test_the_example_is_previewed_with_its_class_counts(open_page: OpenPage) -> None:
    page = open_page("fine_tune")
    assert "**200 texts**" in texts_of(page)
    table = page.dataframe[0].value
    assert set(table["Label"]) <= {"ham", "spam"}
    assert "Takes about" in texts_of(page)


def test_start_puts_the_run_into_the_queue_and_shows_it(open_page: OpenPage, run_queue: RunQueue) -> None:
    page = open_page("fine_tune")
    page.slider(key=state.TRAIN_EPOCHS).set_value(2)
    page.selectbox(key=state.TRAIN_FREEZE).set_value("half")
    page.text_input(key=f"{state.TRAIN_NAME}-sms_spam_200.tsv").set_value("first try")
    page = press(page, "Start training")
    (run,) = run_queue.store.list(OWNER)
    assert (run.name, run.state, run.config.epochs, run.config.freeze) == ("first try", "queued", 2, "1")
    assert run.filename == "sms_spam_200.tsv"
    assert page.query_params[state.RUN_PARAMETER] == run.id
    assert [button.label for button in page.button].count("Cancel this run") == 1


def test_a_preset_fills_in_what_may_then_be_changed(open_page: OpenPage, run_queue: RunQueue) -> None:
    page = open_page("fine_tune", link={state.TRAIN_PRESET: text.PRESET_NAMES["best"]})
    assert page.slider(key=state.TRAIN_EPOCHS).value == 6
    assert page.selectbox(key=state.TRAIN_LAYER_DECAY).value == 0.9
    page.segmented_control(key=state.TRAIN_PRESET).set_value(text.PRESET_NAMES["live-demo"]).run()
    assert page.slider(key=state.TRAIN_EPOCHS).value == 6
    assert page.selectbox(key=state.TRAIN_FREEZE).value == "embeddings"
    assert page.selectbox(key=state.TRAIN_LAYER_DECAY).value == 1.0
    page.selectbox(key=state.TRAIN_RATE).set_value(5e-4)
    page.selectbox(key=state.TRAIN_WARMUP).set_value(0.2)
    page.toggle(key=state.TRAIN_CLASS_WEIGHTS).set_value(True)
    page = press(page.number_input(key=state.TRAIN_SEED).set_value(7).run(), "Start training")
    config = run_queue.store.list(OWNER)[0].config
    assert (config.epochs, config.max_length, config.freeze, config.learning_rate) == (
        6,
        64,
        "embeddings",
        5e-4,
    )
    assert (config.warmup_share, config.class_weights, config.seed) == (0.2, "balanced", 7)


def test_what_a_preset_chose_follows_the_model(
    open_page: OpenPage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was changed by hand stays."""
    monkeypatch.setitem(SIZES, "num_hidden_layers", 6)
    build_tiny("bert", settings.local_models_path / "deep")
    page = open_page("fine_tune", link={state.TRAIN_PRESET: text.PRESET_NAMES["live-demo"]})
    assert page.selectbox(key=state.TRAIN_FREEZE).value == "embeddings"
    assert "what learns: all layers" in texts_of(page)
    page.slider(key=state.TRAIN_EPOCHS).set_value(2).run()
    page = page.selectbox(key=state.MODEL).set_value("local:deep").run()
    assert page.selectbox(key=state.TRAIN_FREEZE).value == "last-four"
    assert "what learns: the four upper layers" in texts_of(page)
    assert page.slider(key=state.TRAIN_EPOCHS).value == 2
    assert "--freeze 2" in page.code[0].value
    page.selectbox(key=state.TRAIN_FREEZE).set_value("half").run()
    page = page.selectbox(key=state.MODEL).set_value("bundled").run()
    assert page.selectbox(key=state.TRAIN_FREEZE).value == "half"
    assert not page.warning
    assert not page.error


def test_the_settings_of_a_run_are_in_the_link(open_page: OpenPage) -> None:
    link = {
        state.TRAIN_EXAMPLE: text.EXAMPLES["subjectivity_400.tsv"],
        state.TRAIN_FREEZE: text.LEARNING_NAMES["all"],
        state.TRAIN_BATCH: "32",
        state.TRAIN_SEED: "5",
    }
    page = open_page("fine_tune", link=link)
    assert "**400 texts**" in texts_of(page)
    assert "--freeze all" in page.code[0].value
    assert "--batch-size 32" in page.code[0].value
    assert "--seed 5" in page.code[0].value
    assert page.selectbox(key=state.TRAIN_RATE).value == 0.0
    assert "--learning-rate 0.005" in page.code[0].value  # the one that suits a head alone


def test_lora_and_the_best_epoch_can_be_chosen(open_page: OpenPage, run_queue: RunQueue) -> None:
    link = {state.TRAIN_FREEZE: text.LEARNING_NAMES["lora"], state.TRAIN_KEEP_BEST: "true"}
    page = open_page("fine_tune", link=link)
    page.selectbox(key=state.TRAIN_LORA_RANK).set_value(4)
    page = press(page, "Start training")
    config = run_queue.store.list(OWNER)[0].config
    assert (config.lora_rank, config.lora_alpha, config.freeze, config.keep_best) == (4, 16, "none", True)
    assert config.learning_rate == 1e-3
    assert "--lora-rank 4" in fine_tune_code("f.csv", config)


def test_the_files_own_split_is_taken_and_another_file_too(open_page: OpenPage, run_queue: RunQueue) -> None:
    rows = [f"{('ham', 'spam')[i % 2]},the cat sat {i},{'test' if i > 15 else 'train'}" for i in range(20)]
    page = open_page("fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD})
    content = "\n".join(["label,text,split", *rows]).encode()
    page = page.file_uploader(key=state.TRAIN_FILE).upload("mine.csv", content, "text/csv").run()
    assert page.selectbox(key=state.TRAIN_MEASURE).value == text.AS_TOLD
    page = press(page, "Start training")
    assert run_queue.store.list(OWNER)[0].config.split_column == "split"
    page = open_page(
        "fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD, state.TRAIN_MEASURE: text.OTHER_FILE}
    )
    page = page.file_uploader(key=state.TRAIN_FILE).upload("a.csv", FILE.encode(), "text/csv").run()
    assert "Upload the rows to measure with" in page.error[0].value
    more = b"text,label\na new cat,ham\na new dog,spam\n"
    page = page.file_uploader(key=state.TRAIN_HELD_OUT_FILE).upload("b.csv", more, "text/csv").run()
    assert not page.error
    press(page, "Start training")
    run = run_queue.store.list(OWNER)[0]
    assert (run.filename, run.config.split_column) == ("a and b.csv", "split")


def test_folds_and_a_search_are_groups_of_runs(open_page: OpenPage, run_queue: RunQueue) -> None:
    page = open_page("fine_tune", link={state.TRAIN_MEASURE: text.IN_FOLDS, state.TRAIN_FOLDS: "3"})
    assert "3 runs, about" in texts_of(page)
    page = press(page, "Start training")
    runs = run_queue.store.list(OWNER)
    assert sorted(run.config.fold for run in runs) == [0, 1, 2]
    assert len({run.tags for run in runs}) == 1
    for number, run in enumerate(sorted(runs, key=lambda run: run.config.fold)):
        run_queue.store.claim_next(3, only=run.id)
        assert run_queue.store.finish(run.id, REPORT | {"accuracy": 0.7 + number / 10})
    page = page.run()
    assert not page.error, "held-out rows, which are not there, are read when somebody wants them"
    assert "Table (CSV)" in [button.label for button in page.get("download_button")]
    assert "Mean held-out accuracy: **0.800**, 95 % interval 0.552 to 1.000" in texts_of(page)
    page = open_page("fine_tune")
    page = page.multiselect(key=f"{state.SEARCH_RATES}-0.0002").set_value([1e-4, 2e-4]).run()
    press(page, "Start the search")
    searched = [run for run in run_queue.store.list(OWNER) if run.state == "queued"]
    assert sorted(run.config.learning_rate for run in searched) == [1e-4, 2e-4]
    assert all(run.config.keep_best for run in searched)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("label,text\n", "no row"),
        ("text\nonly one column\n", "text"),
        ("label,text\na,x\na,y\na,z\n", "At least two classes"),
        ("label,text\na,x\nb,\na,z\n", "Line 3"),
        ("\x00\x00binary", "NUL"),
    ],
)
def test_a_file_that_cannot_be_learned_from_is_refused_with_the_reason(
    content: str, message: str, open_page: OpenPage
) -> None:
    page = open_page("fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD})
    page = page.file_uploader(key=state.TRAIN_FILE).upload("mine.csv", content.encode(), "text/csv").run()
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")
    assert "Something went wrong" not in texts_of(page)
    assert "Start training" not in [button.label for button in page.button]


def test_the_doctor_mends_only_what_it_is_asked_to(open_page: OpenPage, run_queue: RunQueue) -> None:
    rows = [f"the cat sat on mat {i} of {i * i},{('pos', 'neg')[i % 2]}" for i in range(20)]
    content = "\n".join(["text,label", *rows, "one more cat sat,Pos ", "a dog without a label,"])
    page = open_page("fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD})
    page = page.file_uploader(key=state.TRAIN_FILE).upload("mine.csv", content.encode(), "text/csv").run()
    assert "is empty" in page.error[0].value
    assert "To mend before training" in texts_of(page)
    page = page.button(key="fix-empty").click().run()
    assert "1 row left out, 0 labels rewritten" in texts_of(page)
    assert "Only one row has the label" in page.error[0].value
    page = page.button(key="fix-spellings").click().run()
    assert not page.error
    assert "1 row left out, 1 label rewritten" in texts_of(page)
    page = press(page, "Undo the last fix")
    assert "1 row left out, 0 labels rewritten" in texts_of(page)
    page = press(page.button(key="fix-spellings").click().run(), "Start training")
    (run,) = run_queue.store.list(OWNER)
    assert (run.filename, run.labels) == ("mine (mended).csv", ("neg", "pos"))


def test_a_running_run_shows_its_progress_and_can_be_cancelled(
    open_page: OpenPage, run_queue: RunQueue
) -> None:
    run = submit(run_queue)
    run_queue.step()
    values = {"loss": 0.6931, "eval_accuracy": 0.875, "examples_per_s": 41.7, "gradient.0": 0.25}
    measured = [TrainingMetric(5, 0.5, name, value) for name, value in values.items()]
    run_queue.store.report(run.id, measured, progress=0.25, eta_s=90.0, phase="training")
    page = open_page("fine_tune", link=RUNS_LINK)
    assert [metric.value for metric in page.metric] == ["0.693", "87.5%", "42"]
    assert "In step 5: layer 1 0.25" in texts_of(page)
    page = press(page, "Cancel this run")
    assert run_queue.store.get(run.id).state == "cancelled"
    assert "This run was cancelled" in texts_of(page.run())


def test_a_finished_run_shows_its_figures_and_opens_its_model(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = open_page("fine_tune", link=RUNS_LINK)
    assert [metric.value for metric in page.metric] == ["75.0%", "50.0%", "0.70"]
    assert "between 30% and 95%" in texts_of(page)
    assert list(page.dataframe[0].value["Accuracy"]) == [50.0, 62.5, 75.0]
    page = press(page, "Open this model")
    assert page.selectbox(key=state.MODEL).value == run.ref
    assert page.query_params[state.MODEL_PARAMETER] == run.ref
    assert "sorts texts into classes (ham, spam, other)" in texts_of(page)


def test_closer_looks_at_a_finished_run(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = open_page("fine_tune", link=RUNS_LINK | {state.RUN_VIEW: text.CLASSES_VIEW})
    assert list(page.dataframe[0].value["Recall"]) == [25.0, 25.0]
    page = open_page("fine_tune", link=RUNS_LINK | {state.RUN_VIEW: text.CURVES_VIEW})
    assert "area 1.000" in texts_of(page)
    page = open_page("fine_tune", link=RUNS_LINK | {state.RUN_VIEW: text.ROWS_VIEW})
    assert list(page.dataframe[0].value["Text"]) == ["a secret text"]
    page = page.selectbox(key=state.ROWS_KIND).set_value(text.CELL_ROWS).run()
    page = page.selectbox(key=state.ROWS_TRUE).set_value("spam").run()
    assert list(page.dataframe[0].value["Text"]) == ["a right text"]
    assert run.id in page.query_params[state.RUN_PARAMETER]


def test_the_frozen_encoder_is_measured_when_asked(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = press(open_page("fine_tune", link=RUNS_LINK), "Measure the model as it began, too")
    assert not page.error
    assert text.BASELINE_NAMES["frozen encoder"] in list(page.dataframe[0].value["Way"])
    assert "Measure the model as it began, too" not in [button.label for button in page.button]


def test_a_whole_file_is_predicted_and_safe_to_open(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = open_page("fine_tune", link=RUNS_LINK)
    uploader = page.file_uploader(key=f"{state.PREDICT_FILE}-{run.id}")
    content = b"text,n\nthe cat sat,=1+1\nthe dog,2\n"
    page = press(uploader.upload("new.csv", content, "text/csv").run(), "Predict all rows")
    assert not page.error
    table = page.dataframe[-1].value
    assert list(table["Text"]) == ["the cat sat", "the dog"]
    assert set(table["Prediction"]) <= {"ham", "spam", "other"}
    _, answers, csv = page.session_state[state.ANSWERS]["predict-file"].answer
    lines = csv.decode("utf-8-sig").splitlines()
    assert lines[0] == "text,n,prediction,probability"
    assert lines[1] == f"the cat sat,'=1+1,{answers[0][0]},{answers[0][1]:.6f}"
    page = (
        page.file_uploader(key=f"{state.PREDICT_FILE}-{run.id}").upload("b.csv", b"text,n\n ,1\n", "").run()
    )
    assert "Line 2: The text is empty" in press(page, "Predict all rows").error[0].value.replace("\\", "")


def test_a_failed_run_shows_its_reason(open_page: OpenPage, run_queue: RunQueue) -> None:
    run = submit(run_queue)
    run_queue.step()
    run_queue.store.fail(run.id, "The computer ran out of memory. Use a smaller batch.")
    page = open_page("fine_tune", link=RUNS_LINK)
    assert "smaller batch" in page.error[0].value


def test_an_interrupted_run_can_go_on(open_page: OpenPage, run_queue: RunQueue) -> None:
    run = submit(run_queue)
    run_queue.step()
    run_queue.store.mark_interrupted(run.id, "The program was closed.")
    press(open_page("fine_tune", link=RUNS_LINK), "Go on where it stopped")
    assert run_queue.store.get(run.id).state == "queued"


def test_deleting_asks_first_and_leaves_a_way_back(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = press(open_page("fine_tune", link=RUNS_LINK), "Delete")
    assert run_queue.store.list(OWNER) == ()
    assert "not trained a model yet" in texts_of(page)
    page = open_page("attention", link={state.MODEL_PARAMETER: run.ref})
    assert "Models belong to the browser that trained them" in page.error[0].value.replace("\\", "")
    run_queue.shelf.restore(run.id, OWNER)
    assert (settings.runs_path / run.id / "model").is_dir()


def open_as(owner: str, open_page: OpenPage, run: Run) -> AppTest:
    return open_page("fine_tune", owner=owner, link=RUNS_LINK | {state.RUN_PARAMETER: run.id})


def test_a_stranger_sees_nothing_of_a_run_even_with_its_link(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    page = open_as(STRANGER, open_page, run)
    assert not page.metric
    assert "my spam" not in texts_of(page)
    assert state.RUN_PARAMETER not in page.query_params
    bar = page.selectbox(key=state.MODEL)
    assert not any("my spam" in option for option in bar.options)
    page = open_page("attention", owner=STRANGER, link={state.MODEL_PARAMETER: run.ref})
    assert "Models belong to the browser that trained them" in page.error[0].value.replace("\\", "")
    assert not page.get("iframe")


def test_a_shared_run_lends_its_model_and_keeps_its_texts(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, tiny_classifier: Path
) -> None:
    run = finish(run_queue, submit(run_queue), settings, tiny_classifier)
    owners_page = open_as(OWNER, open_page, run)
    owners_page.toggle(key=f"share-{run.id}").set_value(True).run()
    link = RUNS_LINK | {state.RUN_PARAMETER: run.id, state.RUN_VIEW: text.ROWS_VIEW}
    page = open_page("fine_tune", owner=STRANGER, link=link)
    assert [metric.value for metric in page.metric][:1] == ["75.0%"]
    shown = [str(value) for frame in page.dataframe for value in frame.value.to_numpy().ravel()]
    assert "a secret text" not in shown
    buttons = [button.label for button in page.button]
    assert not {"Delete", "Measure the model as it began, too"} & set(buttons)
    assert any("my spam" in option for option in page.selectbox(key=state.MODEL).options)
    page = open_page("attention", owner=STRANGER, link={state.MODEL_PARAMETER: run.ref})
    assert [error.value for error in page.error] == []


def test_without_an_owner_no_run_is_listed_and_none_can_start(
    open_page: OpenPage, run_queue: RunQueue
) -> None:
    run = submit(run_queue)
    page = open_page("fine_tune", owner=None, link=RUNS_LINK | {state.RUN_PARAMETER: run.id})
    assert "my spam" not in texts_of(page)
    page = open_page("fine_tune", owner=None)
    start = next(button for button in page.button if button.label == "Start training")
    assert start.disabled


def test_the_command_is_one_that_the_command_line_takes() -> None:
    from bert_explorer.cli.fine_tune import fine_tune

    config = FineTuneConfig(
        text_column="a",
        label_column="b",
        pair_column="c",
        model="org/name",
        epochs=1,
        batch_size=2,
        freeze="1",
    )
    flags = re.findall(r"--[\w-]+", fine_tune_code("f.csv", config))
    assert {"--model", "--pair", "--batch-size", "--freeze"} < set(flags)
    assert set(flags) <= {name for option in fine_tune.params for name in option.opts}


def test_the_command_names_what_differs_from_the_defaults() -> None:
    config = FineTuneConfig(
        text_column="my text", label_column="y", epochs=5, freeze="all", learning_rate=5e-4
    )
    command = fine_tune_code("a file.csv", config).replace("\\\n    ", "")
    assert command == (
        "python -m bert_explorer fine-tune 'a file.csv' --text 'my text' --label y "
        "--task text-classification --epochs 5 --learning-rate 0.0005 --freeze all"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "10 seconds"), (31, "40 seconds"), (55, "1 minute"), (61, "2 minutes"), (7200, "2.0 hours")],
)
def test_durations_are_rounded_up(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


NAMES = "Ada\tB-PER\nwas\tO\nin\tO\nLondon\tB-LOC\n\n" * 12


def test_tags_of_words_are_guessed_previewed_and_started(open_page: OpenPage, run_queue: RunQueue) -> None:
    page = open_page("fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD})
    uploader = page.file_uploader(key=state.TRAIN_FILE)
    page = uploader.upload("names.conll", (NAMES + "Bob\tB-PER\n\n").encode(), "text/plain").run()
    assert not page.error
    assert page.selectbox(key=f"{state.TRAIN_TASK}-names.conll").value == "token-classification"
    assert page.dataframe[0].value["tags"].iloc[0] == "B-PER O O B-LOC"
    assert "3 labels: B-LOC, B-PER, O" in texts_of(page).replace("\\", "")
    press(page, "Start training")
    (run,) = run_queue.store.list(OWNER)
    assert (run.config.task, run.labels) == ("token-classification", ("B-LOC", "B-PER", "O"))


def test_another_file_of_tags_is_measured_with(open_page: OpenPage, run_queue: RunQueue) -> None:
    link = {state.TRAIN_SOURCE: text.UPLOAD, state.TRAIN_MEASURE: text.OTHER_FILE}
    page = open_page("fine_tune", link=link)
    page = page.file_uploader(key=state.TRAIN_FILE).upload("names.conll", NAMES.encode(), "text/plain").run()
    assert "with, a file like names.conll" in page.error[0].value.replace("\\", "")
    more = page.file_uploader(key=state.TRAIN_HELD_OUT_FILE)
    page = more.upload("test.conll", b"Bob\tB-PER\n\n", "text/plain").run()
    assert not page.error
    assert "**13 examples**" in texts_of(page)
    press(page, "Start training")
    (run,) = run_queue.store.list(OWNER)
    assert (run.filename, run.config.split_column) == ("names and test.conll", "split")


def test_a_corrected_task_that_does_not_fit_is_refused_with_the_line(open_page: OpenPage) -> None:
    page = open_page("fine_tune", link={state.TRAIN_SOURCE: text.UPLOAD})
    page = page.file_uploader(key=state.TRAIN_FILE).upload("mine.csv", FILE.encode(), "text/csv").run()
    page = page.selectbox(key=f"{state.TRAIN_TASK}-mine.csv").set_value("regression").run()
    assert "'ham' in column 'label' is not a number" in page.error[0].value.replace("\\", "")
    assert "Line 2" in page.error[0].value


def test_a_finished_run_of_another_task_shows_its_own_figures(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    config = FineTuneConfig(task="token-classification", text_column="text", label_column="tags")
    content = (NAMES + "Bob\tB-PER\n\n").encode()
    run = run_queue.submit(OWNER, "names", "names.conll", content, config)
    run_queue.step()
    row = {"line": 6, "text": "Ada was in London", "pair": None, "probabilities": []}
    row |= {"true_label": "B-PER O O B-LOC", "predicted_label": "B-PER O O O"}
    word = {"word": "London", "true": "B-LOC", "given": "O", "probability": 0.7, "true_probability": 0.2}
    row |= {"words": [word, word | {"word": "in", "true": "O"}]}
    (settings.runs_path / run.id / "predictions.json").write_text(json.dumps([row]))
    baseline = {"name": "word tags", "scores": {"entity_f1": 0.25, "accuracy": 0.5}, "num_train": 12}
    figures = {
        "intervals": {"entity_f1": [0.125, 0.875]},
        "baselines": [baseline],
        "confusion_matrix": [[0, 0, 1], [0, 0, 0], [0, 0, 1]],
        "entity_f1": 0.5,
        "accuracy": 0.75,
        "headline": "entity_f1",
        "num_held_out": 1,
        "num_train": 12,
    }
    assert run_queue.store.finish(run.id, figures)
    page = open_page("fine_tune", link=RUNS_LINK)
    assert not page.error
    assert [metric.value for metric in page.metric] == ["0.500", "0.750"]
    assert "expect an F1 of names of 0.12 to 0.88" in texts_of(page)
    ways = page.dataframe[0].value
    assert list(ways["Way"]) == [task_results.BASELINE_NAMES["word tags"], "This model"]
    assert list(ways["F1 of names"]) == ["0.250", "0.500"]
    page = open_page("fine_tune", link=RUNS_LINK | {state.RUN_VIEW: text.ROWS_VIEW})
    assert list(page.dataframe[0].value["Word"]) == ["London"]
    cell = {state.ROWS_KIND: text.CELL_ROWS, state.ROWS_TRUE: "O", state.RUN_VIEW: text.ROWS_VIEW}
    page = open_page("fine_tune", link=RUNS_LINK | cell)
    assert list(page.dataframe[0].value["Word"]) == ["in"], "a link leads to the very rows"
    page = open_page("fine_tune", owner=STRANGER, link=RUNS_LINK | {state.RUN_PARAMETER: run.id} | cell)
    assert not page.dataframe


def test_a_corrected_task_is_in_the_link_of_its_file_alone(open_page: OpenPage) -> None:
    link = {state.TRAIN_EXAMPLE: text.EXAMPLES["similarity_300.tsv"], state.TASK_PARAMETER: "multi-label"}
    page = open_page("fine_tune", link=link)
    key = f"{state.TRAIN_TASK}-similarity_300.tsv"
    assert page.selectbox(key=key).value == "multi-label"
    page = page.selectbox(key=key).set_value("regression").run()
    assert state.TASK_PARAMETER not in page.query_params
    page = page.selectbox(key=key).set_value("text-classification").run()
    assert page.query_params[state.TASK_PARAMETER] == "text-classification"
    page = page.selectbox(key=state.TRAIN_EXAMPLE).set_value("sms_spam_200.tsv").run()
    assert state.TASK_PARAMETER not in page.query_params
