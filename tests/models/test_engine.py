"""The engine as its callers see it: bounds, errors, cancelling, memory, bulk work."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.errors import (
    BusyError,
    CapabilityError,
    DeadlineError,
    EmptyTextError,
    InputError,
    MaskError,
    OutOfMemoryError,
    QueueFullError,
)
from bert_explorer.models.engine import Engine
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.requests import (
    AttentionsRequest,
    HiddenStatesRequest,
    MaskLogitsRequest,
    PooledRequest,
    TokenizeRequest,
)
from tests.models.conftest import plain

TEXT = "the [MASK] sat on the mat ."
NewEngine = Callable[..., Engine]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Engine], threading.Event]]:
    """``release = hold(engine)`` stops its worker before the next forward pass until ``release.set()``."""
    releases = []

    def hold_one(engine: Engine) -> threading.Event:
        release, started = threading.Event(), threading.Event()
        forward = engine._worker._answerer._forward
        run = forward.run

        def waiting(*args: Any) -> Any:
            started.set()
            release.wait(30)
            return run(*args)

        monkeypatch.setattr(forward, "run", waiting)
        engine.submit(HiddenStatesRequest("hold", layers=(0,)))
        assert started.wait(30)
        releases.append(release)
        return release

    yield hold_one
    for release in releases:
        release.set()


def break_forward(engine: Engine, monkeypatch: pytest.MonkeyPatch, word: str, error: Exception) -> list[int]:
    """Batches with ``word`` in a text raise ``error``. Returns the sizes of the batches that were tried."""
    forward = engine._worker._answerer._forward
    run, sizes = forward.run, []

    def failing(batch: Any, wanted: Any) -> Any:
        sizes.append(len(batch))
        if any(word in item.tokens.text for item in batch):
            raise error
        return run(batch, wanted)

    monkeypatch.setattr(forward, "run", failing)
    return sizes


@pytest.mark.parametrize(
    ("name", "ask", "head"),
    [
        ("classifier", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("electra-discriminator", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("encoder", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("bert", lambda engine: engine.next_sentence_logits("a", "b"), "next-sentence head"),
        ("bert", lambda engine: engine.class_logits(TEXT), "head for classes"),
        ("tagger", lambda engine: engine.class_logits(TEXT), "head for classes"),
    ],
)
def test_a_missing_head_is_named(name: str, ask: Callable[[Engine], Any], head: str, cache: Any) -> None:
    with (
        cache.lease(f"local:{name}") as engine,
        pytest.raises(CapabilityError, match=f"has no {head}.*It can do: .*Choose another model"),
    ):
        ask(engine)


def test_masks_are_required_and_limited(new_engine: NewEngine) -> None:
    engine = new_engine(max_masks=2)
    with pytest.raises(MaskError, match=r"no mask. Put \[MASK\]"):
        engine.mask_logits("the cat sat")
    with pytest.raises(MaskError, match="3 masks; the limit is 2"):
        engine.mask_logits("[MASK] [MASK] [MASK]")
    assert engine.mask_logits("[MASK] is [MASK]").logits.shape[0] == 2


def test_attention_beyond_all_measure_is_refused_with_its_size(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    monkeypatch.setattr("bert_explorer.models.answers.MAX_ANSWER_BYTES", 4 * 2 * 6 * 6)
    assert engine.attentions("the cat sat .", layers=[0]).attentions.shape == (1, 2, 6, 6)
    with pytest.raises(OutOfMemoryError, match=r"2 layers over 6 tokens.*shorter text or fewer layers"):
        engine.attentions("the cat sat .")


def test_the_vocabulary_names_every_row(engine: Engine) -> None:
    tokens = engine.tokenize("the zebras [MASK]")
    assert tuple(engine.vocabulary[i] for i in tokens.input_ids) == tokens.tokens
    assert len(engine.vocabulary) == engine.mask_logits(TEXT).logits.shape[1]


@pytest.mark.parametrize("layers", [[], [2], [-1], [0, 9]])
def test_layers_that_do_not_exist_are_refused(layers: list[int], engine: Engine) -> None:
    with pytest.raises(InputError, match="layer"):
        engine.attentions(TEXT, layers=layers)


def test_an_unknown_pooling_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="Choose one of: mean, cls, max"):
        engine.pooled(["the cat"], layer=1, pooling="sum")  # type: ignore[arg-type]


def test_a_full_queue_refuses_and_recovers(new_engine: NewEngine, hold: Any) -> None:
    engine = new_engine(max_queue=2)
    release = hold(engine)
    futures = [engine.submit(MaskLogitsRequest(TEXT)) for _ in range(2)]
    with pytest.raises(QueueFullError, match="2 requests are waiting"):
        engine.submit(MaskLogitsRequest(TEXT))
    release.set()
    assert all(future.result(30).logits.shape[0] == 1 for future in futures)
    assert engine.mask_logits(TEXT).logits.shape[0] == 1


def test_bulk_work_waits_for_a_place_instead(new_engine: NewEngine) -> None:
    engine = new_engine(max_queue=2)
    texts = [f"the cat {number}" for number in range(30)]
    assert engine.pooled(texts, layer=2).shape == (30, 32)


def test_a_passed_deadline_is_an_error_and_the_rest_goes_on(new_engine: NewEngine, hold: Any) -> None:
    engine = new_engine(deadline_s=1.0)
    release = hold(engine)
    started = time.monotonic()
    with pytest.raises(DeadlineError, match="did not answer within 1 s"):
        engine.mask_logits(TEXT)
    assert time.monotonic() - started < 5
    late = engine.submit(MaskLogitsRequest("a [MASK]"))
    time.sleep(1.1)
    release.set()
    with pytest.raises(DeadlineError):
        late.result(30)
    assert engine.mask_logits(TEXT).logits.shape[0] == 1


def test_a_cancelled_request_is_skipped(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    release = hold(engine)
    cancelled = engine.submit(MaskLogitsRequest("cancelled [MASK]"))
    kept = engine.submit(MaskLogitsRequest(TEXT))
    assert cancelled.cancel()
    texts = break_forward(engine, monkeypatch, "cancelled", AssertionError("was computed"))
    release.set()
    assert kept.result(30).logits.shape[0] == 1
    with pytest.raises(CancelledError):
        cancelled.result(30)
    assert texts == [1]
    assert engine.idle


def test_one_bad_request_does_not_fail_its_neighbours(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    release = hold(engine)
    texts = [
        "the cat [MASK]",
        "a dog [MASK]",
        "poison [MASK]",
        "we are [MASK]",
        "no mask here",
        "home [MASK]",
    ]
    futures = {text: engine.submit(MaskLogitsRequest(text)) for text in texts}
    sizes = break_forward(engine, monkeypatch, "poison", ZeroDivisionError("poison"))
    release.set()
    for text, future in futures.items():
        if text == "poison [MASK]":
            with pytest.raises(ZeroDivisionError):
                future.result(30)
        elif text == "no mask here":
            with pytest.raises(MaskError):
                future.result(30)
        else:
            assert future.result(30).tokens.text == text
    assert sizes[0] == 5


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_too_little_memory_is_an_error_that_the_engine_survives(
    error: Exception, new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    break_forward(engine, monkeypatch, "large", error)
    with pytest.raises(OutOfMemoryError, match="shorter text"):
        engine.hidden_states("large", layers=[1])
    assert engine.mask_logits(TEXT).logits.shape[0] == 1


def test_a_batch_that_is_too_large_is_halved_until_it_fits(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    release = hold(engine)
    futures = [engine.submit(PooledRequest(f"the cat {i}", layer=2)) for i in range(8)]
    forward = engine._worker._answerer._forward
    run, sizes = forward.run, []

    def small_only(batch: Any, wanted: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return run(batch, wanted)

    monkeypatch.setattr(forward, "run", small_only)
    release.set()
    assert all(future.result(30).shape == (32,) for future in futures)
    assert sizes == [8, 4, 2, 2, 4, 2, 2]


def test_a_failure_outside_any_request_does_not_end_the_engine(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    answerer = engine._worker._answerer
    monkeypatch.setattr(answerer, "kind", lambda _request: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        engine.mask_logits(TEXT)
    monkeypatch.undo()
    assert engine.mask_logits(TEXT).logits.shape[0] == 1


def test_a_closed_engine_fails_what_waits_and_refuses_new_requests(new_engine: NewEngine, hold: Any) -> None:
    engine = new_engine()
    release = hold(engine)
    waiting = engine.submit(MaskLogitsRequest(TEXT))
    threading.Timer(0.1, release.set).start()
    engine.close()
    with pytest.raises(BusyError, match="closed"):
        waiting.result(30)
    with pytest.raises(BusyError, match="closed"):
        engine.mask_logits(TEXT)
    assert not engine._worker.is_alive()


def test_equal_questions_are_computed_once(new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    loaned = new_engine()
    engine = loaned
    engine._memory = engine._worker._memory = ResultMemory(10_000_000)
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    first = engine.mask_logits(TEXT)
    assert engine.mask_logits(TEXT) is first
    assert engine.attentions(TEXT, layers=[0]) is not engine.attentions(TEXT, layers=[1])
    assert engine.attentions(TEXT, layers=[0]) is engine.attentions(TEXT, layers=[0])
    assert len(sizes) == 3


def test_without_a_memory_every_question_is_computed(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    assert engine.mask_logits(TEXT) is not engine.mask_logits(TEXT)
    assert sizes == [1, 1]


def test_equal_questions_in_one_batch_are_computed_once(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of 30 that clicks the same example at once."""
    engine = new_engine()
    release = hold(engine)
    futures = [engine.submit(MaskLogitsRequest(TEXT)) for _ in range(30)]
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    release.set()
    assert len({id(future.result(30)) for future in futures}) == 1
    assert sizes == [1]


def test_different_questions_about_texts_of_a_length_share_a_forward_pass(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    release = hold(engine)
    futures = [
        engine.submit(MaskLogitsRequest("the [MASK]")),
        engine.submit(HiddenStatesRequest("the cat", layers=(0, 2))),
        engine.submit(PooledRequest("the cat", layer=1)),
        engine.submit(TokenizeRequest("the cat")),
        engine.submit(AttentionsRequest("the cat", layers=(1,))),
    ]
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    release.set()
    for future in futures:
        future.result(30)
    assert sizes == [3, 1]


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_pooled_vectors_are_those_of_single_texts_in_the_order_asked(
    pooling: Any, engine: Engine, checkpoints: Path
) -> None:
    """Second road: the formula over plain transformers' hidden states."""
    model, tokenizer = plain(checkpoints / "models" / "pretraining", "AutoModel")
    texts = ["the cat sat on the mat and looked at the dog", "we", "free prize " * 100, "yes , call now"]
    seen: list[tuple[int, int]] = []
    vectors = engine.pooled(texts, layer=1, pooling=pooling, progress=lambda *done: seen.append(done))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for text, vector in zip(texts, vectors, strict=True):
        inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**inputs, output_hidden_states=True).hidden_states[1][0].numpy()
        right = {"mean": hidden.mean(0), "cls": hidden[0], "max": hidden.max(0)}[pooling]
        np.testing.assert_allclose(vector, right, atol=1e-4)


def test_an_empty_text_among_many_is_named_by_its_number(engine: Engine) -> None:
    with pytest.raises(EmptyTextError, match="Text 2 of 3 is empty"):
        engine.pooled(["the cat", " ", "we"], layer=1)
    assert engine.pooled([], layer=1).shape == (0, 32)


def test_map_gives_answers_in_order_and_cancels_the_rest_when_left(new_engine: NewEngine) -> None:
    engine = new_engine()
    asked: list[str] = []

    def requests() -> Iterator[TokenizeRequest]:
        for number in range(500):
            asked.append(f"the cat {number}")
            yield TokenizeRequest(asked[-1])

    answers = engine.map(requests())
    assert [next(answers).text for _ in range(3)] == ["the cat 0", "the cat 1", "the cat 2"]
    answers.close()  # type: ignore[attr-defined]
    assert len(asked) < 100
    assert [tokens.text for tokens in engine.map(requests())] == asked[-500:]
