"""The engine when things go wrong: full queues, deadlines, failures, too little memory, closing."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import pytest
import torch

from bert_explorer.errors import (
    BusyError,
    DeadlineError,
    MaskError,
    OutOfMemoryError,
    QueueFullError,
)
from bert_explorer.models.engine import Engine
from bert_explorer.models.requests import HiddenStatesRequest, MaskLogitsRequest
from tests.models.conftest import break_forward

TEXT = "the [MASK] sat on the mat ."
NewEngine = Callable[..., Engine]


def test_attention_beyond_all_measure_is_refused_with_its_size(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    monkeypatch.setattr("bert_explorer.models.answers.MAX_ANSWER_BYTES", 4 * 2 * 6 * 6)
    assert engine.attentions("the cat sat .", layers=[0]).attentions.shape == (1, 2, 6, 6)
    with pytest.raises(OutOfMemoryError, match=r"2 layers over 6 tokens.*shorter text or fewer layers"):
        engine.attentions("the cat sat .")


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
    futures = [engine.submit(HiddenStatesRequest(f"the cat {i}", layers=(2,))) for i in range(8)]
    forward = engine._worker._answerer._forward
    run, sizes = forward.run, []

    def small_only(batch: Any, wanted: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return run(batch, wanted)

    monkeypatch.setattr(forward, "run", small_only)
    release.set()
    assert all(future.result(30).hidden_states.shape[-1] == 32 for future in futures)
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
