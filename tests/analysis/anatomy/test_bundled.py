"""The model that the product ships, recomputed from its weights."""

from collections.abc import Iterator

import pytest

from bert_explorer.analysis.anatomy.walk import trace_layer, trace_text, trace_word
from bert_explorer.errors import TextTooLongError
from bert_explorer.models.cache import open_model
from bert_explorer.models.engine import Engine
from bert_explorer.settings import Settings

TEXT = "Paris is the [MASK] of France."


@pytest.fixture
def engine(bundled_settings: Settings) -> Iterator[Engine]:
    if not (bundled_settings.bundled_model_path / "model.safetensors").is_file():
        pytest.skip("the bundled model is not in this checkout")
    with open_model("bundled") as engine:
        yield engine


def test_every_step_equals_the_models_own_up_to_the_word(engine: Engine) -> None:
    trace = trace_text(engine, TEXT)
    assert max(trace.differences) < 1e-4
    for layer in range(engine.info.num_layers):
        assert max(trace_layer(engine, trace, layer).differences.values()) < 1e-4
    word = trace_word(engine, trace, trace.tokens.tokens.index("[MASK]"))
    assert max(word.differences.values()) < 1e-4
    assert word.steps.logits.argmax() == engine.mask_logits(TEXT).logits[0].argmax()


def test_513_tokens_are_one_too_many(engine: Engine) -> None:
    with pytest.raises(TextTooLongError, match="513 tokens and the model reads 512"):
        trace_text(engine, "the " * 511)
