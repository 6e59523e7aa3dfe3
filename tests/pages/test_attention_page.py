import numpy as np
import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.attention_views import strongest_link
from bert_explorer.ui.questions import AttentionQuestion
from bert_explorer.ui.texts import attention as text
from tests.pages.conftest import OpenPage, press, texts_of

SENTENCE = "the cat sat on the mat ."


def test_the_heat_map_table_is_the_chosen_head_counted_from_one(open_page: OpenPage) -> None:
    link = {
        state.ATTENTION_TEXT: SENTENCE,
        state.ATTENTION_VIEW: text.HEAT_MAP,
        state.ATTENTION_LAYER: "1",
        state.ATTENTION_HEAD: "2",
    }
    page = open_page("attention", link=link)
    with open_model("bundled") as engine:
        attention = AttentionQuestion(SENTENCE).ask(engine)
    weights = attention.attentions[0, 1]  # layer 1, head 2 on the page
    table = page.dataframe[0].value
    assert list(table["Token"]) == list(attention.tokens.tokens)
    assert list(table["at place"]) == list(weights.argmax(axis=1) + 1)
    assert list(table["Weight"]) == pytest.approx(list(weights.max(axis=1)), abs=6e-4)


@pytest.mark.parametrize("view", [text.HEAD_VIEW, text.MODEL_VIEW])
def test_bertviz_views_come_with_a_table_of_links(view: str, open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_VIEW: view})
    assert [error.value for error in page.error] == []
    frames = page.get("iframe")
    assert len(frames) == 1
    assert "bertviz" in frames[0].proto.srcdoc
    assert len(page.dataframe[0].value) == (2 if view == text.HEAD_VIEW else 4)


def test_a_pair_is_read_as_two_sentences(open_page: OpenPage) -> None:
    page = press(open_page("attention"), "Two sentences")
    example = text.EXAMPLES[1]
    assert page.text_area(key=state.ATTENTION_PAIR).value == example.pair
    assert "Sentence A" in page.get("iframe")[0].proto.srcdoc


def test_a_hostile_sentence_never_reaches_the_frame_as_markup(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: "</script><img src=x onerror=alert(1)>"})
    source = page.get("iframe")[0].proto.srcdoc
    assert "<img" not in source
    assert source.count("</script>") == 3


def test_an_empty_sentence_is_refused_in_words(open_page: OpenPage) -> None:
    page = open_page("attention")
    page.text_area(key=state.ATTENTION_TEXT).set_value("   ")
    page = press(page, "Show attention")
    assert len(page.error) == 1
    assert "Something went wrong" not in texts_of(page)


def test_a_layer_that_the_model_lacks_becomes_its_last(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_LAYER: "9"})
    assert page.slider(key=state.ATTENTION_LAYER).value in (1, 2)
    assert [error.value for error in page.error] == []


def test_the_strongest_link_leaves_out_self_and_special_tokens() -> None:
    weights = np.array([[0.9, 0.05, 0.05], [0.8, 0.15, 0.05], [0.1, 0.6, 0.3]], dtype=np.float32)
    assert strongest_link(weights, np.array([True, False, False])) == (2, 1)
    assert strongest_link(weights, np.array([True, True, False])) == (1, 0)
