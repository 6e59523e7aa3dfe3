from dataclasses import replace

import pytest

from bert_explorer.errors import InputError
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from tests.training.test_estimate import MINI

CONFIG = FineTuneConfig(text_column="text", label_column="label")


def test_json_round_trip() -> None:
    config = replace(CONFIG, pair_column="second", freeze="4", learning_rate=3e-5, model="org/name@main")
    assert FineTuneConfig.from_json(config.to_json()) == config
    assert config.num_frozen_layers == 4
    assert CONFIG.num_frozen_layers is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "epochs is 0. It must be between 1 and 100"),
        ({"epochs": 2.5}, "whole number"),
        ({"epochs": True}, "must be a number"),
        ({"learning_rate": 0.0}, "learning rate is 0.0"),
        ({"learning_rate": float("nan")}, "must be a number"),
        ({"batch_size": "16"}, "must be a number"),
        ({"held_out_share": 0.9}, "between 0.05 and 0.5"),
        ({"freeze": "-1"}, "Frozen layers are '-1'"),
        ({"freeze": "some"}, "Frozen layers are 'some'"),
        ({"task": "translation"}, "task is 'translation'"),
        ({"label_column": "text"}, "chosen twice: text"),
    ],
)
def test_refusals(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(CONFIG, **changes)  # type: ignore[arg-type]  # wrong types are the point


@pytest.mark.parametrize("text", ["{", '{"text_column": "a", "label_column": "b", "lr": 1}'])
def test_malformed_json(text: str) -> None:
    with pytest.raises(InputError):
        FineTuneConfig.from_json(text)


def test_larger_models_take_smaller_steps() -> None:
    assert suggest_learning_rate(MINI) == CONFIG.learning_rate
    assert suggest_learning_rate(replace(MINI, hidden_size=768), "3") == 5e-5


@pytest.mark.parametrize("freeze", ["all", "6", "12"])
def test_a_head_alone_takes_large_steps(freeze: str) -> None:
    assert suggest_learning_rate(MINI, freeze) == 5e-3
