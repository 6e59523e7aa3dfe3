"""One thread of BLAS while steps are recomputed: two of them beside torch's wait for each other.

Measured on two busy cores: a text of 64 tokens took 0.1 s with one thread and 2.5 s with two. The number is
one for the whole process, so it is set when the first recomputation begins and put back when the last ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = Lock()
_limits: list[Any] = []  # the limit in force, while there is one
_num_users = 0


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, numpy multiplies matrices in one thread. May be entered from several threads at once."""
    global _num_users
    with _lock:
        if _num_users == 0:
            _limits.append(_controller().limit(limits=1, user_api="blas"))
        _num_users += 1
    try:
        yield
    finally:
        with _lock:
            _num_users -= 1
            if _num_users == 0:
                _limits.pop().restore_original_limits()


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
