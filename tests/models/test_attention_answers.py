"""Value norms, gradients and compact weights of every family, each by a second road."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.errors import CapabilityError, InputError, MaskError
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.families import FAMILIES as RULES
from bert_explorer.models.forward import _find_layers
from bert_explorer.models.heads import masked_lm_head
from bert_explorer.results import Capability
from tests.models.conftest import plain
from tests.tiny_models import FAMILIES

TEXT, PAIR = "the cat sat on the [MASK] .", "and looked at the dog ."


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def family_engine(family: str, cache: ModelCache) -> Any:
    with cache.lease(f"local:{family}") as engine:
        yield engine


def test_compact_weights_are_the_weights(family_engine: Engine) -> None:
    whole = family_engine.attentions(TEXT, PAIR)
    compact = family_engine.compact_attentions(TEXT, PAIR)
    assert compact.half_attentions.dtype == np.float16
    np.testing.assert_allclose(compact.half_attentions, whole.attentions, rtol=6e-4, atol=6e-8)
    part = compact.expand([1])
    assert (part.layers, part.attentions.dtype, part.attentions.shape[0]) == ((1,), np.float32, 1)
    np.testing.assert_array_equal(part.attentions[0], compact.half_attentions[1].astype(np.float32))


def transformed_vectors(family: str, folder: Path, engine: Engine) -> list[np.ndarray]:
    """By layer f_h(x_j) as (num_heads, key, output_size), multiplied out in numpy from plain transformers.

    The value vectors are what the layer's value projection gives there, the columns of the output
    projection are cut by hand.
    """
    rules = RULES["electra" if family == "electra-discriminator" else family]
    values = {"distilbert": "attention.v_lin", "albert": "attention.value", "modernbert": "attn.Wqkv"}
    path = values.get(family) or rules.attention_values or "attention.self.value"
    auto_class = "AutoModel" if family == "electra-discriminator" else "AutoModelForMaskedLM"
    model, tokenizer = plain(folder, auto_class)
    layers = list(model.base_model.get_submodule(rules.layers).children())
    if rules.shared_layers:
        layers = list(layers[0].get_submodule(rules.shared_layers).children())
    seen: list[np.ndarray] = []
    for layer in layers:
        layer.get_submodule(path).register_forward_hook(lambda _m, _i, out: seen.append(out[0].numpy()))
    with torch.no_grad():
        texts = [item.replace("[MASK]", tokenizer.mask_token) for item in (TEXT, PAIR)]
        model(**tokenizer(*texts, return_tensors="pt"))
    heads = engine.info.num_heads
    vectors = []
    for number, flat in enumerate(seen):
        flat = flat[:, -flat.shape[1] // 3 :] if family == "modernbert" else flat  # the last third is V
        size = flat.shape[1] // heads
        projection = layers[number % len(layers)].get_submodule(rules.head_outputs).weight.detach().numpy()
        parts = [slice(head * size, (head + 1) * size) for head in range(heads)]
        vectors.append(np.stack([flat[:, part] @ projection[:, part].T for part in parts]))
    return vectors


def test_norms_are_those_of_the_vectors_written_out(
    family: str, family_engine: Engine, checkpoints: Path
) -> None:
    found = family_engine.value_norms(TEXT, PAIR)
    attentions = family_engine.attentions(TEXT, PAIR).attentions
    expected = transformed_vectors(family, checkpoints / "models" / family, family_engine)
    assert len(expected) == len(found.layers) == family_engine.info.num_layers
    for layer, vectors in enumerate(expected):
        weighted = attentions[layer][:, :, :, None] * vectors[:, None]  # (head, query, key, output_size)
        mixed = np.linalg.norm(weighted.sum(axis=0), axis=-1)
        np.testing.assert_allclose(found.vector_norms[layer], np.linalg.norm(vectors, axis=-1), rtol=1e-4)
        np.testing.assert_allclose(found.mixed_norms[layer], mixed, rtol=1e-3, atol=1e-5)


def test_norms_in_a_padded_batch_are_those_of_the_text_alone(family_engine: Engine) -> None:
    from bert_explorer.models.requests import ValueNormsRequest

    layers = tuple(range(family_engine.info.num_layers))
    texts = ("we", "the cat sat on the mat and looked at the dog .")
    alone = [family_engine.value_norms(text) for text in texts]
    for single, answer in zip(
        alone, family_engine.map(ValueNormsRequest(text, layers=layers) for text in texts), strict=True
    ):
        np.testing.assert_allclose(answer.mixed_norms, single.mixed_norms, atol=1e-5)


def test_gradients_are_the_slope_of_the_log_probability(family_engine: Engine) -> None:
    """Finite differences: all weights of one head are scaled by 1 +- h, head by head and layer by layer."""
    if Capability.MASKED_LM not in family_engine.info.capabilities:
        pytest.skip("this checkpoint has no masked-word head")
    before = family_engine.mask_logits(TEXT)
    position, target = int(before.positions[0]), 40
    found = family_engine.attention_gradients(TEXT, target=target, position=position)
    logits = before.logits[0].astype(np.float64)
    log_probability = logits[target] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    assert found.log_probability == pytest.approx(log_probability, abs=1e-4)
    network = deepcopy(family_engine._worker._answerer._forward._network).double()
    for layer in found.layers:
        slopes = [slope_of_head(network, family_engine, layer, head, position, target) for head in (0, 1)]
        np.testing.assert_allclose(found.products[layer].sum(axis=(1, 2)), slopes, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(family_engine.mask_logits(TEXT).logits, before.logits)


def slope_of_head(network: Any, engine: Engine, layer: int, head: int, position: int, target: int) -> float:
    """d log p / d s where all weights of a head are multiplied by s, at s = 1, by a small step either way.

    The head's part of what enters the output projection is scaled, which is the same. ``network`` is a copy
    in double precision: a step small enough for ReLU's corners is lost in single.
    """
    input_ids = torch.tensor(engine.tokenize(TEXT).input_ids)[None]
    rules = RULES[engine.info.family]
    path = rules.head_outputs
    layers = dict.fromkeys(_find_layers(network.base_model, rules.layers))
    modules = [item.get_submodule(path) for item in layers]
    step, reached = 1e-4, []  # smaller: ModernBERT turns its queries in single precision
    for scale in (1 + step, 1 - step):
        calls = iter(range(engine.info.num_layers))

        def scale_head(_module: Any, args: Any, scale: float = scale, calls: Any = calls) -> Any:
            if next(calls) != layer:
                return None
            heads = args[0].clone().unflatten(-1, (engine.info.num_heads, -1))
            heads[..., head, :] *= scale
            return (heads.flatten(-2), *args[1:])

        handles = [module.register_forward_pre_hook(scale_head) for module in modules]
        with torch.no_grad():
            hidden = network.base_model(input_ids).last_hidden_state[0, position]
            logits = masked_lm_head(network, engine.info.family)(hidden[None])[0]
        for handle in handles:
            handle.remove()
        reached.append(float(logits.log_softmax(-1)[target]))
    return (reached[0] - reached[1]) / (2 * step)


def test_a_class_has_gradients_too(cache: ModelCache) -> None:
    with cache.lease("local:classifier") as engine:
        found = engine.attention_gradients("the cat sat", target=2)
        logits = engine.class_logits("the cat sat")
    expected = logits[2] - np.log(np.exp(logits).sum())
    assert found.log_probability == pytest.approx(float(expected), abs=1e-5)
    last = found.products[-1]
    assert np.abs(last[:, 0]).max() > 0
    assert np.abs(last[:, 1:]).max() == 0  # the class is read from position 0 alone


def test_gradients_leave_the_network_as_it_was(engine: Engine) -> None:
    network = engine._worker._answerer._forward._network
    engine.attention_gradients("the [MASK] sat", target=7, position=2)
    assert not any(weight.requires_grad or weight.grad is not None for weight in network.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_gradients_between_other_questions_change_no_answer(engine: Engine) -> None:
    texts = [f"the [MASK] sat on the {word} ." for word in ("mat", "dog", "cat", "nurse", "doctor")]
    serial = [engine.mask_logits(text).logits for text in texts]
    serial_products = [engine.attention_gradients(text, target=9, position=2).products for text in texts]
    with ThreadPoolExecutor(10) as pool:
        for _ in range(3):
            masks = [pool.submit(engine.mask_logits, text) for text in texts]
            slopes = [pool.submit(engine.attention_gradients, text, target=9, position=2) for text in texts]
            for future, logits in zip(masks, serial, strict=True):
                np.testing.assert_allclose(future.result().logits, logits, atol=1e-4)
            for future, products in zip(slopes, serial_products, strict=True):
                np.testing.assert_allclose(future.result().products, products, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "error", "part"),
    [
        ({"target": 7, "position": 1}, MaskError, r"masks are at: \[2\]"),
        ({"target": 10**6, "position": 2}, InputError, "count from 0 to"),
        ({"target": 0}, CapabilityError, "no head for classes"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    engine: Engine, options: dict[str, int], error: type[Exception], part: str
) -> None:
    with pytest.raises(error, match=part):
        engine.attention_gradients("the [MASK] sat", **options)
