"""The programs of Similarity, Search and Groups run, and print what the pages show."""

import pytest

from bert_explorer.analysis.similarity import compute_similarities, find_nearest
from bert_explorer.models.cache import open_model
from bert_explorer.ui.embedding_questions import FilmQuestion, LabelsQuestion, SensesQuestion, TextsQuestion
from bert_explorer.ui.similarity_code import groups_code, matrix_code, search_code
from tests.ui.test_questions import run

pytestmark = pytest.mark.usefixtures("settings")
QUESTION = TextsQuestion(("the cat sat", 'it\'s a "dog"', "free prize !", "call now"), 1)


def test_the_matrix_is_printed() -> None:
    with open_model("bundled") as engine:
        vectors = QUESTION.ask(engine).vectors
    rows = [
        [float(cell) for cell in line.split()]
        for line in run(matrix_code(QUESTION, "bundled", centre=False)).splitlines()
    ]
    assert rows == [pytest.approx(row, abs=1e-3) for row in compute_similarities(vectors, vectors).tolist()]


def test_the_search_finds_the_same() -> None:
    with open_model("bundled") as engine:
        vectors = QUESTION.ask(engine).vectors
        query = TextsQuestion(("a cat",), 1).ask(engine).vectors[0]
    found = run(search_code(QUESTION, "a cat", "bundled", count=2, centre=True)).splitlines()
    expected = find_nearest(query, vectors, 2, centre=True)
    assert [line.partition("  ")[2] for line in found] == [QUESTION.texts[match.row] for match in expected]


def test_groups_film_senses_and_probes_run() -> None:
    assert len(run(groups_code(QUESTION, "bundled", method="kmeans", number=2)).splitlines()) == 2
    assert len(run(FilmQuestion(QUESTION.texts).code("bundled")).splitlines()) == 3
    senses = SensesQuestion("cat", ("the cat", "a cat", "cat !", "one cat"), tuple("aabb"))
    assert len(run(senses.code("bundled")).splitlines()) == 3
    labels = LabelsQuestion(tuple(f"the {'cat' if i % 2 else 'dog'} {i}" for i in range(30)), ("a", "b") * 15)
    assert run(labels.code("bundled")).count("control") == 3
