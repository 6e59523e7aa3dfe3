"""UMAP for many askers: at most ``MAX_WORKERS`` processes, a bounded line before them, a time limit each.

A worker stays for the next request, since its start (compiling) takes seconds. One that crashes or takes too
long is ended and replaced; its asker gets an error, and nobody else notices.
"""

import atexit
import json
import os
import queue
import subprocess
import sys
import threading
from typing import IO

import numpy as np

from bert_explorer.errors import BusyError, DeadlineError, QueueFullError
from bert_explorer.results import FloatArray
from bert_explorer.settings import REPOSITORY

MAX_WORKERS = 1  # more would take the pages' CPU
MAX_WAITING = 64
LIMIT_S = 300.0  # for one request, its wait in the line included
NUM_NEIGHBOURS = 15  # UMAP's default
COMMAND = (sys.executable, "-m", "bert_explorer.analysis.umap_worker")
ONE_THREAD = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class UmapPool:
    """Thread-safe. ``close`` ends the processes."""

    def __init__(
        self,
        *,
        max_workers: int = MAX_WORKERS,
        max_waiting: int = MAX_WAITING,
        limit_s: float = LIMIT_S,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._limit_s = limit_s
        self._command = command
        self._max_waiting = max_waiting
        self._idle: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        for _ in range(max_workers):
            self._idle.put(None)  # a place where a process will be started
        self._places = threading.Semaphore(max_workers + max_waiting)

    def compute(self, vectors: FloatArray, *, dimensions: int, seed: int) -> FloatArray:
        """(num_items, dimensions) coordinates of (num_items, hidden_size).

        Raises QueueFullError or DeadlineError, and BusyError where the process failed.
        """
        if not self._places.acquire(blocking=False):
            raise QueueFullError(
                f"{self._max_waiting} UMAP pictures are waiting, which is the limit. Try again in a moment, "
                "or use PCA."
            )
        try:
            return self._compute(np.ascontiguousarray(vectors, dtype=np.float32), dimensions, seed)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the idle processes; those at work end with their request."""
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return
            if process is not None:
                _end(process)

    def _compute(self, vectors: FloatArray, dimensions: int, seed: int) -> FloatArray:
        try:
            process = self._idle.get(timeout=self._limit_s)
        except queue.Empty:
            raise self._deadline_error() from None
        if process is not None and process.poll() is not None:
            _end(process)
            process = None
        late = threading.Event()
        try:
            process = process or self._start()
            coordinates = self._ask(process, vectors, dimensions, seed, late)
        except BaseException:
            if process is not None:
                _end(process)  # what is left in its pipes must not become the next asker's answer
            self._idle.put(None)
            raise
        self._idle.put(process)
        return coordinates

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=REPOSITORY,
            env=environment,
            start_new_session=True,
        )

    def _ask(
        self,
        process: "subprocess.Popen[bytes]",
        vectors: FloatArray,
        dimensions: int,
        seed: int,
        late: threading.Event,
    ) -> FloatArray:
        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._limit_s, stop)
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            _write(process.stdin, vectors, dimensions, seed)
            return _read(process.stdout)
        except (BrokenPipeError, EOFError) as error:
            if late.is_set():
                raise self._deadline_error() from error
            raise BusyError("The process that computes UMAP ended. Try again, or use PCA.") from error
        finally:
            timer.cancel()

    def _deadline_error(self) -> DeadlineError:
        return DeadlineError(
            f"UMAP took longer than {self._limit_s:g} s. Use fewer rows, or PCA, or try again later."
        )


def _write(pipe: IO[bytes], vectors: FloatArray, dimensions: int, seed: int) -> None:
    rows, columns = vectors.shape
    neighbours = min(NUM_NEIGHBOURS, rows - 1)
    header = {"rows": rows, "columns": columns, "dimensions": dimensions, "neighbours": neighbours}
    pipe.write(json.dumps(header | {"seed": seed}).encode() + b"\n")
    pipe.write(vectors.tobytes())
    pipe.flush()


def _read(pipe: IO[bytes]) -> FloatArray:
    line = pipe.readline()
    if not line:
        raise EOFError
    answer = json.loads(line)
    if "error" in answer:
        raise BusyError(f"UMAP could not draw these vectors ({answer['error']}). Use PCA or t-SNE.")
    num_bytes = 4 * answer["rows"] * answer["columns"]
    content = pipe.read(num_bytes)
    if len(content) < num_bytes:
        raise EOFError
    return np.frombuffer(content, dtype=np.float32).reshape(answer["rows"], answer["columns"]).copy()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # it held bytes that nobody will read any more


_pool: UmapPool | None = None
_lock = threading.Lock()


def get_umap_pool() -> UmapPool:
    """The pool of this process, which ends with it."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = UmapPool()
            atexit.register(_pool.close)
        return _pool
