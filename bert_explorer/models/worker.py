"""The loop of an engine's one thread: the only code that touches its model and tokenizer."""

import gc
import logging
import threading
import time
from collections.abc import Hashable, Sequence
from concurrent.futures import CancelledError
from typing import Any

import torch

from bert_explorer.errors import BertExplorerError, OutOfMemoryError
from bert_explorer.models.answers import Answerer
from bert_explorer.models.batching import choose_batch
from bert_explorer.models.jobs import Job, JobQueue, deadline_error
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.part_requests import StepsRequest, WeightsRequest
from bert_explorer.models.requests import LengthsRequest, TextsRequest, TokenizeRequest, WindowsRequest
from bert_explorer.models.tokenization import EncodedText, TextEncoder
from bert_explorer.settings import Settings

logger = logging.getLogger(__name__)

GATHER_S = 0.002  # after a shared batch its askers ask again at once: a moment later they share the next one
CPU_BULK_TOKENS = 2_048  # per batch of work in bulk
CPU_BATCH_TOKENS = 1_024  # from 256 tokens on a CPU is at its full speed, and larger batches make others wait


class Worker(threading.Thread):
    """Takes jobs from a queue in batches and answers them until the queue is closed.

    Whatever one request raises goes to its own future: a failing batch is halved until the culprit is
    alone, and its neighbours get their answers.
    """

    def __init__(
        self, loaded: LoadedModel, queue: JobQueue, settings: Settings, memory: ResultMemory | None
    ) -> None:
        super().__init__(name=f"engine {loaded.info.ref}", daemon=True)
        self._queue = queue
        self._settings = settings
        self._memory = memory
        self._name = loaded.info.name
        num_types = getattr(loaded.network.config, "type_vocab_size", 0)
        max_length = loaded.info.max_length
        self._encoder = TextEncoder(loaded.tokenizer, max_length=max_length, num_types=num_types)
        self._answerer = Answerer(loaded, self._encoder, max_masks=settings.max_masks)
        on_cpu = loaded.device.type == "cpu"
        self.max_bulk_tokens = min(settings.max_batch_tokens, CPU_BULK_TOKENS if on_cpu else 1 << 62)
        self.max_tokens = min(settings.max_batch_tokens, CPU_BATCH_TOKENS if on_cpu else 1 << 62)

    def run(self) -> None:
        """The thread's work; ends when the queue is closed."""
        torch.set_flush_denormal(True)  # a state of each thread; denormals made training 5 times slower
        if self._settings.num_threads:
            torch.set_num_threads(self._settings.num_threads)
        while jobs := self._queue.wait_for_jobs():
            try:
                self._answer_some(jobs)
            except Exception as error:
                logger.exception("The engine of '%s' failed and goes on", self._name)
                self._finish(jobs, error)

    def _answer_some(self, jobs: Sequence[Job]) -> None:
        """Answer what needs no model at once, then run one batch around the oldest job."""
        ready = [job for job in jobs if self._prepare(job)]
        if not ready:
            return
        lengths = [self._measure(job) for job in ready]
        counts = [self._answerer.num_texts(job.request) for job in ready]
        batch = self._queue.take([ready[i] for i in choose_batch(lengths, self.max_tokens, counts)])
        try:
            self._run_batch([job for job in batch if job.future.set_running_or_notify_cancel()])
        finally:
            self._queue.done(batch)
        if len(batch) > 1:
            time.sleep(GATHER_S)

    def _measure(self, job: Job) -> tuple[Hashable, int]:
        """(kind, tokens) of a job. Equal questions about many texts share a batch: they are computed once."""
        if isinstance(job.request, TextsRequest):
            return ("texts", job.request), 1
        assert isinstance(job.encoded, EncodedText)
        item = (job.request, job.encoded)
        return self._answerer.kind(item), len(job.encoded)

    def _prepare(self, job: Job) -> bool:
        """Whether the job is encoded and waits for the model; others leave the queue here."""
        if job.future.cancelled():
            outcome: Any = CancelledError()
        elif job.expired:
            outcome = deadline_error(self._name, self._settings.deadline_s)
        else:
            outcome = self._encode(job) if job.encoded is None else None
        if outcome is not None:
            self._finish([job], outcome)
        return outcome is None

    def _finish(self, jobs: Sequence[Job], outcome: Any) -> None:
        """Take jobs that have not started out of the queue, with one answer or error for all."""
        taken = self._queue.take(jobs)
        for job in taken:
            if not job.future.set_running_or_notify_cancel():
                continue
            if isinstance(outcome, BaseException):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
        self._queue.done(taken)

    def _encode(self, job: Job) -> Any:
        """None if the model is needed for the answer; else the answer, or the error."""
        request = job.request
        try:
            if isinstance(request, WeightsRequest):
                return self._answerer.weights(request)
            if isinstance(request, WindowsRequest):
                return tuple(map(self._encoder.split, request.texts))
            if isinstance(request, TextsRequest):
                texts = job.encoded = self._encoder.encode_many(request.texts)
                return texts.lengths if isinstance(request, LengthsRequest) else None
            text = job.encoded = self._encoder.encode(request.text, request.pair, truncate=request.truncate)
            self._answerer.check((request, text))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this job's asker
            return error
        return text.tokens if isinstance(request, TokenizeRequest) else None

    def _run_batch(self, jobs: Sequence[Job]) -> None:
        """Equal questions are asked once; every job gets its answer or its error."""
        questions = {job.request: (job.request, job.encoded) for job in jobs if job.encoded is not None}
        answers = dict(zip(questions, self._answers(list(questions.values())), strict=True))
        for request, answer in answers.items():
            kept = not isinstance(request, StepsRequest) and not isinstance(answer, BaseException)
            if self._memory is not None and kept:
                self._memory.put(self, request, answer)
        for job in jobs:
            answer = answers[job.request]
            if isinstance(answer, BaseException):
                job.future.set_exception(answer)
            else:
                job.future.set_result(answer)

    def _answers(self, items: Sequence[Any]) -> list[Any]:
        """An answer or an exception for each item."""
        if not items:
            return []
        try:
            if isinstance(items[0][0], TextsRequest):  # one alone: others of its kind are its equals
                return [self._answerer.answer_texts(items[0])]
            return self._answerer.answer(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to its asker
            failure = self._explain(error)
        if len(items) == 1:
            return [failure]
        middle = len(items) // 2
        return self._answers(items[:middle]) + self._answers(items[middle:])

    def _explain(self, error: Exception) -> Exception:
        """The error itself, or what to do about too little memory (which is given back here)."""
        if not is_out_of_memory(error):
            if not isinstance(error, BertExplorerError):
                logger.exception("A request to '%s' failed", self._name, exc_info=error)
            return error
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return OutOfMemoryError(
            f"There is too little memory for this with '{self._name}'. Use a shorter text, "
            "fewer layers, or a smaller model."
        )


def is_out_of_memory(error: Exception) -> bool:
    """CUDA and numpy have types for it; the CPU allocator and MPS have words."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "out of memory" in text)
