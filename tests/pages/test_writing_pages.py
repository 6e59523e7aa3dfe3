"""The pages Two templates and Writing: what they show is what the library says."""

import pytest

from bert_explorer.analysis.writing import Recipe, join_tokens
from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.texts import writing as text
from bert_explorer.ui.writing_questions import TemplatesQuestion, WritingQuestion
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import find_strip


def test_the_words_that_differ_are_listed_on_either_side(open_page: OpenPage) -> None:
    link = {state.TEMPLATE_FIRST: "the [MASK] sat", state.TEMPLATE_SECOND: "the [MASK] is good"}
    page = open_page("templates", link=link)
    with open_model("bundled") as engine:
        expected = TemplatesQuestion(*link.values()).ask(engine)
    for table, side in zip(page.dataframe, expected.most_different(10), strict=True):
        assert list(table.value["Word"]) == [expected.tokens[i] for i in side]
        assert list(table.value["Times"]) == sorted(table.value["Times"], reverse=True)
    assert "biases" in texts_of(page)
    assert dict(page.query_params) == link


@pytest.mark.parametrize("second", ["", "no mask", "[MASK] [MASK]"])
def test_templates_need_one_mask_each(second: str, open_page: OpenPage) -> None:
    page = open_page("templates")
    page.text_area(key=state.TEMPLATE_SECOND).set_value(second)
    page = press(page, "Compare")
    assert len(page.error) == 1
    assert "Something went wrong" not in page.error[0].value


def test_writing_goes_step_by_step(open_page: OpenPage) -> None:
    link = {state.WRITE_PROMPT: "the cat", state.WRITE_PLACES: "4", state.WRITE_PASSES: "2"}
    page = open_page("writing", link={**link, state.WRITE_STEP: "2"})
    with open_model("bundled") as engine:
        steps = WritingQuestion(Recipe("the cat", 4, 2)).ask(engine)
    table = page.dataframe[0].value
    assert list(table["Text"]) == [join_tokens(step.tokens) for step in steps]
    strip = find_strip(page, state.WRITE_STRIP)
    assert [token["label"] for token in strip["tokens"]] == list(steps[1].tokens)
    assert [i for i, token in enumerate(strip["tokens"]) if token["selected"]] == [2 + steps[1].place]
    assert [token["kind"] for token in strip["tokens"]] == ["", "", "", "", "masked", "masked"]
    assert dict(page.query_params) == link | {state.WRITE_STEP: "2"}


def test_writing_from_nothing(open_page: OpenPage) -> None:
    page = open_page("writing", link={state.WRITE_PLACES: "3"})
    page.text_input(key=state.WRITE_PROMPT).set_value("")
    page = press(page, "Write")
    assert page.error == []
    assert len(find_strip(page, state.WRITE_STRIP)["tokens"]) == 3
    assert text.WRITING_EXPLANATION.seeing in texts_of(page)
