"""What the curve of heads is measured on (held-out rows of the run, or sentences), and how it is told."""

from pathlib import Path

import pytest

from bert_explorer.errors import RunError
from bert_explorer.models.cache import open_model
from bert_explorer.run_analyses.questions import PruningQuestion
from bert_explorer.settings import Settings
from bert_explorer.training.predictions import HeldOutRow, write_predictions
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui.pruning_views import curve_rows, describe_curve

RUN = "0123456789ab"


def test_a_trained_model_is_measured_on_its_held_out_rows(settings: Settings, tiny_classifier: Path) -> None:
    folder = run_folder(RUN, settings)
    folder.path.mkdir(parents=True)
    (folder.path / "model").symlink_to(tiny_classifier)
    labels = ("ham", "spam", "other")
    rows = [HeldOutRow(i, f"the cat {i}", None, labels[i % 3], "ham", (1, 0, 0)) for i in range(6)]
    with open_model(f"run:{RUN}") as engine:
        with pytest.raises(RunError, match="no held-out rows beside this run"):
            PruningQuestion(4).rows(engine, RUN, settings)
        write_predictions(folder, rows)
        found = PruningQuestion(4).rows(engine, RUN, settings)
    assert [(row.text, row.label) for row in found] == [(f"the cat {i}", i % 3) for i in range(4)]


def test_a_pretrained_model_is_measured_on_sentences(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        rows = PruningQuestion(5).rows(engine, RUN, settings)
    assert len(rows) == 5
    assert all(row.positions and row.label is None for row in rows)


def test_the_curve_in_words_and_rows() -> None:
    import numpy as np

    from bert_explorer.results import PruningCurve

    curve = PruningCurve(
        measure="loss",
        num_off=np.array([0, 1, 2, 4]),
        greedy=np.array([2.0, 2.1, 2.2, 2.3]),
        random=np.array([[2.0, 2.4, 2.6, 2.8], [2.0, 2.2, 2.4, 2.8]]),
        order=((0, 1), (1, 1), (0, 0), (1, 0)),
        num_measured=7,
    )
    assert describe_curve(curve).startswith("**2 of 4 heads** can go")
    rows = list(curve_rows(curve))
    assert [row[4] for row in rows[:4]] == ["", "1-2", "2-2", "1-1, 2-1"]
    assert [row[3] for row in rows[4:]] == pytest.approx([2.0, 2.3, 2.5, 2.8])
