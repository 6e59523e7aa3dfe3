"""Answers that were given before, up to a number of bytes; the least recently used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

MAX_SHARE = 0.4  # a larger answer would push out too much else; 12 layers of 12 heads at 512 tokens fit
BYTES_PER_OBJECT = 64  # a small Python object with its place in a tuple, about


class ResultMemory:
    """Thread-safe memory of answers by (owner, question). Answers are immutable, so they are shared."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._answers: OrderedDict[tuple[Hashable, Hashable], tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, owner: Hashable, question: Hashable) -> Any | None:
        """The answer, or None where there is none (no answer is None itself)."""
        with self._lock:
            entry = self._answers.get((owner, question))
            if entry is None:
                return None
            self._answers.move_to_end((owner, question))
            return entry[0]

    def put(self, owner: Hashable, question: Hashable, answer: Any) -> None:
        """Keep an answer, unless it alone takes over MAX_SHARE of the memory."""
        num_bytes = estimate_bytes(answer) + estimate_bytes(question)
        if num_bytes > MAX_SHARE * self.max_bytes:
            return
        with self._lock:
            old = self._answers.pop((owner, question), None)
            self.num_bytes += num_bytes - (old[1] if old else 0)
            self._answers[(owner, question)] = (answer, num_bytes)
            while self.num_bytes > self.max_bytes:
                _, (_, freed) = self._answers.popitem(last=False)
                self.num_bytes -= freed

    def forget(self, owner: Hashable) -> None:
        """Drop all answers of one owner."""
        with self._lock:
            for key in [key for key in self._answers if key[0] == owner]:
                self.num_bytes -= self._answers.pop(key)[1]


def estimate_bytes(value: Any) -> int:
    """Memory of an answer: exact for arrays, about right for the small objects around them."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + BYTES_PER_OBJECT
    if isinstance(value, str):
        return len(value) * 2 + BYTES_PER_OBJECT
    if isinstance(value, tuple):
        return BYTES_PER_OBJECT + sum(estimate_bytes(item) for item in value)
    if isinstance(value, dict):
        return BYTES_PER_OBJECT + sum(estimate_bytes(key) + estimate_bytes(value[key]) for key in value)
    if is_dataclass(value):
        return BYTES_PER_OBJECT + sum(estimate_bytes(getattr(value, item.name)) for item in fields(value))
    return BYTES_PER_OBJECT
