"""A film made by hand: four examples, three moments, two layers."""

from typing import Any

import numpy as np

from bert_explorer.results import FilmItem, TrainingFilm

LINES = (
    (2, "the cat <b>sat</b>", "ham"),
    (3, "the dog sat", "ham"),
    (5, "a prize", "spam"),
    (9, "win", "spam"),
)
# p(ham) of each example at each moment: the first flips twice, the last is right from step 10 on
HAM = np.array([[0.8, 0.7, 0.6, 0.9], [0.4, 0.9, 0.3, 0.8], [0.9, 0.9, 0.1, 0.2]], dtype=np.float32)


def make_film(**changes: Any) -> TrainingFilm:
    rights = (HAM > 0.5) == np.array([True, True, False, False])
    vectors = np.zeros((3, 2, 4, 3), dtype=np.float16)
    vectors[:, :, :, 2] = 1
    for moment in range(3):  # classes part along the first axis, and all drift along the last
        vectors[moment, 1, :, 0] = moment * np.array([1, 1, -1, -1])
        vectors[moment, 1, :, 1] = 0.1 * np.array([1, -1, 1, -1])
        vectors[moment, 1, :, 2] = 1 + 5 * moment
    values: dict[str, Any] = {
        "task": "text-classification",
        "labels": ("ham", "spam"),
        "items": tuple(FilmItem(line, text, None, "", label) for line, text, label in LINES),
        "steps": np.array([0, 4, 10]),
        "epochs": np.array([0.0, 0.4, 1.0]),
        "layers": (1, 2),
        "parts": ("embeddings", "1", "2", "head"),
        "vectors": vectors,
        "answers": np.stack([HAM, 1 - HAM], axis=-1),
        "rights": rights,
        "weight_changes": np.linspace(0, 1, 3, dtype=np.float32)[:, None] * np.array([0.1, 0.2, 0.3, 0.9]),
        "head_changes": np.arange(12, dtype=np.float32).reshape(3, 2, 2),
        "spent_s": 0.5,
    }
    return TrainingFilm(**values | changes)
