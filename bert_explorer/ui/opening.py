"""Opens models in the background, so that no page ever waits for torch before it is drawn.

``is_open`` answers at once. The first question for a model starts a thread that opens it; pages draw
what they can (inputs, a stored answer) and look again a moment later.
"""

import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

DRAW_FIRST_S = 0.4  # reading torch slows every other thread: the page that asks is drawn before

_openings: dict[str, "Future[None]"] = {}
_lock = Lock()
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="open-model")


def is_open(ref: str) -> bool:
    """Whether the model has been opened in this process; if not, start opening it.

    Raises what opening it raised (a BertExplorerError in most cases); the next call tries again.
    """
    with _lock:
        opening = _openings.get(ref)
        if opening is None:
            opening = _openings[ref] = _threads.submit(_open, ref)
        if not opening.done():
            return False
        if opening.exception() is not None:
            del _openings[ref]
    opening.result()
    return True


def is_settled(ref: str) -> bool:
    """Whether opening the model has ended, in success or failure. Starts nothing."""
    with _lock:
        opening = _openings.get(ref)
        return opening is None or opening.done()


def warm_up(ref: str = "bundled") -> None:
    """Open the bundled model and the training queue in the background. Returns at once, never raises."""
    with _lock:
        if ref in _openings:
            return
        opening = _openings[ref] = _threads.submit(_open, ref)
        opening.add_done_callback(lambda _: _start_queue())


def open_now(ref: str) -> None:
    """Open a model and wait until it is open. Raises what opening it raises."""
    while not is_open(ref):
        with _lock:
            opening = _openings.get(ref)
        if opening is not None:
            opening.exception()


def forget_openings() -> None:
    """Wait for openings under way, then forget them all: for tests, whose models come and go."""
    with _lock:
        waiting = list(_openings.values())
        _openings.clear()
    for opening in waiting:
        opening.exception()


def _open(ref: str) -> None:
    if "torch" not in sys.modules:
        time.sleep(DRAW_FIRST_S)
    from bert_explorer.models.cache import open_model

    with open_model(ref):
        pass


def _start_queue() -> None:
    """Recover the runs that a crash left behind, even if nobody opens the Fine-tune page."""
    from bert_explorer.ui.runs import get_run_queue

    get_run_queue()
