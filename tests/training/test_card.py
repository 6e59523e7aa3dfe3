from pathlib import Path

import numpy as np
import yaml

from bert_explorer.training.card import write_card
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.metrics import compute_majority, compute_report
from bert_explorer.training.store import RunStore
from tests.training.test_estimate import MINI


def test_card(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    config = FineTuneConfig(text_column="text", label_column="label")
    run = store.create(owner="x", name="A <b>\nrun", filename="a.csv", config=config)
    store.close()
    labels = ("a|b", "[x](http://y)")
    ids = np.array([0, 1, 1, 1])
    counts = {"labels": list(labels), "num_train": 4, "num_held_out": 4, "num_truncated": 2}
    measured = compute_report(ids, ids, labels) | compute_majority(ids, ids, labels)
    card = write_card(run, MINI, measured | counts)
    _, front, body = card.split("---\n", 2)
    assert yaml.safe_load(front)["pipeline_tag"] == "text-classification"
    assert "# A \\<b\\> run\n" in body
    assert "| accuracy | 1.000 |" in body
    assert "up to 128 tokens; 2 rows were longer" in body
    assert "| a\\|b | 1.000 | 1.000 | 1.000 | 1 |" in body
    assert "\\[x\\](http://y)" in body
    assert "from `bundled` (bert, 6 layers)" in body
    assert "{" not in body.split("```json")[0].replace("```python", ""), "every placeholder is filled"
