"""Every family through the engine, against plain transformers run eagerly on one text at a time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.requests import (
    AttentionsRequest,
    ClassLogitsRequest,
    HiddenStatesRequest,
    MaskLogitsRequest,
    Request,
)
from bert_explorer.results import Capability
from bert_explorer.settings import Settings
from tests.models.conftest import plain
from tests.tiny_models import FAMILIES, build_tiny

TEXTS = (
    "the cat sat on the [MASK] .",
    "we",
    "free [MASK] ! call now to win [MASK] , text yes to claim .",
    "the capital of france is paris " * 9 + "[MASK]",
)
PAIR = ("the cat sat on the mat", "and [MASK] at the dog .")
TOLERANCE = 1e-4


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def family_engine(family: str, cache: ModelCache) -> Any:
    with cache.lease(f"local:{family}") as engine:
        yield engine


@pytest.fixture
def reference(family: str, checkpoints: Path) -> Any:
    """Answers of plain transformers: a function from a text (and pair) to the model's output."""
    auto_class = "AutoModel" if family == "electra-discriminator" else "AutoModelForMaskedLM"
    model, tokenizer = plain(checkpoints / "models" / family, auto_class)

    def answer(text: str, pair: str | None = None) -> Any:
        texts = [item.replace("[MASK]", tokenizer.mask_token) for item in (text, pair) if item is not None]
        with torch.no_grad():
            return model(
                **tokenizer(*texts, return_tensors="pt"), output_attentions=True, output_hidden_states=True
            )

    return answer


def batch_of_everything(engine: Engine) -> list[Request]:
    """Requests that arrive together, so that texts of different lengths share padded batches."""
    layers = tuple(range(engine.info.num_layers))
    requests: list[Request] = []
    for text in TEXTS:
        requests += [AttentionsRequest(text, layers=layers), HiddenStatesRequest(text, layers=(*layers, 2))]
        if "[MASK]" in text and Capability.MASKED_LM in engine.info.capabilities:
            requests.append(MaskLogitsRequest(text))
    requests += [AttentionsRequest(*PAIR, layers=layers), HiddenStatesRequest(*PAIR, layers=(*layers, 2))]
    return requests


def test_all_answers_equal_those_of_plain_transformers(family_engine: Engine, reference: Any) -> None:
    for request, answer in _ask_together(family_engine, batch_of_everything(family_engine)):
        expected = reference(request.text, request.pair)
        if isinstance(request, MaskLogitsRequest):
            right, got = expected.logits[0, answer.positions], answer.logits
        elif isinstance(request, AttentionsRequest):
            right, got = torch.cat(expected.attentions), answer.attentions
        else:
            right, got = torch.cat(expected.hidden_states), answer.hidden_states
        np.testing.assert_allclose(got, right.numpy(), atol=TOLERANCE, err_msg=repr(request))


def test_attention_rows_sum_to_one_without_padding(family_engine: Engine) -> None:
    for request, answer in _ask_together(family_engine, batch_of_everything(family_engine)):
        if isinstance(request, AttentionsRequest):
            seq_len = len(answer.tokens)
            assert answer.attentions.shape == (2, 2, seq_len, seq_len)
            np.testing.assert_allclose(answer.attentions.sum(-1), 1, atol=1e-5)


def test_single_layers_equal_those_layers_of_all(family_engine: Engine) -> None:
    text = TEXTS[0]
    attentions = family_engine.attentions(text).attentions
    states = family_engine.hidden_states(text).hidden_states
    for layer in range(2):
        one = family_engine.attentions(text, layers=[layer])
        assert one.layers == (layer,)
        np.testing.assert_allclose(one.attentions[0], attentions[layer], atol=TOLERANCE)
    for layer in range(3):
        one = family_engine.hidden_states(text, layers=[layer])
        np.testing.assert_allclose(one.hidden_states[0], states[layer], atol=TOLERANCE)
    back = family_engine.hidden_states(text, layers=[2, 0])
    np.testing.assert_allclose(back.hidden_states, states[[2, 0]], atol=TOLERANCE)


def test_attention_is_not_close_to_uniform_in_these_checkpoints(family_engine: Engine) -> None:
    """Otherwise the comparisons above would compare next to nothing."""
    attentions = family_engine.attentions(TEXTS[0]).attentions
    assert np.abs(attentions - 1 / attentions.shape[-1]).max() > 0.05
    assert np.abs(attentions[0, 0] - attentions[0, 1]).max() > 0.01
    assert np.abs(attentions - attentions.swapaxes(-1, -2)).max() > 0.01


def test_texts_are_cut_as_plain_transformers_cuts_them(
    family: str, family_engine: Engine, checkpoints: Path
) -> None:
    _, tokenizer = plain(checkpoints / "models" / family, "AutoModel")
    first, second = "the cat sat on the mat . " * 30, "we are going home " * 20
    for texts in ((first,), (first, second)):
        tokens = family_engine.tokenize(*texts, truncate=True)
        right = tokenizer(*texts, truncation=True, max_length=family_engine.info.max_length)["input_ids"]
        assert tokens.input_ids.tolist() == right
        assert len(tokens) + tokens.num_dropped == len(tokenizer(*texts)["input_ids"])


def test_the_longest_text_that_fits_is_read_to_its_end(family_engine: Engine) -> None:
    tokens = family_engine.tokenize("the cat sat on the mat . " * 60, truncate=True)
    assert len(tokens) == family_engine.info.max_length
    states = family_engine.hidden_states("the cat sat on the mat . " * 60, truncate=True, layers=[2])
    assert states.hidden_states.shape == (1, family_engine.info.max_length, 32)
    assert np.isfinite(states.hidden_states).all()


def _ask_together(engine: Engine, requests: list[Request]) -> list[tuple[Any, Any]]:
    futures = [engine.submit(request) for request in requests]
    return [(request, future.result(60)) for request, future in zip(requests, futures, strict=True)]


@pytest.mark.parametrize("name", ["classifier", "roberta-classifier", "modernbert-classifier"])
def test_classes_equal_those_of_plain_transformers(name: str, cache: ModelCache, checkpoints: Path) -> None:
    model, tokenizer = plain(checkpoints / "models" / name, "AutoModelForSequenceClassification")
    with cache.lease(f"local:{name}") as engine:
        together = list(zip(TEXTS, [engine.submit(ClassLogitsRequest(text)) for text in TEXTS], strict=True))
        for text, future in together:
            text = text.replace("[MASK]", tokenizer.mask_token)
            with torch.no_grad():
                right = model(**tokenizer(text, return_tensors="pt")).logits[0].numpy()
            np.testing.assert_allclose(future.result(60), right, atol=TOLERANCE)
        assert engine.info.labels == ("ham", "spam", "other")
        assert engine.attentions(TEXTS[0]).attentions.shape[:2] == (2, 2)
        assert engine.pooled(TEXTS, layer=2).shape == (4, 32)


@pytest.mark.parametrize(
    ("name", "auto_class", "output"),
    [
        ("pretraining", "AutoModelForPreTraining", "seq_relationship_logits"),
        ("next-sentence", "AutoModelForNextSentencePrediction", "logits"),
    ],
)
def test_next_sentence_equals_plain_transformers(
    name: str, auto_class: str, output: str, cache: ModelCache, checkpoints: Path
) -> None:
    model, tokenizer = plain(checkpoints / "models" / name, auto_class)
    with cache.lease(f"local:{name}") as engine, torch.no_grad():
        for first, second in (("the cat sat", "we are here"), ("we are here", "the cat sat")):
            right = model(**tokenizer(first, second, return_tensors="pt"))[output][0].numpy()
            np.testing.assert_allclose(engine.next_sentence_logits(first, second), right, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("albert", {"num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2}),
        ("deberta-v2", {"conv_kernel_size": 3, "position_biased_input": True, "type_vocab_size": 2}),
        ("deberta-v2", {"relative_attention": False, "position_biased_input": True}),
        ("bert", {"type_vocab_size": 1}),
        ("mobilebert", {"use_bottleneck": False, "trigram_input": False}),
        ("modernbert", {"num_hidden_layers": 4, "local_attention": 4}),
        ("electra", {"embedding_size": 32}),
    ],
)
def test_uncommon_shapes_of_a_family_are_right_too(
    family: str, options: dict[str, Any], tmp_path: Path
) -> None:
    folder = build_tiny(family, tmp_path / "models" / "x", **options)
    model, tokenizer = plain(folder, "AutoModelForMaskedLM")
    cache = ModelCache(Settings(home=tmp_path, device="cpu", num_threads=1))
    with cache.lease("local:x") as engine:
        layers = tuple(range(engine.info.num_layers))
        requests: list[Request] = []
        for text in ("the cat sat on the [MASK] .", "we [MASK]", "free money to claim [MASK] ."):
            requests += [MaskLogitsRequest(text), AttentionsRequest(text, layers=layers)]
            requests.append(HiddenStatesRequest(text, layers=(*layers, len(layers))))
        for request, answer in _ask_together(engine, requests):
            with torch.no_grad():
                inputs = tokenizer(request.text, return_tensors="pt")
                right = model(**inputs, output_attentions=True, output_hidden_states=True)
            if isinstance(request, MaskLogitsRequest):
                pair = answer.logits, right.logits[0, answer.positions]
            elif isinstance(request, AttentionsRequest):
                pair = answer.attentions, torch.cat(right.attentions)
            else:
                pair = answer.hidden_states, torch.cat(right.hidden_states)
            np.testing.assert_allclose(pair[0], pair[1].numpy(), atol=TOLERANCE, err_msg=repr(request))
    cache.close()
