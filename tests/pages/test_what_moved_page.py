"""The page What moved, and what stands in its way: bases that are gone, rows that are not there."""

import shutil
from dataclasses import replace

import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.training.predictions import HeldOutRow, write_predictions
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import opening, state
from bert_explorer.ui.embedding_questions import SensesQuestion
from bert_explorer.ui.texts import heads, word_senses
from bert_explorer.ui.texts import what_moved as text
from tests.pages.conftest import OWNER, STRANGER, OpenPage, measure_waiting, press, texts_of
from tests.pages.test_runs_page import finish
from tests.tiny_models import build_tiny

ROW = HeldOutRow(2, "the cat sat on the mat", None, "ham", "spam", (0.4, 0.6))


def give_model(run: Run, settings: Settings, *, rows: int = 3, family: str = "bert") -> None:
    folder = run_folder(run.id, settings)
    build_tiny(family, folder.model, head="text-classification", labels=("ham", "spam"), seed=7)
    write_predictions(folder, [replace(ROW, line=2 + i) for i in range(rows)])
    opening.open_now(run.ref)


def link(run: Run, view: str = text.CHANGES) -> dict[str, str]:
    return {state.RUN_PARAMETER: run.id, state.MOVED_VIEW: view}


def test_changes_probes_and_the_ways_to_both_models(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    run = finish(run_queue, "changed")
    page = open_page("what_moved", link=link(run))
    assert "There is no model" in page.error[0].value
    give_model(run, settings)
    page = press(open_page("what_moved", link=link(run)), "Measure")
    press(open_page("what_moved", link=link(run, text.PROBES)), "Measure")
    measure_waiting(run_queue)
    measure_waiting(run_queue)
    page = page.run()
    assert not page.error
    assert "three layers or more are needed" in texts_of(page)
    assert "3 held-out texts" in texts_of(page)
    table = page.dataframe[0].value
    assert list(table["Layer"]) == ["embeddings", "1", "2"]
    assert (table["Weights"] > 1).all(), "another seed: not one weight is the same"
    assert text.NO_MASKS in texts_of(page)
    page = open_page("what_moved", link=link(run, text.PROBES))
    assert not page.error
    assert list(page.dataframe[0].value["Layer"]) == [0, 1, 2]
    assert "the classes" in texts_of(page)
    run_queue.share(run.id, True, OWNER)
    seen = open_page("what_moved", owner=STRANGER, link=link(run, text.PROBES))
    assert "the classes" in texts_of(seen), "who may see the run finds what was measured of it"
    run_queue.share(run.id, False, OWNER)
    seen = open_page("what_moved", owner=STRANGER, link=link(run, text.PROBES))
    assert "the classes" not in texts_of(seen)
    beside = {state.BESIDE: run.ref, state.ATLAS_TEXTS: "the cat sat\nthe dog sat"}
    page = open_page("heads", link=beside)
    assert not page.error
    assert f"Beside it: run {run.id}" in page.subheader[-1].value
    nobody = open_page("heads", owner=STRANGER, link=beside)
    assert "Models belong to the browser" in nobody.error[0].value
    assert heads.PAGE.title == nobody.title[0].value


def test_maps_and_word_senses_of_both_models(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    """What stands beside is what the same page says of the other model alone."""
    run = finish(run_queue, "beside")
    give_model(run, settings)
    beside, alone = {state.BESIDE: run.ref}, {state.MODEL_PARAMETER: run.ref}
    texts = {state.EMBED_TEXTS: "the cat sat\nthe dog sat\nshe said that\nfree prize !\ncall now"}
    both = open_page("embeddings", link=beside | texts)
    assert not both.error
    assert f"Beside it: run {run.id}" in both.subheader[-1].value
    numbers = [metric.value for metric in both.metric]
    expected = [metric.value for metric in open_page("embeddings", link=alone | texts).metric]
    assert len(expected) > 1
    assert numbers[len(expected) :] == expected
    assert numbers[: len(expected)] != expected
    sentences = ("the cat sat", "one cat", "a cat !", "cat , cat")
    lines = "\n".join(f"{sense}\t{sentence}" for sense, sentence in zip("aabb", sentences, strict=True))
    word = {
        state.SENSES_SET: word_senses.OWN,
        state.SENSES_WORD: "cat",
        state.SENSES_TEXTS: lines,
    }
    both = open_page("word_senses", link=beside | word)
    assert not both.error
    with open_model(run.ref) as engine:
        senses = SensesQuestion("cat", sentences, tuple("aabb")).ask(engine)
    best = int(senses.accuracies.argmax())
    assert f"**Best in layer {best}: {senses.accuracies[best]:.0%}**" in texts_of(both)
    one = press(both, "Show one model")
    assert state.BESIDE not in one.query_params
    assert "Beside it" not in "".join(heading.value for heading in one.subheader)


@pytest.mark.parametrize(
    ("changes", "family", "rows", "said"),
    [
        ({"model": "local:tiny-bert"}, "bert", 3, "began from, 'local:tiny-bert', cannot be opened"),
        ({}, "distilbert", 3, "do not belong together: family is distilbert and bert"),
        ({}, "bert", 0, "There is no held-out text"),
    ],
)
def test_what_cannot_be_compared(
    open_page: OpenPage,
    run_queue: RunQueue,
    settings: Settings,
    changes: dict[str, str],
    family: str,
    rows: int,
    said: str,
) -> None:
    run = finish(run_queue, "odd", **changes)
    give_model(run, settings, rows=rows, family=family)
    shutil.rmtree(settings.local_models_path)
    page = open_page("what_moved", link=link(run))
    if not page.error:  # it takes the models to know
        page = press(page, "Measure")
        measure_waiting(run_queue)
        page = page.run()
    assert said in page.error[0].value.replace("\\", "")
