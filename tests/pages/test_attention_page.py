import base64
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

from bert_explorer.models.cache import open_model
from bert_explorer.results import Attention
from bert_explorer.settings import Settings
from bert_explorer.ui import opening, state
from bert_explorer.ui.attention_questions import AttentionQuestion, SummariesQuestion
from bert_explorer.ui.attention_views import strongest_link
from bert_explorer.ui.components.attention_view import STEPS
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
    example = next(item for item in text.EXAMPLES if item.name == "Two sentences")
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


SUMMARIES_TAB, PAIRS_TAB = text.TABS[1:]


def test_what_matters_for_a_masked_word(open_page: OpenPage) -> None:
    masked = "the [MASK] sat on the mat ."
    link = {state.ATTENTION_TEXT: masked, state.ATTENTION_TAB: SUMMARIES_TAB, state.SUMMARY_TARGET: "dog"}
    page = open_page("attention", link=link)
    with open_model("bundled") as engine:
        answer = SummariesQuestion(masked, target="dog").ask(engine)
    assert "Prediction: **dog**" in texts_of(page)
    rho, tau, table = (frame.value for frame in page.dataframe)
    kept = [1, 3, 4, 5, 6, 7]  # neither special tokens nor the mask itself
    expected = stats.spearmanr(answer.scores[0, kept], answer.scores[3, kept]).statistic
    assert rho[text.METHODS["gradients"]][0] == pytest.approx(expected, abs=0.006)
    expected = stats.kendalltau(answer.scores[1, kept], answer.scores[2, kept]).statistic
    assert tau[text.METHODS["norms"]][1] == pytest.approx(expected, abs=0.006)
    assert list(table[text.METHODS["rollout"]]) == pytest.approx(list(answer.scores[1]), abs=1e-5)
    page = page.text_input(key=state.SUMMARY_TARGET).set_value("xylophones").run()
    assert "splits into" in page.error[0].value


def test_what_matters_without_a_prediction_and_with_few_tokens(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: "cat", state.ATTENTION_TAB: SUMMARIES_TAB})
    assert [item.value for item in page.info] == [text.NO_PREDICTION]
    assert "fewer than 3 tokens cannot be compared" in texts_of(page)
    assert [error.value for error in page.error] == []


def test_what_matters_for_a_class(open_page: OpenPage, settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    opening.open_now("local:classes")
    link = {state.MODEL_PARAMETER: "local:classes", state.ATTENTION_TAB: SUMMARIES_TAB}
    page = open_page("attention", link=link)
    page = page.selectbox(key=state.SUMMARY_TARGET).set_value("spam").run()
    assert "Prediction: **spam**" in texts_of(page)
    assert list(page.dataframe[0].value.columns) == ["", *text.METHODS.values()]


def difference_of(page: AppTest) -> np.ndarray:
    data = find_strip(page, "attention-difference-view")
    steps = np.frombuffer(base64.b64decode(data["weights"]), dtype="<i2")
    weights: np.ndarray = steps.reshape(len(data["rows"]), -1) / STEPS * data["largest"]
    return weights


def test_two_texts_that_differ_in_a_word(open_page: OpenPage) -> None:
    link = {
        state.ATTENTION_TEXT: "the cat sat",
        state.COMPARE_TEXT: "the dog sat",
        state.ATTENTION_TAB: PAIRS_TAB,
        state.ATTENTION_HEAD: "1",
    }
    page = open_page("attention", link=link)
    with open_model("bundled") as engine:
        first, second = (engine.attentions(item).attentions for item in ("the cat sat", "the dog sat"))
    np.testing.assert_allclose(difference_of(page), second[1, 0] - first[1, 0], atol=6e-4)
    data = find_strip(page, "attention-difference-view")
    assert (data["names"][2], data["diverging"]) == ("cat/dog", True)
    page = page.text_area(key=state.COMPARE_TEXT).set_value("the dog sat on the mat").run()
    assert "5 tokens and the second 8" in page.info[0].value.replace("\\", "")
    assert find_strip(page, "attention-2-view")["names"][4] == "on"
    assert not [item for item in page.get("bidi_component") if "difference" in item.proto.id]


def test_two_models(open_page: OpenPage) -> None:
    link = {
        state.ATTENTION_TEXT: "the cat sat",
        state.ATTENTION_TAB: PAIRS_TAB,
        state.COMPARE_WHAT: text.TWO_MODELS,
        state.COMPARE_MODEL: "local:tiny-bert",
    }
    opening.open_now("local:tiny-bert")
    page = open_page("attention", link=link)
    np.testing.assert_allclose(difference_of(page), 0)  # a copy of the same weights
    page = open_page("attention", link=link | {state.COMPARE_MODEL: "run:somebody-elses"})
    assert len(page.error) == 1
    assert "somebody" in page.error[0].value
    assert "Something went wrong" not in texts_of(page)


@pytest.mark.parametrize("hidden", ["false", "true"])
@pytest.mark.parametrize(
    "sentence", ["cat", "日本語 \N{CAT FACE} \u202eevil\u202c \u05e9\u05dc\u05d5\u05dd <b>&amp;"]
)
def test_every_view_shows_one_token_and_any_script(sentence: str, hidden: str, open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_TEXT: sentence, state.ATTENTION_SPECIAL: hidden})
    assert not any("\u202e" in name for name in find_strip(page, CANVAS)["names"])
    for view in text.VIEWS:
        page = page.segmented_control(key=state.ATTENTION_VIEW).set_value(view).run()
        assert [error.value for error in page.error] == []


@pytest.mark.parametrize("tab", text.TABS)
def test_a_text_beyond_the_limit_is_refused_with_the_limit(tab: str, open_page: OpenPage) -> None:
    link = {state.ATTENTION_TEXT: "the " * 127, state.ATTENTION_TAB: tab, state.COMPARE_TEXT: "the"}
    page = open_page("attention", link=link)
    assert len(page.error) == 1
    assert "129 tokens and the model reads 128" in page.error[0].value


def test_a_link_with_a_number_beyond_reading_picks_nothing(open_page: OpenPage) -> None:
    page = open_page("attention", link={state.ATTENTION_PICK: "9" * 5000})
    assert [error.value for error in page.error] == []
    assert not page.exception
    assert "Something went wrong" not in texts_of(page)
