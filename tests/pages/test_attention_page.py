import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.models.cache import open_model
from bert_explorer.results import Attention
from bert_explorer.ui import state
from bert_explorer.ui.attention_views import strongest_link
from bert_explorer.ui.components.attention_view import STEPS
from bert_explorer.ui.questions import AttentionQuestion
from bert_explorer.ui.texts import attention as text
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import find_strip, send_event

SENTENCE = "the cat sat on the mat ."


CANVAS = "attention-view"


def shown_weights(page: AppTest) -> np.ndarray:
    """What the canvas was given, as weights again."""
    data = find_strip(page, CANVAS)
    steps = np.frombuffer(base64.b64decode(data["weights"]), dtype="<i2")
    weights: np.ndarray = steps.reshape(len(data["rows"]), len(data["cols"])) / STEPS * data["largest"]
    return weights


def asked() -> Attention:
    with open_model("bundled") as engine:
        return AttentionQuestion(SENTENCE).ask(engine).expand()


@pytest.mark.parametrize("view", [text.ARCS, text.HEAT_MAP])
def test_the_canvas_and_its_table_are_the_chosen_head_counted_from_one(
    view: str, open_page: OpenPage
) -> None:
    link = {
        state.ATTENTION_TEXT: SENTENCE,
        state.ATTENTION_VIEW: view,
        state.ATTENTION_LAYER: "1",
        state.ATTENTION_HEAD: "2",
    }
    page = open_page("attention", link=link)
    attention = asked()
    weights = attention.attentions[0, 1]  # layer 1, head 2 on the page
    np.testing.assert_allclose(shown_weights(page), weights, atol=2e-4)
    data = find_strip(page, CANVAS)
    assert (data["label"], data["names"]) == ("Layer 1, head 2", list(attention.tokens.tokens))
    assert (data["heads"]["count"], data["heads"]["chosen"]) == (2, 1)
    table = page.dataframe[0].value
    assert list(table["at place"]) == list(weights.argmax(axis=1) + 1)
    assert list(table["Weight"]) == pytest.approx(list(weights.max(axis=1)), abs=6e-4)


def test_words_without_special_tokens_above_a_threshold_from_one_text_to_the_other(
    open_page: OpenPage,
) -> None:
    link = {
        state.ATTENTION_TEXT: "xylophones sat",
        state.ATTENTION_PAIR: "the cat",
        state.ATTENTION_UNITS: text.WORDS,
        state.ATTENTION_SPECIAL: "true",
        state.ATTENTION_THRESHOLD: "10",
        state.ATTENTION_BLOCK: "A>B",
        state.ATTENTION_PICK: "2",
    }
    page = open_page("attention", link=link)
    data = find_strip(page, CANVAS)
    assert data["names"] == ["xylophones", "sat", "the", "cat"]
    assert (data["rows"], data["cols"], data["threshold"], data["picked"]) == ([0, 1], [2, 3], 0.1, 1)
    assert text.HIDDEN_NOTE in texts_of(page)


def test_a_mean_over_heads_and_layers(open_page: OpenPage) -> None:
    link = {state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_MEAN: "true", state.ATTENTION_HEADS: "2"}
    page = open_page("attention", link=link)
    np.testing.assert_allclose(shown_weights(page), asked().attentions[:, 1].mean(axis=0), atol=2e-4)
    assert find_strip(page, CANVAS)["label"] == "Mean of layers 1, 2, heads 2"
    assert find_strip(page, CANVAS)["heads"] is None


def test_a_click_on_a_token_is_in_the_link_and_a_click_on_a_head_opens_it(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE})
    page = send_event(page, CANVAS, "pick", 3)
    assert page.query_params[state.ATTENTION_PICK] in ("4", ["4"])
    assert find_strip(page, CANVAS)["picked"] == 3
    page = send_event(page, CANVAS, "head", 0)
    assert page.slider(key=state.ATTENTION_HEAD).value == 1
    assert find_strip(page, CANVAS)["label"].endswith("head 1")
    page = send_event(page, CANVAS, "pick", -1)
    assert state.ATTENTION_PICK not in page.query_params


@pytest.mark.parametrize("forged", [99, True, "1", None, {"head": 1}])
def test_what_is_no_index_picks_and_opens_nothing(forged: object, open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE})
    label = find_strip(page, CANVAS)["label"]
    page = send_event(page, CANVAS, "pick", forged)
    page = send_event(page, CANVAS, "head", forged)
    assert find_strip(page, CANVAS)["picked"] is None
    assert find_strip(page, CANVAS)["label"] == label
    assert [error.value for error in page.error] == []


def test_views_change_without_another_forward_pass(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE})
    with open_model("bundled") as engine:
        monkeypatch.setattr(engine._worker._answerer._forward, "run", lambda *_: pytest.fail("computed"))
    for view in text.VIEWS:
        page = page.segmented_control(key=state.ATTENTION_VIEW).set_value(view).run()
        assert [error.value for error in page.error] == []
    page = page.slider(key=state.ATTENTION_LAYER).set_value(1).run()
    assert [error.value for error in page.error] == []


def test_the_table_lists_links_strongest_first(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_VIEW: text.TABLE})
    table = page.dataframe[0].value
    assert len(table) == 9 * 9
    assert list(table["Weight"]) == sorted(table["Weight"], reverse=True)


@pytest.mark.parametrize("view", [text.HEAD_VIEW, text.MODEL_VIEW])
def test_bertviz_views_come_with_a_table_of_links(view: str, open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: SENTENCE, state.ATTENTION_VIEW: view})
    assert [error.value for error in page.error] == []
    frames = page.get("iframe")
    assert len(frames) == 1
    assert "bertviz" in frames[0].proto.srcdoc
    assert len(page.dataframe[0].value) == (2 if view == text.HEAD_VIEW else 4)


def test_a_pair_is_read_as_two_sentences(open_page: OpenPage) -> None:
    page = press(open_page("attention", link={state.ATTENTION_VIEW: text.HEAD_VIEW}), "Two sentences")
    example = text.EXAMPLES[1]
    assert page.text_area(key=state.ATTENTION_PAIR).value == example.pair
    assert "Sentence A" in page.get("iframe")[0].proto.srcdoc


def test_a_hostile_sentence_never_reaches_the_frame_as_markup(open_page: OpenPage) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    page = open_page("attention", link={state.ATTENTION_TEXT: evil, state.ATTENTION_VIEW: text.HEAD_VIEW})
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
