"""A film against what the run itself says of its held-out rows, task by task."""

import numpy as np
import pytest

from bert_explorer.training.film.file import read_film
from bert_explorer.training.predictions import HeldOutRow, read_predictions
from tests.training.in_process import Trained


def check_film(trained: Trained) -> None:
    """The last moment says of each watched example what the predictions say, and everything has its shape."""
    film = read_film(trained.folder.film)
    assert film.task == trained.run.config.task
    assert film.steps[0] == 0
    assert film.steps[-1] == trained.curve[-1].step
    assert (np.diff(film.steps) > 0).all()
    assert film.vectors.shape == (len(film), len(film.layers), len(film.items), 32)
    assert film.layers[-1] == 2
    assert film.parts == ("embeddings", "1", "2", "head")
    assert not film.weight_changes[0].any()
    assert not film.head_changes[0].any()
    is_frozen = trained.run.config.freeze == "1"
    assert (film.weight_changes[-1] > 0).tolist() == [not is_frozen, not is_frozen, True, True]
    assert (film.head_changes[-1] > 0).all(axis=1).tolist() == [not is_frozen, True]
    rows = {row.line: row for row in read_predictions(trained.folder)}
    for index, item in enumerate(film.items):
        row = rows[item.line] if film.task != "question-answering" else None
        assert row is None or (item.text, item.pair) == (row.text, row.pair)
        answer, is_right = film.answers[-1, index], bool(film.rights[-1, index])
        if row is not None:
            _check_answer(film.labels, film.task, row, item.word, answer, is_right)
        assert film.task == "regression" or ((answer >= 0) & (answer <= 1)).all()


def _check_answer(
    labels: tuple[str, ...], task: str, row: HeldOutRow, word: str, answer: np.ndarray, is_right: bool
) -> None:
    if task == "regression":
        assert float(row.predicted_label) == pytest.approx(answer[0], rel=1e-3)  # it is rounded
    elif task == "token-classification":
        found = [i for i, other in enumerate(row.text.split()) if other == word]
        true, given = row.true_label.split(), row.predicted_label.split()
        assert labels[int(answer.argmax())] in [given[i] for i in found]
        assert is_right in [true[i] == given[i] for i in found]
    else:
        np.testing.assert_allclose(answer, row.probabilities, atol=1e-5)
        assert is_right == row.is_right
