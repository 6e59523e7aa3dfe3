import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.masked_questions import JointQuestion, LayersQuestion, MaskedWordsQuestion
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion
from bert_explorer.ui.texts import masked_words as text
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import click_token, find_strip

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


def test_words_of_pieces_and_lists_are_ranked(open_page: OpenPage) -> None:
    link = {state.TEXT: SENTENCE, state.MASKED_TARGETS: "catlike", state.MASKED_LIST: "Pronouns"}
    page = open_page("masked_words", link=link)
    assert page.error == []
    table = page.dataframe[0].value
    assert set(table["Word"]) == {"catlike", *text.LISTS["Pronouns"]}
    assert list(table["Probability"]) == sorted(table["Probability"], reverse=True)
    assert sum(table["Of these"]) == pytest.approx(100)
    assert "Of these 8 words" in texts_of(page)
    assert dict(page.query_params) == link


def upload_list(open_page: OpenPage, content: str) -> AppTest:
    page = open_page("masked_words", link={state.TEXT: SENTENCE, state.MASKED_LIST: text.OWN_LIST})
    page.file_uploader(key=state.MASKED_FILE).set_value(("words.txt", content.encode(), "text/plain"))
    return page.run()


def test_words_of_an_uploaded_list_are_ranked(open_page: OpenPage) -> None:
    page = upload_list(open_page, "dog\n\n mat \r\ncatlike\ndog\n")
    assert page.error == []
    table = page.dataframe[0].value
    assert set(table["Word"]) == {"dog", "mat", "catlike"}
    assert list(table["Probability"]) == sorted(table["Probability"], reverse=True)
    assert sum(table["Of these"]) == pytest.approx(100)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("cat\n" * 100_000, "holds 100,000 words; at most 2,000"),
        ("\n \n", "holds no word"),
        ("\u65e5\u672c", "does not know"),
    ],
)
def test_a_list_that_cannot_be_ranked_says_why(content: str, message: str, open_page: OpenPage) -> None:
    page = upload_list(open_page, content)
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")
    assert all(len(code.value) < 1_000 for code in page.code)


@pytest.mark.parametrize("view", text.VIEWS)
def test_forty_masks_are_refused_with_the_limit(view: str, open_page: OpenPage) -> None:
    link = {state.TEXT: "the [MASK] " * 40, state.MASKED_VIEW: view}
    page = open_page("masked_words", link=link)
    assert len(page.error) == 1
    assert "40 masks" in page.error[0].value.replace("\\", "")


def test_a_click_hides_a_word_and_another_shows_it(open_page: OpenPage) -> None:
    page = open_page("masked_words", link={state.TEXT: "The cat's on [MASK] mat."})
    labels = [token["label"] for token in find_strip(page, state.MASKED_STRIP)["tokens"]]
    assert labels == ["The", "cat's", "on", "[MASK]", "mat", "."]
    page = click_token(page, state.MASKED_STRIP, 1)
    assert page.text_area(key=state.TEXT).value == "The [MASK] on [MASK] mat."
    assert len(page.subheader) == 2
    assert [i for i, t in enumerate(find_strip(page, state.MASKED_STRIP)["tokens"]) if t["selected"]] == [
        1,
        3,
    ]
    page = click_token(page, state.MASKED_STRIP, 3)  # this mask was typed: nobody knows the word
    assert page.text_area(key=state.TEXT).value == "The [MASK] on [MASK] mat."
    page = click_token(page, state.MASKED_STRIP, 1)
    assert page.text_area(key=state.TEXT).value == "The cat's on [MASK] mat."


def test_masks_filled_together(open_page: OpenPage) -> None:
    link = {state.TEXT: "the [MASK] sat on the [MASK] .", state.MASKED_VIEW: text.TOGETHER}
    page = open_page("masked_words", link=link)
    with open_model("bundled") as engine:
        expected = JointQuestion(link[state.TEXT]).ask(engine)
    table = page.dataframe[0].value
    assert list(table["Filling"])[:-1] == [" · ".join(item.words) for item in expected.found]
    assert table["Joint score"][0] == pytest.approx(expected.found[0].log_probability)
    assert list(table["How"])[-1] == "each alone"
    assert dict(page.query_params) == link


def test_each_layer_guesses(open_page: OpenPage) -> None:
    link = {
        state.TEXT: "the [MASK] sat on the [MASK] .",
        state.MASKED_VIEW: text.BY_LAYER,
        state.MASKED_LAYER_MASK: "2",
    }
    page = open_page("masked_words", link=link)
    with open_model("bundled") as engine:
        expected = LayersQuestion(link[state.TEXT], 1).ask(engine)
    table = page.dataframe[0].value
    assert list(table["Layer"]) == [0, 1, 2]
    assert list(table["Rank"]) == [item.final.rank for item in expected]
    assert list(table["Rank"])[-1] == 1
    assert dict(page.query_params) == link


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
        (SENTENCE, "x" * 60, "60 pieces"),
        (SENTENCE, "日本", "does not know"),
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
