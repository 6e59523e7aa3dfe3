"""What a film shows, by hand on four examples and three moments."""

from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.analysis import training_film as analysis
from bert_explorer.results import FilmItem
from tests.training.film.synthetic import HAM, make_film


def test_one_basis_shows_what_moves_and_not_the_common_drift() -> None:
    places = analysis.project_moments(make_film(), 2)
    x, y = places.coordinates[..., 0], places.coordinates[..., 1]
    np.testing.assert_allclose(np.abs(x), [[0] * 4, [1] * 4, [2] * 4], atol=1e-3)
    assert (np.sign(x[1]) == np.sign(x[2])).all(), "nothing is turned between two moments"
    np.testing.assert_allclose(np.abs(y), 0.1, atol=1e-3)
    np.testing.assert_allclose(places.shares, 1, atol=1e-6)
    assert not analysis.project_moments(make_film(), 1).coordinates.any(), "all vectors are one"


def test_flips_by_hand() -> None:
    film = make_film()
    assert analysis.count_flips(film.rights).tolist() == [2, 0, 1, 1]
    assert analysis.right_since(film) == [10, 0, 4, 10]
    wrong = replace(film, rights=np.zeros_like(film.rights))
    assert analysis.right_since(wrong) == [None] * 4
    assert analysis.answers_in_words(film, 0) == ["ham"] * 4
    assert analysis.one_answer(film) is None
    same = replace(film, answers=film.answers[[1, 2, 0]])
    assert analysis.one_answer(same) == "ham"


def test_curves_of_classes_by_hand() -> None:
    ham, spam = analysis.group_curves(make_film())
    assert (ham.label, ham.count, spam.label, spam.count) == ("ham", 2, "spam", 2)
    np.testing.assert_allclose(ham.accuracies, [1, 0.5, 1])
    np.testing.assert_allclose(spam.accuracies, [0, 0.5, 1])
    np.testing.assert_allclose(spam.certainties, (1 - HAM[:, 2:]).mean(axis=1))


def test_moves_by_hand() -> None:
    moves = analysis.vector_moves(make_film())
    assert moves.shape == (3, 2)
    assert not moves[:, 0].any()
    start, now = np.array([0, 0.1, 1]), np.array([2, 0.1, 11])  # of the first example, at the end
    expected = np.linalg.norm(now - start) / np.linalg.norm(start)
    np.testing.assert_allclose(moves[2, 1], expected, rtol=1e-3)


def test_numbers_and_label_sets() -> None:
    items = tuple(FilmItem(line, "", None, "", f"{line / 2:g}") for line in range(4))
    answers = np.array([[[1.0], [1.0], [1.0], [1.0]]] * 3, dtype=np.float32)
    numbers = make_film(task="regression", labels=("score",), items=items, answers=answers)
    np.testing.assert_allclose(analysis.true_values(numbers)[0], [1, 0.5, 0, 0.5])
    (curve,) = analysis.group_curves(numbers)
    np.testing.assert_allclose(curve.certainties, 0.5)
    sets = tuple(FilmItem(1, "", None, "", label) for label in ("ham", "", "ham, spam", "spam"))
    film = make_film(task="multi-label", items=sets)
    expected = [HAM[0, 0], 0.5, 0.5, 1 - HAM[0, 3]]  # the mean of p and q, where p + q is 1
    np.testing.assert_allclose(analysis.true_values(film)[0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("wanted", "moment"), [(None, 2), ("0", 0), ("4", 1), ("9", 1), ("99", 2), ("-1", 2), ("x", 2), ("²", 2)]
)
def test_the_moment_of_a_link(wanted: str | None, moment: int) -> None:
    assert analysis.select_moment(wanted, make_film()) == moment


def test_a_label_with_a_comma_in_it_is_one_label() -> None:
    items = (
        FilmItem(2, "a", None, "", "Sports, outdoor"),
        FilmItem(3, "b", None, "", "News, Sports, outdoor"),
    )
    answers = np.array([[[0.02, 0.98], [0.9, 0.9]]])
    film = make_film(task="multi-label", labels=("News", "Sports, outdoor"), items=items, answers=answers)
    np.testing.assert_allclose(analysis.true_values(film), [[0.98, 0.9]], rtol=1e-5)
