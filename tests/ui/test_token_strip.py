"""The Python half of the token strip; tests/e2e/test_token_strip.py has the browser's half."""

import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.settings import REPOSITORY
from tests.strip_clicks import click_token, find_strip


@pytest.fixture
def page(_one_component_scan: None) -> AppTest:
    return AppTest.from_file(str(REPOSITORY / "tests" / "e2e" / "strip_app.py"), default_timeout=60).run()


def shown(page: AppTest) -> list[str]:
    return [item.value for item in page.markdown]


def test_a_click_is_told_once_and_its_callback_runs_first(page: AppTest) -> None:
    assert shown(page) == ["clicked: None; chosen: []", "one: None"]
    assert shown(click_token(page, "many", 2)) == ["clicked: 2; chosen: [2]", "one: None"]
    assert [i for i, token in enumerate(find_strip(page, "many")["tokens"]) if token["selected"]] == [2]
    page.button[0].click().run()
    assert shown(page)[0] == "clicked: None; chosen: [2]"
    assert shown(click_token(page, "many", 2))[0] == "clicked: 2; chosen: []"


def test_strips_on_one_page_are_told_apart(page: AppTest) -> None:
    assert shown(click_token(page, "single", 3)) == ["clicked: None; chosen: []", "one: 3"]


@pytest.mark.parametrize("forged", [-1, 11, 10**9, True, "2", 2.0, None, [2], {"index": 2}])
def test_what_is_no_index_is_no_click(page: AppTest, forged: object) -> None:
    assert shown(click_token(page, "many", forged))[0] == "clicked: None; chosen: []"


def test_invisible_characters_are_made_visible(page: AppTest) -> None:
    tokens = find_strip(page, "many")["tokens"]
    assert tokens[9]["label"] == "‹202E›evil"
    assert tokens[9]["lines"] == ["word 9", "‹202E›evil"]
