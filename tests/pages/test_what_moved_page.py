"""The page What moved, and what stands in its way: bases that are gone, rows that are not there."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.training.predictions import HeldOutRow, write_predictions
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import opening, progress, state
from bert_explorer.ui.embedding_questions import SensesQuestion
from bert_explorer.ui.texts import beside as beside_text
from bert_explorer.ui.texts import heads, inside, masked_words, probes, word_senses
from bert_explorer.ui.texts import what_moved as text
from tests.pages.conftest import OWNER, STRANGER, OpenPage, measure_waiting, press, texts_of
from tests.pages.test_inside_page import TITLES as STOPS
from tests.pages.test_runs_page import finish
from tests.strip_clicks import find_strip
from tests.tiny_models import build_tiny

TITLES = dict(zip(inside.STOPS, STOPS, strict=True))
ROW = HeldOutRow(2, "the cat sat on the mat", None, "ham", "spam", (0.4, 0.6))


def give_model(run: Run, settings: Settings, *, rows: int = 3, family: str = "bert") -> None:
    folder = run_folder(run.id, settings)
    build_tiny(family, folder.model, head="text-classification", labels=("ham", "spam"), seed=7)
    write_predictions(folder, [replace(ROW, line=2 + i) for i in range(rows)])
    opening.open_now(run.ref)


def link(run: Run, view: str = text.CHANGES) -> dict[str, str]:
    return {state.RUN_PARAMETER: run.id, state.MOVED_VIEW: view}


def alts_of(page: AppTest) -> list[str]:
    """What those hear of the figures who do not see them."""
    return [figure.proto.alt for figure in page.get("plotly_chart")]  # type: ignore[attr-defined]


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
    assert f"Beside it: changed \\({run.id[:4]}\\)" in page.subheader[-1].value
    assert alts_of(page)[-2:] == [beside_text.SECOND_ALT, beside_text.HEADS_ALT]
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
    assert f"Beside it: beside \\({run.id[:4]}\\)" in both.subheader[-1].value
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


def test_similarity_films_and_probes_of_both_models(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SHOWN_AFTER_S", 0.0)  # a bar with its button for each of both
    run = finish(run_queue, "beside")
    give_model(run, settings)
    beside, alone = {state.BESIDE: run.ref}, {state.MODEL_PARAMETER: run.ref}
    texts = ("the cat sat", "the dog sat", "free prize !")
    link = {state.SIMILAR_TEXTS: "\n".join(texts), state.EMBED_LAYER: "1"}
    both = open_page("similarity", link=beside | link)
    assert not both.error
    pairs, second, changes = (item.value for item in both.dataframe)
    expected = open_page("similarity", link=alone | link).dataframe[0].value
    np.testing.assert_allclose(second["cosine"].astype(float), expected["Cosine"], atol=1e-6)
    before = {(row["First"], row["Second"]): row["Cosine"] for _, row in pairs.iterrows()}
    after = {(row["First"], row["Second"]): row["Cosine"] for _, row in expected.iterrows()}
    for _, row in changes.iterrows():
        pair = (row["first"], row["second"])
        assert row["second minus first"] == pytest.approx(after[pair] - before[pair], abs=2e-4)
    assert changes["second minus first"].abs().is_monotonic_decreasing
    assert [button.label for button in both.get("download_button")].count("Matrix (CSV)") == 3
    assert alts_of(both)[1:] == [beside_text.SECOND_ALT, beside_text.SIMILARITY_ALT]

    link = {state.EMBED_TEXTS: "\n".join((*texts, "call now", "one cat"))}
    both = open_page("layer_film", link=beside | link)
    assert not both.error
    disparities = both.dataframe[-1].value
    assert list(disparities["layer"]) == [0, 1, 2]
    assert (disparities["disparity"] > 0).all()
    assert alts_of(both)[-1] == beside_text.DISPARITY_ALT

    lines = "\n".join(f"{word}s\tthe {word} sat on mat {i}" for i in range(15) for word in ("cat", "dog"))
    link = {state.PROBE_TASK: probes.LABELS, state.EMBED_TEXTS: lines}
    both = open_page("probes", link=beside | link)
    both = press(both, "Start probing")  # once, for both
    assert not both.error
    one, other, differences = (item.value for item in both.dataframe)
    alone_too = press(open_page("probes", link=alone | link), "Start probing").dataframe[0].value
    assert [f"{value:.1%}" for value in other["accuracy"]] == list(alone_too["Accuracy"])
    assert list(differences["first"]) == list(one["Accuracy"])
    assert list(differences["second"]) == list(alone_too["Accuracy"])


def test_the_walk_and_the_masked_words_of_both_models(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    """A classifier has no head that names words, and the page says so; a model that kept it is shown."""
    run = finish(run_queue, "beside")
    give_model(run, settings)
    beside = {state.BESIDE: run.ref, state.INSIDE_TEXT: "the cat sat", state.INSIDE_LAYER: "2"}
    page = open_page("inside", link=beside | {state.INSIDE_STOP: TITLES["softmax"]})
    assert not page.error
    own, other = (
        np.array(find_strip(page, key)["matrices"][-1]["values"])
        for key in (state.INSIDE_MATRICES, state.INSIDE_BESIDE)
    )
    with open_model(run.ref) as engine:
        attention = engine.attentions("the cat sat", layers=[1]).attentions[0]
    np.testing.assert_allclose(other, attention[inside.DEFAULT_HEAD - 1].ravel(), atol=1e-4)
    distances = page.dataframe[-1].value
    assert float(distances["Largest difference"].iloc[-1]) == pytest.approx(abs(other - own).max(), abs=1e-3)
    page = open_page("inside", link=beside | {state.INSIDE_STOP: TITLES["word"]})
    assert not page.error
    assert "for the last step choose a model that predicts words" in texts_of(page)

    words = {state.TEXT: "the [MASK] sat", state.BESIDE: run.ref}
    page = open_page("masked_words", link=words)
    assert not page.error
    assert "there is nothing of it to show here" in texts_of(page)
    build_tiny("bert", run_folder(run.id, settings).model, seed=7)
    opening.forget_openings()
    opening.open_now("bundled")
    opening.open_now(run.ref)
    page = open_page("masked_words", link=words)
    assert not page.error
    alone = open_page("masked_words", link=words | {state.MODEL_PARAMETER: run.ref})
    assert page.dataframe[1].value.equals(alone.dataframe[0].value)
    page = open_page("masked_words", link=words | {state.MASKED_VIEW: masked_words.BY_LAYER})
    assert beside_text.OTHER_VIEW.format(view=masked_words.EACH_MASK) in texts_of(page)


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
