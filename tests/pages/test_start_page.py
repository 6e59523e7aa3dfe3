from bert_explorer.models.cache import open_model
from bert_explorer.ui.openings import START_QUESTION
from bert_explorer.ui.texts.start import CARDS
from tests.pages.conftest import OpenPage, texts_of


def test_the_example_shows_what_the_model_says(open_page: OpenPage) -> None:
    page = open_page("start")
    with open_model("bundled") as engine:
        words = START_QUESTION.ask(engine).masks[0].predictions
    assert len(words) == 5
    bodies = [element.proto.body for element in page.get("html")]
    tables = [body for body in bodies if body.startswith("<table")]
    assert len(tables) == 1
    for word in words:
        assert f"{100 * word.probability:.1f} %" in tables[0]


def test_every_card_leads_to_a_page_and_promises_something(open_page: OpenPage) -> None:
    page = open_page("start")
    assert len(page.get("page_link")) == len(CARDS) > 0
    for card in CARDS:
        assert card.promise in texts_of(page)
