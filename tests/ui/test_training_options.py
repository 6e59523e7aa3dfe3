"""What the page offers, against what the presets say; no page is drawn."""

from dataclasses import replace

import pytest

from bert_explorer.training.presets import PRESETS, apply_preset
from bert_explorer.ui.texts.fine_tune import LEARNING_NAMES
from bert_explorer.ui.training_options import BATCHES, MAX_EPOCHS, freeze_choices, freeze_name
from tests.training.conftest import CONFIG
from tests.training.test_estimate import MINI


@pytest.mark.parametrize("num_layers", [1, 2, 4, 5, 6, 12])
@pytest.mark.parametrize("family", ["bert", "albert"])
def test_the_page_can_show_every_preset(num_layers: int, family: str) -> None:
    model = replace(MINI, num_layers=num_layers, family=family)
    choices = freeze_choices(model)
    assert set(choices) <= set(LEARNING_NAMES)
    for preset in PRESETS:
        config = apply_preset(replace(CONFIG, epochs=3), preset, model)
        assert choices[freeze_name(config.freeze, model)] == config.freeze, preset
        assert config.epochs <= MAX_EPOCHS
        assert config.batch_size in BATCHES


def test_a_live_demo_trains_the_four_upper_layers() -> None:
    model = replace(MINI, num_layers=6)
    assert freeze_name(apply_preset(CONFIG, "live-demo", model).freeze, model) == "last-four"


@pytest.mark.parametrize("num_layers", [2, 6, 8, 12])
def test_what_learns_goes_from_most_to_least(num_layers: int) -> None:
    choices = freeze_choices(replace(MINI, num_layers=num_layers))
    assert [*choices][:2] == ["none", "embeddings"]
    assert [*choices][-1] == "all"
    counted = [int(freeze) for freeze in choices.values() if freeze.isdigit()]
    assert counted == sorted(counted)
