import re
from datetime import UTC, datetime

from bert_explorer.plots.report import report_html
from bert_explorer.results import TrainingMetric
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.run import Run, RunState

EVIL = "<script>alert(1)</script>"


def make_run() -> Run:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    label = {"label": EVIL, "precision": 0.5, "recall": 0.25, "f1": 1 / 3, "support": 2}
    metrics = {
        "accuracy": 0.75,
        "macro_f1": 0.7,
        "majority_accuracy": 0.5,
        "num_held_out": 4,
        "confusion_matrix": [[2, 0], [1, 1]],
        "per_class": [label, label | {"label": "ham"}],
        "data_sha256": "ab" * 32,
    }
    return Run(
        "abc",
        "owner's hash",
        f"{EVIL} run",
        RunState.FINISHED,
        FineTuneConfig(text_column=EVIL, label_column="label"),
        f"{EVIL}.csv",
        now,
        now,
        now,
        now,
        1.0,
        0.0,
        "",
        None,
        metrics,
        (EVIL, "ham"),
        False,
        None,
        None,
        note="a note to myself",
    )


def test_the_report_is_whole_escaped_and_private() -> None:
    html = report_html(make_run(), [TrainingMetric(1, 0.5, "loss", 0.7)], [("words", 0.625, 0.6)])
    assert "<strong>75.0%</strong> on 4 texts" in html
    assert "30% to 95%" in html
    assert "<td>Words alone (TF-IDF, logistic regression)</td><td>62.5%</td><td>0.600</td>" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; run" in html
    assert EVIL not in html
    assert "owner's hash" not in html
    assert "a note to myself" not in html
    assert not re.search(r'<(script|link)[^>]+(src|href)="', html), "nothing is loaded from elsewhere"
    assert html.count("plotly-graph-div") >= 2
