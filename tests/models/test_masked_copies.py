"""Masked copies and the layers' own guesses: every family against plain transformers, one copy at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.errors import CapabilityError, InputError, MaskError
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.requests import (
    LayerLogitsRequest,
    MaskedCopiesRequest,
    MaskedCopy,
    MaskLogitsRequest,
    Request,
)
from tests.models.conftest import plain
from tests.tiny_models import FAMILIES

TEXT = "the cat sat on the mat and looked at the dog ."
SHORT = "we are going to see a doctor"
MASKED_LM = [name for name in FAMILIES if name != "electra-discriminator"]


def copies_of(length: int) -> tuple[MaskedCopy, ...]:
    """Each token hidden alone, then one with a neighbour hidden too and another token changed."""
    alone = [MaskedCopy(i) for i in range(1, length - 1)]
    return (*alone, MaskedCopy(3, hidden=(5, 6), filled=((2, 9),)), MaskedCopy(4, filled=((4, 11),)))


def score_by_hand(model: Any, tokenizer: Any, text: str, copy: MaskedCopy) -> tuple[float, int, list[int]]:
    inputs = tokenizer(text, return_tensors="pt")
    ids = inputs["input_ids"][0]
    for position, token_id in copy.filled:
        ids[position] = token_id
    wanted = int(ids[copy.position])
    for position in (copy.position, *copy.hidden):
        ids[position] = tokenizer.mask_token_id
    with torch.no_grad():
        scores = model(**inputs).logits[0, copy.position].log_softmax(-1)
    return float(scores[wanted]), 1 + int((scores > scores[wanted]).sum()), scores.topk(3).indices.tolist()


@pytest.mark.parametrize("family", MASKED_LM)
def test_copies_are_what_a_loop_over_masks_gives(family: str, cache: ModelCache, checkpoints: Path) -> None:
    model, tokenizer = plain(checkpoints / "models" / family, "AutoModelForMaskedLM")
    with cache.lease(f"local:{family}") as engine:
        questions = [
            MaskedCopiesRequest(text, copies=copies_of(len(engine.tokenize(text))), top_k=3)
            for text in (TEXT, SHORT, TEXT)
        ]
        for question, answer in zip(questions, engine.score_copies(questions), strict=True):
            by_hand = [score_by_hand(model, tokenizer, question.text, copy) for copy in question.copies]
            np.testing.assert_allclose(answer.log_probabilities, [item[0] for item in by_hand], atol=1e-4)
            assert answer.ranks.tolist() == [item[1] for item in by_hand]
            assert answer.best_ids.tolist() == [item[2] for item in by_hand]
            assert (np.diff(answer.best_log_probabilities) <= 0).all()


def test_many_copies_go_in_small_batches_and_come_back_in_order(
    new_engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine(max_batch_tokens=40)
    forward = engine._worker._answerer._forward
    run, sizes = forward.run, []
    monkeypatch.setattr(
        forward, "run", lambda batch, wanted: (sizes.append(len(batch)), run(batch, wanted))[1]
    )
    length = len(engine.tokenize(TEXT))
    question = MaskedCopiesRequest(TEXT, copies=copies_of(length))
    (together,) = engine.score_copies([question])
    assert max(sizes) <= 40 // length
    alone = [engine.submit(MaskedCopiesRequest(TEXT, copies=(copy,))).result(60) for copy in question.copies]
    expected = [float(answer.log_probabilities[0]) for answer in alone]
    np.testing.assert_allclose(together.log_probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("family", MASKED_LM)
def test_the_last_layer_guesses_what_the_model_does(family: str, cache: ModelCache) -> None:
    text = "the [MASK] sat on the [MASK] ."
    with cache.lease(f"local:{family}") as engine:
        whole = engine.mask_logits(text)
        for mask in (0, 1):
            answer = engine.layer_logits(text, mask=mask)
            assert answer.position == whole.positions[mask]
            assert answer.logits.shape == (engine.info.num_layers + 1, engine.info.vocab_size)
            np.testing.assert_allclose(answer.logits[-1], whole.logits[mask], atol=1e-4)
            assert np.abs(answer.logits[:-1] - answer.logits[-1]).max() > 0.1


@pytest.mark.parametrize(("family", "norm"), [("bert", None), ("modernbert", "final_norm")])
def test_inner_layers_go_through_the_head_of_plain_transformers(
    family: str, norm: str | None, cache: ModelCache, checkpoints: Path
) -> None:
    model, tokenizer = plain(checkpoints / "models" / family, "AutoModelForMaskedLM")
    text = "the cat sat on the [MASK] ."
    with torch.no_grad():
        read = tokenizer(text, return_tensors="pt")
        states = model.base_model(**read, output_hidden_states=True).hidden_states[1]
        if norm:
            expected = model.decoder(model.head(model.base_model.get_submodule(norm)(states)))
        else:
            expected = model.cls(states)
    with cache.lease(f"local:{family}") as engine:
        answer = engine.layer_logits(text)
    np.testing.assert_allclose(answer.logits[1], expected[0, answer.position], atol=1e-4)


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (MaskedCopiesRequest(SHORT), InputError, "No token is chosen"),
        (MaskedCopiesRequest(SHORT, copies=(MaskedCopy(99),)), InputError, "no token 99"),
        (MaskedCopiesRequest(SHORT, copies=(MaskedCopy(1, hidden=(-1,)),)), InputError, "no token -1"),
        (MaskedCopiesRequest(SHORT, copies=(MaskedCopy(1, filled=((1, 10**6),)),)), InputError, "1000000"),
        (MaskedCopiesRequest(SHORT, copies=(MaskedCopy(1),), top_k=0), InputError, "top_k is 0"),
        (LayerLogitsRequest(SHORT), MaskError, "no mask"),
        (LayerLogitsRequest("the [MASK]", mask=1), MaskError, "count from 0 to 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    request_: Request, error: type[Exception], message: str, engine: Engine
) -> None:
    with pytest.raises(error, match=message):
        engine.submit(request_).result(60)


def test_a_model_without_the_head_is_named(cache: ModelCache) -> None:
    with cache.lease("local:encoder") as engine, pytest.raises(CapabilityError, match="masked-word head"):
        list(engine.score_copies([MaskedCopiesRequest(SHORT, copies=(MaskedCopy(1),))]))


def test_masks_of_texts_of_different_lengths_share_a_padded_pass(engine: Engine) -> None:
    texts = ("the [MASK]", "the [MASK] sat on the [MASK] and [MASK] at", "we [MASK] going to [MASK] it")
    alone = [engine.mask_logits(text).logits for text in texts]
    answerer = engine._worker._answerer
    items: list[Any] = [(MaskLogitsRequest(text), engine._worker._encoder.encode(text)) for text in texts]
    for got, expected in zip(answerer.answer(items), alone, strict=True):
        np.testing.assert_allclose(got.logits, expected, atol=1e-4)
