"""The record of the bundled model's training, as the page shows it."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bert_explorer.plots.pretraining import plot_curve
from bert_explorer.settings import load_settings
from bert_explorer.ui.pretraining_views import CURVE_FILE, CURVE_HEADER, curve_rows, read_record

CLOZE = {
    "sentences": [{"text": "The capital of France is [MASK].", "expected": "paris"}],
    "checkpoints": [
        {"step": 0, "tokens": 0, "answers": [{"top": [["the", 0.1]], "probability": 1e-5, "rank": 900}]},
        {"step": 9, "tokens": 2e6, "answers": [{"top": [["paris", 0.4]], "probability": 0.4, "rank": 1}]},
    ],
}


def test_the_curve_is_the_one_that_was_written() -> None:
    curve = read_record(load_settings().bundled_model_path / CURVE_FILE)
    figure = plot_curve(curve)
    by_name = {trace.name: trace for trace in figure.data}
    losses = [line["loss"] for line in curve if "loss" in line]
    assert list(by_name["training loss"].y) == losses
    rows = curve_rows(curve)
    assert [row[CURVE_HEADER.index("top1")] for row in rows] == list(by_name["word right"].y)


def test_the_slider_goes_back_to_earlier_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"step": 9, "tokens": 2_000_000, "loss": 4.0, "top1": 0.3, "top5": 0.5, "perplexity": 90.0}
    line |= {"next_sentence_accuracy": 0.9, "num_masks": 100, "num_pairs": 20}
    (tmp_path / "curve.json").write_text(json.dumps([line]), encoding="utf-8")
    (tmp_path / "cloze.json").write_text(json.dumps(CLOZE), encoding="utf-8")
    monkeypatch.setenv("SHOWN_FOLDER", str(tmp_path))

    def script() -> None:
        import os
        from pathlib import Path

        from bert_explorer.ui.pretraining_views import show_history

        show_history(Path(os.environ["SHOWN_FOLDER"]))

    page = AppTest.from_function(script, default_timeout=60).run()
    assert "right in 30.0% of 100 cases" in page.markdown[0].value
    assert list(page.dataframe[0].value["First guesses"]) == ["paris"]
    page = page.select_slider[0].set_value("0.00 M tokens").run()
    assert list(page.dataframe[0].value["First guesses"]) == ["the"]
    assert list(page.dataframe[0].value["Its rank"]) == [900]
