import numpy as np
import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.ui import opening, state
from bert_explorer.ui.head_questions import AtlasQuestion
from bert_explorer.ui.head_views import atlas_rows
from bert_explorer.ui.texts import heads as text
from tests.hostile import SCRIPTS
from tests.pages.conftest import OpenPage, press, texts_of
from tests.tiny_models import build_tiny

TEXTS = "the cat sat on the mat .\nwe look at the dog"


def test_the_table_ranks_all_heads_by_the_measure_of_the_link(open_page: OpenPage) -> None:
    name = text.MEASURES["previous"].name
    page = open_page("heads", link={state.ATLAS_TEXTS: TEXTS, state.ATLAS_STATISTIC: name})
    with open_model("bundled") as engine:
        values = AtlasQuestion(tuple(TEXTS.splitlines())).ask(engine).statistic("previous")
    table = page.dataframe[0].value
    assert list(table[name]) == pytest.approx(sorted(100 * values.ravel(), reverse=True), abs=1e-3)
    layer, head = np.unravel_index(values.argmax(), values.shape)
    assert table["Head"][0] == f"{layer + 1}-{head + 1}"
    assert [error.value for error in page.error] == []


def test_what_is_known_of_the_chosen_head_leads_to_its_attention(open_page: OpenPage) -> None:
    link = {state.ATLAS_TEXTS: TEXTS, state.ATLAS_LAYER: "2", state.ATLAS_HEAD: "1"}
    page = open_page("heads", link=link)
    with open_model("bundled") as engine:
        atlas = AtlasQuestion(tuple(TEXTS.splitlines())).ask(engine)
    known = page.dataframe[1].value
    entropy = atlas.statistic("entropy")
    assert page.subheader[0].value == "Layer 2, head 1"
    assert known["Value"][0] == f"{entropy[1, 0]:.2f} bits"
    assert known["Rank"][0] == f"{1 + int((entropy > entropy[1, 0]).sum())} of 4"
    query = page.get("page_link")[0].proto.query_string
    assert "layer=2" in query
    assert "head=1" in query
    assert "sentence=the+cat+sat+on+the+mat" in query


def test_the_best_relation_is_measured_when_it_is_asked_for(open_page: OpenPage) -> None:
    page = open_page(
        "heads", link={state.ATLAS_TEXTS: TEXTS, state.ATLAS_STATISTIC: text.MEASURES[text.RELATION].name}
    )
    assert [error.value for error in page.error] == []
    assert all(" of " in line for line in page.dataframe[0].value["Follows"])
    assert "grammatical relation" in texts_of(page)


def test_a_model_without_a_loss_offers_no_importance(open_page: OpenPage, settings: Settings) -> None:
    build_tiny("bert", settings.local_models_path / "plain", head="encoder")
    opening.open_now("local:plain")
    link = {state.MODEL_PARAMETER: "local:plain", state.ATLAS_TEXTS: TEXTS}
    page = open_page("heads", link=link | {state.ATLAS_STATISTIC: text.MEASURES["importance"].name})
    box = page.selectbox(key=state.ATLAS_STATISTIC)
    assert text.MEASURES["importance"].name not in box.options
    assert box.value == text.MEASURES["entropy"].name
    assert [error.value for error in page.error] == []


def test_texts_that_cannot_be_read_are_refused_in_words(open_page: OpenPage) -> None:
    page = open_page("heads")
    page.text_area(key=state.ATLAS_TEXTS).set_value("  \n ")
    page = press(page, "Measure the heads")
    assert "There are no texts" in page.error[0].value
    page.text_area(key=state.ATLAS_TEXTS).set_value("\u200b")
    page = press(page, "Measure the heads")
    assert len(page.error) == 1
    assert "Something went wrong" not in texts_of(page)


def test_texts_of_any_script_are_measured(open_page: OpenPage) -> None:
    page = open_page("heads", link={state.ATLAS_TEXTS: "\n".join(SCRIPTS)})
    assert [error.value for error in page.error] == []
    with open_model("bundled") as engine:
        values = AtlasQuestion(SCRIPTS).ask(engine).statistic("entropy")
    name = text.MEASURES["entropy"].name
    assert list(page.dataframe[0].value[name]) == pytest.approx(
        sorted(values.ravel(), reverse=True), abs=1e-3
    )


def test_before_the_model_is_open_the_atlas_has_its_stored_answer(open_page: OpenPage) -> None:
    page = open_page("heads", owner=None)
    assert len(page.dataframe[0].value) == 72  # of the model that the product ships


def test_every_number_is_in_the_table_file(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        atlas = AtlasQuestion(("the cat sat",)).ask(engine)
    rows = list(atlas_rows(atlas))
    assert len(rows) == 8 * 4
    assert rows[1] == (1, 2, "entropy", f"{atlas.statistic('entropy')[0, 1]:.6g}")
