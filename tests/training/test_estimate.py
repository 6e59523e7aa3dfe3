import json
import time
from dataclasses import replace

import pytest

from bert_explorer.results import ModelInfo
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.estimate import estimate_mean_tokens, estimate_seconds, remember_speed

CONFIG = FineTuneConfig(text_column="text", label_column="label")
MINI = ModelInfo(
    ref="bundled",
    name="mini",
    family="bert",
    num_layers=6,
    num_heads=12,
    hidden_size=384,
    vocab_size=30_522,
    max_length=512,
    num_parameters=22_700_000,
    size_bytes=91_000_000,
    capabilities=frozenset(),
)


def remember(settings: Settings, seconds: float, info: ModelInfo = MINI) -> None:
    settings.home.mkdir(exist_ok=True)
    remember_speed(1000, 30.0, CONFIG, info, settings, training_s=seconds, overhead_s=10.0)


def test_a_run_takes_as_long_as_the_last_one_like_it(settings: Settings) -> None:
    remember(settings, 50.0)
    assert estimate_seconds(1000, 30.0, CONFIG, MINI, settings) == pytest.approx(60.0)
    twice = estimate_seconds(2000, 30.0, CONFIG, MINI, settings)
    assert twice == pytest.approx(110.0)
    remember(settings, 100.0)
    assert estimate_seconds(1000, 30.0, CONFIG, MINI, settings) == pytest.approx(110.0)


def test_more_work_takes_longer(settings: Settings) -> None:
    remember(settings, 50.0)

    def seconds(**changes: object) -> float:
        config = replace(CONFIG, **changes)  # type: ignore[arg-type]  # tests vary the values freely
        return estimate_seconds(1000, 60.0, config, MINI, settings)

    assert seconds(epochs=6) > seconds() > seconds(freeze="3") > seconds(freeze="all")
    assert seconds(max_length=30) < seconds(max_length=60) == seconds(max_length=128)


@pytest.mark.parametrize(
    ("task", "family", "freeze", "layers"),
    [
        ("text-classification", "bert", "none", 6 - 5 / 6),
        ("multi-label", "roberta", "4", 2 - 5 / 6),
        ("regression", "electra", "5", 1 / 6),
        ("regression", "bert", "all", 0),
        ("token-classification", "bert", "5", 1),
        ("text-classification", "distilbert", "5", 1),
    ],
)
def test_the_last_layer_runs_for_what_the_head_reads(
    task: str, family: str, freeze: str, layers: float, settings: Settings
) -> None:
    """With 3 epochs of 8 rows in 10, each backwards for two, and 7 evaluations of 2; frozen layers once."""
    settings.home.mkdir(exist_ok=True)
    speed = {"operations_per_s": 2 * 12 * 384**2 * 1.25 * 1000 * 30, "overhead_s": 0.0}  # a layer a second
    (settings.home / "speed.json").write_text(json.dumps(speed))
    config = replace(CONFIG, task=task, freeze=freeze)
    seconds = estimate_seconds(1000, 30.0, config, replace(MINI, family=family), settings)
    frozen = MINI.num_layers if freeze == "all" else config.num_frozen_layers or 0
    assert seconds == pytest.approx((3 * 3 * 0.8 + 7 * 0.2) * layers + frozen)


def test_tiny_models_teach_nothing_about_speed(settings: Settings) -> None:
    remember(settings, 50.0, replace(MINI, hidden_size=32, num_layers=2))
    assert not (settings.home / "speed.json").exists()


@pytest.mark.parametrize("content", [None, "{", '{"wrong": 1}', "[]"])
def test_the_first_estimate_is_quick_and_possible(settings: Settings, content: str | None) -> None:
    if content is not None:
        settings.home.mkdir(exist_ok=True)
        (settings.home / "speed.json").write_text(content)
    began_at = time.monotonic()
    seconds = estimate_seconds(200, 30.0, CONFIG, MINI, settings)
    assert time.monotonic() - began_at < 5.0
    assert 1.0 < seconds < 600.0


def test_mean_tokens() -> None:
    assert estimate_mean_tokens(["a" * 40, "b" * 80]) == pytest.approx(17.0)
    assert estimate_mean_tokens([]) == 2.0
