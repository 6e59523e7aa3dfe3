"""What a forward pass computes: only the layers asked for, eagerly only where weights are recorded."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.models import attention, layer_positions
from bert_explorer.models.engine import Engine

TEXT = "the cat sat on the mat ."


@pytest.fixture
def fused_calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One entry for each layer that ran the fused kernel, with the mask that it was given."""
    calls: list[Any] = []
    fused = attention.scaled_dot_product_attention

    def counting(*args: Any, attn_mask: Any = None, **kwargs: Any) -> Any:
        calls.append(attn_mask)
        return fused(*args, attn_mask=attn_mask, **kwargs)

    for module in (attention, layer_positions):
        monkeypatch.setattr(module, "scaled_dot_product_attention", counting)
    return calls


@pytest.fixture
def fresh(new_engine: Callable[..., Engine]) -> Engine:
    return new_engine("pretraining")


def test_masks_are_answered_by_fused_attention_without_a_mask(fresh: Engine, fused_calls: list[Any]) -> None:
    fresh.mask_logits("the [MASK] sat")
    assert fused_calls == [None, None]


def test_only_the_recorded_layer_leaves_the_fused_kernel(fresh: Engine, fused_calls: list[Any]) -> None:
    fresh.attentions(TEXT, layers=[1])
    assert len(fused_calls) == 1
    fresh.attentions(TEXT)
    assert len(fused_calls) == 1


def test_layers_above_the_highest_one_asked_for_do_not_run(fresh: Engine, fused_calls: list[Any]) -> None:
    fresh.hidden_states(TEXT, layers=[0])
    assert len(fused_calls) == 0
    fresh.hidden_states(TEXT, layers=[1])
    assert len(fused_calls) == 1
    fresh.attentions(TEXT, layers=[0])
    assert len(fused_calls) == 1
    fresh.hidden_states(TEXT, layers=[2])
    assert len(fused_calls) == 3


def test_the_model_is_left_as_it_was(fresh: Engine) -> None:
    """No hook stays behind and no setting of the shared network changes."""
    network = fresh._worker._answerer._forward._network
    fresh.attentions(TEXT)
    fresh.hidden_states(TEXT, layers=[0])
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in network.modules())
    assert network.config._attn_implementation == attention.RECORDING
    assert not network.training


def test_vocabulary_logits_are_computed_at_the_masks_only(fresh: Engine) -> None:
    seen: list[torch.Size] = []
    decoder = fresh._worker._answerer._forward._network.cls.predictions.decoder
    decoder.register_forward_pre_hook(lambda _module, args: seen.append(args[0].shape))
    logits = fresh.mask_logits("the [MASK] sat on the [MASK] .").logits
    assert seen == [torch.Size([2, 32])]
    assert logits.shape == (2, fresh.info.vocab_size)


def test_answers_do_not_pin_the_batch_and_are_read_only(fresh: Engine) -> None:
    answer = fresh.mask_logits("the [MASK] sat")
    for array in (answer.logits, answer.tokens.input_ids, answer.tokens.offsets):
        assert not array.flags.writeable
        assert array.base is None
    with pytest.raises(ValueError, match="read-only"):
        answer.logits[0, 0] = 1


def test_weights_of_half_precision_are_computed_in_single(new_engine: Callable[..., Engine]) -> None:
    engine = new_engine("pretraining")
    network = engine._worker._answerer._forward._network
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    assert engine.mask_logits("the [MASK]").logits.dtype == np.float32
