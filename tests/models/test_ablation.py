"""Heads switched off, and the gradients of their gates: every family against plain transformers.

The second road knows no gates and no hooks: it scales the columns of the output projection that read a
head, in a copy of the model.
"""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models import requests as requests_module
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.families import FAMILIES as KNOWN_FAMILIES
from bert_explorer.models.families import Family
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.requests import (
    AttentionsRequest,
    ClassLogitsRequest,
    HeadGradientsRequest,
    HiddenStatesRequest,
    HiddenTokensRequest,
    MaskLogitsRequest,
    ReducedAttentionsRequest,
    Request,
)
from bert_explorer.results import Attention
from tests.models.conftest import break_forward, plain
from tests.models.test_threads import numbers
from tests.tiny_models import FAMILIES

TEXT = "the cat sat on the mat and looked at the dog ."
POSITIONS = (2, 5, 6)
MASKED_LM = [name for name in FAMILIES if name != "electra-discriminator"]


def scale_heads(model: Any, family: str, heads: list[tuple[int, int]], factor: float) -> None:
    """Multiply what the output projections read of these heads; ALBERT's layers share one projection."""
    path = KNOWN_FAMILIES[family].head_outputs
    for layer, head in heads:
        modules = [module for name, module in model.named_modules() if name.endswith("." + path)]
        weight = modules[layer % len(modules)].weight  # (out, num_heads * head_size)
        size = weight.shape[1] // 2
        with torch.no_grad():
            weight[:, head * size : (head + 1) * size] *= factor


def hidden(tokenizer: Any, text: str, positions: tuple[int, ...]) -> tuple[dict[str, Any], torch.Tensor]:
    """Inputs with masks at the positions, and the ids that were there."""
    inputs = dict(tokenizer(text, return_tensors="pt"))
    true_ids = inputs["input_ids"][0, list(positions)].clone()
    inputs["input_ids"][0, list(positions)] = tokenizer.mask_token_id
    return inputs, true_ids


@torch.no_grad()
@pytest.mark.parametrize("family", MASKED_LM)
def test_a_head_that_is_off_is_a_projection_without_its_columns(
    family: str, cache: ModelCache, checkpoints: Path
) -> None:
    model, tokenizer = plain(checkpoints / "models" / family, "AutoModelForMaskedLM")
    off = [(0, 1), (1, 1)] if family == "albert" else [(0, 1), (1, 0)]
    scale_heads(model, family, off[:1] if family == "albert" else off, 0.0)
    inputs, true_ids = hidden(tokenizer, TEXT, POSITIONS)
    right = model(**inputs, output_hidden_states=True)
    expected = right.logits[0, list(POSITIONS)].log_softmax(-1).gather(1, true_ids[:, None])[:, 0]
    with cache.lease(f"local:{family}") as engine:
        others = [engine.submit(HiddenTokensRequest(TEXT, positions=POSITIONS)) for _ in range(3)]
        got = engine.submit(HiddenTokensRequest(TEXT, positions=POSITIONS, ablated=tuple(off))).result(60)
        np.testing.assert_allclose(got, expected, atol=1e-4)
        assert np.abs(others[0].result(60) - got).max() > 1e-3
        states = engine.submit(HiddenStatesRequest(TEXT, layers=(1, 2), ablated=tuple(off))).result(60)
    plain_states = model(**tokenizer(TEXT, return_tensors="pt"), output_hidden_states=True).hidden_states
    np.testing.assert_allclose(states.hidden_states, torch.cat(plain_states[1:]), atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("family", MASKED_LM)
def test_gradients_are_the_slopes_of_the_loss(family: str, cache: ModelCache, checkpoints: Path) -> None:
    """Central differences over the scale of each head, in float64."""
    folder = checkpoints / "models" / family
    with cache.lease(f"local:{family}") as engine:
        got = engine.submit(HeadGradientsRequest(TEXT, positions=POSITIONS)).result(60)
    assert got.shape == (2, 2)
    model, tokenizer = plain(folder, "AutoModelForMaskedLM")
    model.double()
    inputs, true_ids = hidden(tokenizer, TEXT, POSITIONS)

    def loss() -> float:
        logits = model(**inputs).logits[0, list(POSITIONS)]
        return float(torch.nn.functional.cross_entropy(logits, true_ids))

    slopes = np.zeros((2, 2))
    step = 1e-4
    for layer, head in np.ndindex(2, 2):
        scale_heads(model, family, [(layer, head)], 1 + step)
        above = loss()
        scale_heads(model, family, [(layer, head)], (1 - step) / (1 + step))
        slopes[layer, head] = (above - loss()) / (2 * step)
        scale_heads(model, family, [(layer, head)], 1 / (1 - step))
    if family == "albert":  # one projection for both layers: its slope is the sum of theirs
        np.testing.assert_allclose(got.sum(axis=0), slopes[0], atol=2e-3)
    else:
        np.testing.assert_allclose(got, slopes, atol=2e-3)
    assert np.abs(slopes).max() > 0.01


def test_gradients_of_classes_are_slopes_too(cache: ModelCache, checkpoints: Path) -> None:
    model, tokenizer = plain(checkpoints / "models" / "classifier", "AutoModelForSequenceClassification")
    model.double()
    inputs = tokenizer(TEXT, return_tensors="pt")
    for label in (None, 2):
        with cache.lease("local:classifier") as engine:
            got = engine.submit(HeadGradientsRequest(TEXT, label=label)).result(60)
        slopes = []
        for factor in (1.0001, 0.9999 / 1.0001):
            scale_heads(model, "bert", [(1, 0)], factor)
            with torch.no_grad():
                logits = model(**inputs).logits[0]
            index = int(logits.argmax()) if label is None else label
            slopes.append(-float(logits.log_softmax(-1)[index]))
        scale_heads(model, "bert", [(1, 0)], 1 / 0.9999)
        assert got[1, 0] == pytest.approx((slopes[0] - slopes[1]) / 0.0002, abs=1e-4)


def test_gradients_of_a_text_alone_and_in_a_batch_are_equal(engine: Engine) -> None:
    texts = [TEXT, "we are going to see a doctor", "free prize ! call now to win"]
    requests = [HeadGradientsRequest(text, positions=(1, 4)) for text in texts]
    alone = [engine.submit(request).result(60) for request in requests]
    together = [future.result(60) for future in [engine.submit(request) for request in requests]]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    closed = engine.submit(HeadGradientsRequest(TEXT, positions=(1, 4), ablated=((1, 1),))).result(60)
    assert np.abs(closed - alone[0]).max() > 1e-4


def test_classes_change_without_a_head_and_come_back(cache: ModelCache, checkpoints: Path) -> None:
    model, tokenizer = plain(checkpoints / "models" / "classifier", "AutoModelForSequenceClassification")
    scale_heads(model, "bert", [(0, 0), (1, 1)], 0.0)
    with torch.no_grad():
        expected = model(**tokenizer(TEXT, return_tensors="pt")).logits[0].numpy()
    with cache.lease("local:classifier") as engine:
        whole = engine.class_logits(TEXT)
        got = engine.submit(ClassLogitsRequest(TEXT, ablated=((1, 1), (0, 0)))).result(60)
        assert np.array_equal(engine.submit(ClassLogitsRequest(TEXT)).result(60), whole)
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_reduced_attentions_are_reduced_full_ones(engine: Engine) -> None:
    def last_row(attention: Attention) -> np.ndarray:
        return attention.attentions[:, :, -1].copy()

    got = engine.submit(ReducedAttentionsRequest(TEXT, layers=(1, 0), reduce=last_row)).result(60)
    full = engine.attentions(TEXT, layers=(1, 0)).attentions
    np.testing.assert_allclose(got, full[:, :, -1], atol=1e-6)


def test_equal_sets_of_heads_are_equal_questions(
    new_engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = MaskLogitsRequest("the [MASK]", ablated=((1, 0), (0, 1), (1, 0)))
    assert first == MaskLogitsRequest("the [MASK]", ablated=((0, 1), (1, 0)))
    assert first != MaskLogitsRequest("the [MASK]")
    engine = new_engine()
    engine._memory = engine._worker._memory = ResultMemory(10_000_000)
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    answers = [
        engine.submit(MaskLogitsRequest("the [MASK]", ablated=heads)).result(60)
        for heads in (((0, 1),), (), ((0, 1),), ())
    ]
    assert answers[0] is answers[2]
    assert answers[1] is answers[3]
    assert sizes == [1, 1]


def test_heads_that_do_not_exist_are_refused(engine: Engine) -> None:
    for heads in (((2, 0),), ((0, 2),), ((-1, 0),)):
        with pytest.raises(InputError, match="layers count from 0 to 1 and heads from 0 to 1"):
            engine.submit(MaskLogitsRequest("the [MASK]", ablated=heads))
    for positions in ((40,), (-1,), ()):
        with pytest.raises(InputError, match=r"hide|hidden"):
            engine.submit(HiddenTokensRequest(TEXT, positions=positions)).result(60)
    with pytest.raises(CapabilityError, match="head for classes of texts"):
        engine.submit(HeadGradientsRequest(TEXT))


def test_a_family_without_the_projection_says_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(requests_module.FAMILIES, "bert", Family(head_outputs=""))
    with pytest.raises(CapabilityError, match="cannot be switched off: its family, bert"):
        engine.submit(MaskLogitsRequest("the [MASK]", ablated=((0, 0),)))
    assert engine.mask_logits("the [MASK]").logits.shape[0] == 1


def make_requests() -> list[Request]:
    """Texts of many lengths, each question with all heads and without some."""
    chance = random.Random(0)
    words = TEXT.split()
    sets = [(), (), (), ((0, 0),), ((1, 1), (0, 1)), ((0, 0), (0, 1), (1, 0), (1, 1))]
    requests: list[Request] = []
    for _ in range(60):
        text = " ".join(chance.choices(words, k=chance.randint(3, 25)))
        heads = chance.choice(sets)
        requests.append(
            chance.choice(
                [
                    MaskLogitsRequest(f"{text} [MASK]", ablated=heads),
                    AttentionsRequest(text, layers=(1,), ablated=heads),
                    HiddenTokensRequest(text, positions=(1, 3), ablated=heads),
                    HeadGradientsRequest(text, positions=(1, 2), ablated=heads),
                ]
            )
        )
    return requests


def test_ten_threads_half_of_them_ablating_are_answered_as_if_asked_alone(
    new_engine: Callable[..., Engine],
) -> None:
    engine = new_engine()  # without memory of answers: each is computed
    requests = make_requests()
    by_kind = [[r for r in requests if bool(r.ablated) == ablating] for ablating in (False, True)]
    assert min(map(len, by_kind)) > 15
    alone = {request: numbers(engine.submit(request).result(60)) for request in requests}
    start = threading.Barrier(10)

    def ask(thread: int) -> float:
        own = by_kind[thread % 2] * 3
        random.Random(thread).shuffle(own)
        start.wait(60)
        worst = 0.0
        for first in range(0, len(own), 10):
            futures = [(request, engine.submit(request)) for request in own[first : first + 10]]
            for request, future in futures:
                worst = max(worst, float(np.abs(numbers(future.result(60)) - alone[request]).max()))
        return worst

    with ThreadPoolExecutor(10) as pool:
        assert max(pool.map(ask, range(10))) < 1e-4
    network = engine._worker._answerer._forward._network
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in network.modules())
    assert not any(weight.requires_grad or weight.grad is not None for weight in network.parameters())


def test_a_failing_request_leaves_no_hook(
    new_engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    network = engine._worker._answerer._forward._network
    whole = engine.mask_logits("the [MASK]").logits
    second = network.base_model.encoder.layer[1].intermediate
    monkeypatch.setattr(second, "forward", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        engine.submit(MaskLogitsRequest("the [MASK]", ablated=((0, 0),))).result(60)
    monkeypatch.undo()
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in network.modules())
    np.testing.assert_array_equal(engine.mask_logits("the [MASK]").logits, whole)
