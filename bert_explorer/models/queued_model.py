"""One loaded model behind a queue: many threads ask, one thread computes, everyone gets a future.

Fast tokenizers give wrong answers when threads share them, and torch gains nothing from several threads
inside one model on one device. So the worker thread owns both, and batches what waits. A question that was
answered before is answered from memory.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from time import monotonic
from typing import Any

from bert_explorer.models.dissection import read_blueprint
from bert_explorer.models.jobs import Job, JobQueue, deadline_error
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.requests import AnyRequest
from bert_explorer.models.token_names import token_reader
from bert_explorer.models.worker import Worker
from bert_explorer.results import Blueprint, ModelInfo
from bert_explorer.settings import Settings

WINDOW = 64  # requests of one bulk job in the queue at a time, so that others find a place


class QueuedModel:
    """Answers requests. Every method may be called from any thread.

    ``vocabulary[i]`` is the token with id i, or "" for a row of the embeddings that no token uses;
    ``special_ids`` are those of [CLS], [MASK] and their kind. ``blueprint`` is None for a family whose inside
    is not described.
    """

    def __init__(self, loaded: LoadedModel, settings: Settings, memory: ResultMemory | None = None) -> None:
        """Without ``memory`` every question is computed, as benchmarks want it."""
        self.info: ModelInfo = loaded.info
        self.num_bytes = loaded.num_bytes
        self.vocabulary: tuple[str, ...] = _name_rows(loaded)
        self.special_ids = frozenset(loaded.tokenizer.all_special_ids)
        self.blueprint: Blueprint | None = read_blueprint(loaded)
        self._settings = settings
        self._memory = memory
        self._queue = JobQueue(settings.max_queue, loaded.info.name)
        self._worker = Worker(loaded, self._queue, settings, memory)
        self._worker.start()

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting or being computed."""
        return self._queue.idle

    @property
    def max_text_chars(self) -> int:
        """Longer texts are refused before they are read."""
        return self._settings.max_text_chars

    @property
    def max_batch_tokens(self) -> int:
        """A request that brings more tokens than this makes others wait: split it."""
        return self._worker.max_tokens

    def submit(self, request: AnyRequest) -> "Future[Any]":
        """Ask without waiting. Raises at once what can be known at once; the rest is in the future.

        A cancelled future is skipped if it has not started.
        """
        return self._submit(request, wait=False)

    def map(self, requests: Iterable[AnyRequest], *, window: int = WINDOW) -> Iterator[Any]:
        """Answers in the order of the requests, of which ``window`` are under way at a time."""
        pending: deque[Future[Any]] = deque()
        try:
            for request in requests:
                pending.append(self._submit(request, wait=True))
                if len(pending) >= window:
                    yield self._result(pending.popleft())
            while pending:
                yield self._result(pending.popleft())
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """Fail what waits, end the thread and forget the answers. Harmless when called again."""
        self._queue.close()
        self._worker.join(timeout=self._settings.deadline_s)
        if self._memory is not None:
            self._memory.forget(self._worker)

    def _ask(self, request: AnyRequest) -> Any:
        return self._result(self._submit(request, wait=False))

    def _submit(self, request: AnyRequest, *, wait: bool) -> "Future[Any]":
        request.check(self.info, self._settings.max_text_chars)
        job = Job(request, monotonic() + self._settings.deadline_s)
        known = self._memory.get(self._worker, request) if self._memory is not None else None
        if known is not None:
            job.future.set_result(known)
        else:
            self._queue.put(job, wait=wait)
        return job.future

    def _result(self, future: "Future[Any]") -> Any:
        try:
            return future.result(timeout=self._settings.deadline_s)
        except TimeoutError:
            if not future.cancel() and future.done():
                return future.result()  # it came between the two lines above
            raise deadline_error(self.info.name, self._settings.deadline_s) from None


def _name_rows(loaded: LoadedModel) -> tuple[str, ...]:
    """Tokens by id, as many as there are rows; before the worker owns the tokenizer."""
    names, read = [""] * loaded.info.vocab_size, token_reader(loaded.tokenizer)
    for token, token_id in loaded.tokenizer.get_vocab().items():
        names[token_id] = read(token)
    return tuple(names)
