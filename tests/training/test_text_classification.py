"""Runs with frozen layers: with kept outputs and without, the same losses step by step and the same model."""

from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.settings import Settings
from bert_explorer.training.predictions import read_predictions
from tests.training.conftest import CONFIG, make_upload
from tests.training.in_process import train_here


@pytest.mark.parametrize("freeze", ["1", "all"])
def test_kept_outputs_change_nothing_but_the_time(settings: Settings, freeze: str) -> None:
    config = replace(CONFIG, freeze=freeze, epochs=5)
    kept = train_here(settings, "films.csv", make_upload(), config)
    again = train_here(replace(settings, max_frozen_bytes=1), "films.csv", make_upload(), config)
    assert any("ran once" in line for line in kept.log)
    assert any("computed in every epoch: they would take" in line for line in again.log)
    for name, count in (("loss", 20), ("eval_loss", 5)):
        assert len(kept.values(name)) == count
        np.testing.assert_allclose(kept.values(name), again.values(name), rtol=0, atol=1e-4)
    assert np.ptp(kept.values("loss")) > 0.01
    for ours, theirs in zip(read_predictions(kept.folder), read_predictions(again.folder), strict=True):
        np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-4)
