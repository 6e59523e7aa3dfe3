"""The page Film of a training: its own film, somebody else's, and runs without one."""

from bert_explorer.settings import Settings
from bert_explorer.training.film.file import write_film
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.texts import training_film as text
from tests.pages.conftest import STRANGER, OpenPage, texts_of
from tests.pages.test_runs_page import finish
from tests.training.film.synthetic import make_film


def film_of(run: Run) -> dict[str, str]:
    return {state.RUN_PARAMETER: run.id, state.FILM_MOMENT: "4"}


def test_a_film_and_its_closer_looks(open_page: OpenPage, run_queue: RunQueue, settings: Settings) -> None:
    run = finish(run_queue, "filmed")
    page = open_page("training_film", link=film_of(run))
    assert "has no film" in page.error[0].value
    write_film(run_folder(run.id, settings).film, make_film())
    page = open_page("training_film", link=film_of(run))
    assert not page.error
    table = page.dataframe[0].value
    assert list(table.columns) == list(text.EXAMPLE_HEADER)
    assert table["Example"][0] == "the cat <b>sat</b>"
    assert table["Flips"].tolist() == [2, 0, 1, 1]
    page = open_page("training_film", link=film_of(run) | {state.FILM_VIEW: text.CLASSES})
    assert page.dataframe[0].value["Right"].tolist() == [0.5, 0.5], "at the moment of the link"
    page = open_page("training_film", link=film_of(run) | {state.FILM_VIEW: text.LAYERS})
    assert page.dataframe[0].value["Moved"].tolist() == [0.05, 0.1, 0.15, 0.45]
    assert "**layer 2** (0.150)" in texts_of(page)
    page = open_page("training_film", link=film_of(run) | {state.FILM_VIEW: text.HEADS})
    assert not page.error
    assert "**head 2-2** (7.000)" in texts_of(page)


def test_a_shared_film_shows_no_text(open_page: OpenPage, run_queue: RunQueue, settings: Settings) -> None:
    run = finish(run_queue, "theirs", owner=STRANGER)
    write_film(run_folder(run.id, settings).film, make_film())
    page = open_page("training_film", link=film_of(run))
    assert not page.dataframe, "not shared yet"
    run_queue.share(run.id, True, STRANGER)
    page = open_page("training_film", link=film_of(run))
    assert page.dataframe[0].value["Example"].tolist() == ["line 2", "line 3", "line 5", "line 9"]


def test_a_model_that_gives_one_label(open_page: OpenPage, run_queue: RunQueue, settings: Settings) -> None:
    run = finish(run_queue, "stubborn")
    film = make_film()
    write_film(run_folder(run.id, settings).film, make_film(answers=film.answers[[1, 2, 0]]))
    assert "given one label: ham" in texts_of(open_page("training_film", link=film_of(run)))
    run_folder(run.id, settings).film.write_bytes(b"junk")
    assert "damaged" in open_page("training_film", link=film_of(run)).error[0].value
