import numpy as np
import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.embedding_questions import SensesQuestion
from bert_explorer.ui.sense_views import path_header, path_rows, sense_rows
from bert_explorer.ui.texts import word_senses as text
from tests.pages.conftest import OpenPage, press, texts_of


def test_a_bundled_word_is_compared_in_every_layer(open_page: OpenPage) -> None:
    page = open_page("word_senses", link={state.SENSES_SET: "spring", state.EMBED_LAYER: "1"})
    assert [error.value for error in page.error] == []
    curve, occurrences, path = (item.value for item in page.dataframe)
    assert list(path["layer"]) == [0, 1, 2]
    assert list(curve["Layer"]) == [0, 1, 2]
    assert len(occurrences) == 30
    assert set(occurrences["Label"]) == {"season", "coil", "water"}
    assert "reaches 33%" in texts_of(page)


def test_own_sentences_are_followed(open_page: OpenPage) -> None:
    link = {
        state.SENSES_SET: text.OWN,
        state.SENSES_WORD: "cat",
        state.SENSES_TEXTS: "a\tthe cat sat\na\tone cat\nb\ta cat !\nb\tcat , cat",
        state.SENSES_ROW: "3",
    }
    page = open_page("word_senses", link=link)
    assert list(page.dataframe[1].value["Text"]) == ["the cat sat", "one cat", "a cat !", "cat , cat"]
    assert page.text[0].value == "a cat !"
    page.text_input(key=state.SENSES_WORD).set_value("dog")
    page = press(page, "Compare")
    assert "does not hold the word" in page.error[0].value.replace("\\", "")


@pytest.mark.usefixtures("settings")
def test_files_hold_every_layer_of_the_selected_sentences() -> None:
    question = SensesQuestion("cat", ("the cat", "one cat", "a cat !", "cat , cat"), tuple("aabb"))
    with open_model("bundled") as engine:
        answer = question.ask(engine)
    rows = sense_rows(answer, [2])
    assert [row[:4] for row in rows] == [(layer, 3, "b", "a cat !") for layer in range(3)]
    assert [row[5] for row in rows] == answer.hits[:, 2].tolist()
    path = np.array(path_rows(answer, 2))
    np.testing.assert_allclose(path[:, 1:], answer.similarities[:, 2], atol=1e-4)
    assert path_header(answer) == ("layer", "cosine with a", "cosine with b")
