import numpy as np
import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from bert_explorer.ui import opening, state
from bert_explorer.ui.texts import inside as text
from bert_explorer.ui.texts.inside_families import FAMILY_STOPS
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import click_token, find_strip
from tests.tiny_models import build_tiny

SENTENCE = "the cat sat on the mat ."
TITLES = [f"{number}. {stop.title}" for number, stop in enumerate(text.STOPS.values(), start=1)]


def link(stop: str, **more: str) -> dict[str, str]:
    title = TITLES[list(text.STOPS).index(stop)]
    return {state.INSIDE_TEXT: SENTENCE, state.INSIDE_STOP: title} | more


def test_a_link_leads_to_its_stop_layer_head_and_token(open_page: OpenPage) -> None:
    where = {state.INSIDE_LAYER: "2", state.INSIDE_HEAD: "1", state.INSIDE_TOKEN: "4"}
    page = open_page("inside", link=link("softmax", **where))
    assert [error.value for error in page.error] == []
    matrices = find_strip(page, state.INSIDE_MATRICES)["matrices"]
    with open_model("bundled") as engine:
        attention = engine.attentions(SENTENCE, layers=[1]).attentions[0, 0]
    assert [matrix["symbol"] for matrix in matrices] == ["s", "exp", "a", "A"]
    np.testing.assert_allclose(matrices[2]["values"], attention[3], atol=1e-4)
    np.testing.assert_allclose(matrices[3]["values"], attention.ravel(), atol=1e-4)
    assert matrices[3]["marked"] == 3
    assert r"\textcolor{#9c3d76}{\alpha_{ij}}" in page.latex[0].value
    assert "largest difference from the model's own numbers" in texts_of(page)


def test_the_walk_goes_through_all_stops_and_back(open_page: OpenPage) -> None:
    page = open_page("inside", link={state.INSIDE_TEXT: SENTENCE})
    for title in TITLES[1:]:
        page = press(page, "Next step")
        assert page.selectbox(key=state.INSIDE_STOP).value == title
        assert page.subheader[0].value == title.split(". ", 1)[1]
        assert [error.value for error in page.error] == []
    assert next(button for button in page.button if button.label == "Next step").disabled
    page = press(page, "Back")
    assert page.selectbox(key=state.INSIDE_STOP).value == TITLES[-2]


def test_tables_hold_the_numbers_of_the_picture(open_page: OpenPage) -> None:
    page = open_page("inside", link=link("softmax", **{state.INSIDE_TABLES: "true"}))
    matrices = find_strip(page, state.INSIDE_MATRICES)["matrices"]
    assert len(page.dataframe) == len(matrices)
    weights = page.dataframe[3].value
    assert list(weights[""]) == matrices[3]["rows"]
    numbers = weights.iloc[:, 1:].to_numpy().ravel()
    np.testing.assert_allclose(numbers, matrices[3]["values"], atol=1e-4)


def test_a_click_on_a_token_follows_it(open_page: OpenPage) -> None:
    page = click_token(open_page("inside", link=link("words")), state.INSIDE_STRIP, 2)
    assert page.slider(key=state.INSIDE_TOKEN).value == 3
    assert find_strip(page, state.INSIDE_MATRICES)["matrices"][0]["marked"] == 2
    assert "'cat' has the number" in texts_of(page)


def test_a_long_text_sends_windows_and_a_longer_one_is_refused(open_page: OpenPage) -> None:
    longest = "the " * 126
    where = link("products", **{state.INSIDE_TEXT: longest, state.INSIDE_FROM_TOKEN: "90"})
    page = open_page("inside", link=where)
    blocks = find_strip(page, state.INSIDE_MATRICES)["matrices"]
    assert blocks[1]["shape"] == [128, 16]
    assert blocks[1]["start"] == [89, 0]
    assert all(len(matrix["values"]) <= 16 * 32 for matrix in blocks)
    page = open_page("inside", link=link("products", **{state.INSIDE_TEXT: longest + "the"}))
    assert "129 tokens and the model reads 128 at once" in texts_of(page).replace("\\", "")


def test_one_token_is_a_text_too(open_page: OpenPage) -> None:
    page = open_page("inside", link=link("order", **{state.INSIDE_TEXT: "cat", state.INSIDE_TOKEN: "99"}))
    assert [error.value for error in page.error] == []
    assert "swap places" in find_strip(page, state.INSIDE_MATRICES)["matrices"][0]["title"]


def test_what_a_model_lacks_is_said_in_words(settings: Settings, open_page: OpenPage) -> None:
    for name, family, head in (("far", "mobilebert", None), ("headless", "bert", "encoder")):
        build_tiny(family, settings.local_models_path / name, head=head)
    page = open_page("inside", link=link("softmax", **{state.MODEL_PARAMETER: "local:far"}))
    assert "cannot be shown yet" in page.info[0].value
    opening.open_now("local:headless")
    page = open_page("inside", link=link("word", **{state.MODEL_PARAMETER: "local:headless"}))
    assert "no masked\\-word head" in page.info[0].value


def test_a_hostile_text_stays_a_text(open_page: OpenPage) -> None:
    page = open_page("inside", link=link("words", **{state.INSIDE_TEXT: "<img src=x> $x$ \u202e"}))
    assert [error.value for error in page.error] == []
    data = find_strip(page, state.INSIDE_MATRICES)["matrices"][0]
    assert "<" in data["rows"]
    assert "\u202e" not in "".join(data["rows"])


@pytest.mark.parametrize("family", FAMILY_STOPS)
def test_words_of_other_families_are_of_stops_that_exist(family: str) -> None:
    assert set(FAMILY_STOPS[family]) <= set(text.STOPS)


@pytest.mark.parametrize(
    ("family", "formula"),
    [
        ("bert", "s_i"),
        ("distilbert", "p_i}"),
        ("electra", r"\, W + b"),
        ("modernbert", "LayerNorm}("),
        ("deberta-v2", "e_i})"),
    ],
)
def test_the_formula_is_that_of_the_family(
    family: str, formula: str, settings: Settings, open_page: OpenPage
) -> None:
    build_tiny(family, settings.local_models_path / family)
    opening.open_now(f"local:{family}")
    page = open_page("inside", link=link("sum", **{state.MODEL_PARAMETER: f"local:{family}"}))
    assert [error.value for error in page.error] == []
    shown = page.latex[0].value
    assert formula in shown
    assert ("s_i" in shown) == (family in ("bert", "electra"))
    assert ("p_i" in shown) == (family not in ("modernbert", "deberta-v2"))
