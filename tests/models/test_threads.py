"""Right under threads: 16 of them, 5,000 requests of mixed lengths and operations, all as if alone."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bert_explorer.models.engine import Engine
from bert_explorer.models.requests import (
    AttentionsRequest,
    HiddenStatesRequest,
    MaskLogitsRequest,
    NextSentenceRequest,
    PooledRequest,
    Request,
    TokenizeRequest,
)
from bert_explorer.results import Tokens
from tests.tiny_models import TEXTS

NUM_THREADS = 16
NUM_REQUESTS = 5_000
NUM_DIFFERENT = 500  # each asked ten times, by different threads beside different neighbours
TOLERANCE = 1e-4


def make_requests(seed: int) -> list[Request]:
    """Texts of 1 to 100 words, singly and in pairs, in all operations."""
    chance = random.Random(seed)
    words = " ".join(TEXTS).split()

    def text(longest: int = 100) -> str:
        return " ".join(chance.choices(words, k=1 + int(longest ** chance.random())))

    def request() -> Request:
        layers = tuple(chance.sample(range(2), chance.randint(1, 2)))
        return chance.choice(
            [
                TokenizeRequest(text(), chance.choice([None, text(20)])),
                MaskLogitsRequest(f"{text(50)} [MASK] {text(40)}", chance.choice([None, text(20)])),
                NextSentenceRequest(text(50), text(50)),
                AttentionsRequest(text(60), layers=layers),
                HiddenStatesRequest(text(), layers=(*layers, 2)),
                PooledRequest((text(), text()), layers, chance.choice(["mean", "max", "cls"])),
            ]
        )

    return [request() for _ in range(NUM_DIFFERENT)]


def numbers(answer: Any) -> np.ndarray:
    """The array of an answer."""
    if isinstance(answer, Tokens):
        return answer.input_ids
    for name in ("logits", "attentions", "hidden_states"):
        if hasattr(answer, name):
            return np.asarray(getattr(answer, name))
    return np.asarray(answer)


def test_5000_requests_of_16_threads_are_answered_as_if_asked_alone(
    new_engine: Callable[..., Engine],
) -> None:
    engine = new_engine(max_queue=10_000)  # without memory of answers: each is computed
    requests = make_requests(seed=0)
    alone = [numbers(engine.submit(request).result(60)) for request in requests]
    batches: list[int] = []
    forward = engine._worker._answerer._forward
    run = forward.run
    forward.run = lambda batch, wanted: (batches.append(len(batch)), run(batch, wanted))[1]  # type: ignore[method-assign]
    start = threading.Barrier(NUM_THREADS)

    def ask(thread: int) -> list[tuple[int, float]]:
        """Index and largest difference of each answer, in an order of this thread's own."""
        order = list(range(thread, NUM_REQUESTS, NUM_THREADS))
        random.Random(thread).shuffle(order)
        start.wait(60)
        differences = []
        for first in range(0, len(order), 20):  # twenty under way at a time
            futures = [(i, engine.submit(requests[i % NUM_DIFFERENT])) for i in order[first : first + 20]]
            for i, future in futures:
                answer, right = numbers(future.result(60)), alone[i % NUM_DIFFERENT]
                assert answer.shape == right.shape
                differences.append((i, float(np.abs(answer - right).max())))
        return differences

    with ThreadPoolExecutor(NUM_THREADS) as pool:
        results = [item for part in pool.map(ask, range(NUM_THREADS)) for item in part]
    assert sorted(i for i, _ in results) == list(range(NUM_REQUESTS))
    assert max(difference for _, difference in results) < TOLERANCE
    assert max(batches) > 4  # they did share forward passes
    assert sum(batches) > NUM_REQUESTS / 3


def test_different_requests_have_different_answers() -> None:
    """Otherwise mixed-up answers would pass the test above."""
    requests = make_requests(seed=0)
    assert len(set(requests)) > 0.95 * NUM_DIFFERENT
