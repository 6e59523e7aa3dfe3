import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.questions import MaskedWordsQuestion, NextSentenceQuestion
from bert_explorer.ui.texts import masked_words as text
from tests.pages.conftest import OpenPage, press, texts_of

SENTENCE = "the cat sat on the [MASK] ."


def test_the_table_is_what_the_model_says_and_ranks_count_from_one(open_page: OpenPage) -> None:
    page = open_page("masked_words")
    page.text_area(key=state.TEXT).set_value(SENTENCE)
    page = press(page, "Predict")
    with open_model("bundled") as engine:
        expected = MaskedWordsQuestion(SENTENCE).ask(engine).masks[0].predictions
    table = page.dataframe[0].value
    assert list(table["Rank"]) == list(range(1, 11))
    assert list(table["Word"]) == [word.token for word in expected]
    assert list(table["Probability"]) == pytest.approx([100 * word.probability for word in expected])


def test_targets_are_shown_with_their_rank(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.TEXT: SENTENCE, state.MASKED_TARGETS: "mat, dog"})
    assert "Your words" in texts_of(page)
    assert sorted(page.dataframe[0].value["Word"]) == ["dog", "mat"]


def test_two_masks_get_a_figure_and_a_table_each(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.TEXT: "the [MASK] sat on the [MASK] ."})
    assert [heading.value for heading in page.subheader] == ["Mask 1, token 3 of 9", "Mask 2, token 7 of 9"]
    assert len(page.dataframe) == 2
    assert "guessed on its own" in texts_of(page)


@pytest.mark.parametrize(
    ("sentence", "targets", "message"),
    [
        ("", "", "text"),
        ("the cat sat .", "", "[MASK]"),
        ("the [MASK] " * 33, "", "32"),
        (SENTENCE, "catlike", "catlike"),
        ("word " * 200 + "[MASK]", "", "128"),
    ],
)
def test_what_cannot_be_answered_says_why_and_keeps_the_page(
    sentence: str, targets: str, message: str, open_page: OpenPage
) -> None:
    page = open_page("masked_words")
    page.text_area(key=state.TEXT).set_value(sentence)
    page.text_input(key=state.MASKED_TARGETS).set_value(targets)
    page = press(page, "Predict")
    assert len(page.error) == 1
    shown = page.error[0].value.replace("\\", "")
    assert message in shown
    assert "Something went wrong" not in shown
    assert text.EXPLANATION.seeing in texts_of(page)


def test_an_example_fills_the_form_and_is_asked_at_once(open_page: OpenPage) -> None:
    page = press(open_page("masked_words"), "Two masks")
    assert page.text_area(key=state.TEXT).value == text.EXAMPLES[-1].text
    assert len(page.subheader) == 2


def test_the_link_holds_every_control_and_reproduces_the_page(open_page: OpenPage) -> None:
    link = {state.TEXT: SENTENCE, state.MASKED_TARGETS: "mat", state.MASKED_TOP_K: "7"}
    page = open_page("masked_words", link=link)
    assert page.text_area(key=state.TEXT).value == SENTENCE
    assert page.text_input(key=state.MASKED_TARGETS).value == "mat"
    assert page.slider(key=state.MASKED_TOP_K).value == 7
    assert len(page.dataframe[1].value) == 7
    assert dict(page.query_params) == link


def test_hostile_text_is_printed_as_text(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.TEXT: "<script>alert(1)</script> [MASK]"})
    assert [error.value for error in page.error] == []
    assert "<script>" not in texts_of(page)


def test_the_code_is_the_question_on_the_page(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.TEXT: SENTENCE})
    assert page.code[0].value == MaskedWordsQuestion(SENTENCE).code("bundled").strip()


def test_next_sentence_tab_answers_its_own_question(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.MASKED_TAB: text.TABS[1]})
    page.text_area(key=state.NEXT_FIRST).set_value("the cat sat .")
    page.text_area(key=state.NEXT_SECOND).set_value("the dog looked .")
    page = press(page, "Judge")
    with open_model("bundled") as engine:
        probability = (
            NextSentenceQuestion("the cat sat .", "the dog looked .").ask(engine).is_next_probability
        )
    assert page.metric[0].value == f"{100 * probability:.1f} %"
