"""The models in memory, shared by everyone: one load a model however many ask, bounded by bytes.

    with open_model("bundled") as engine:
        engine.mask_logits("Paris is the [MASK] of France.")

The lease pins the engine; between leases it stays open until its bytes are needed for another model, the
least recently used first. A model whose files change on disk is loaded anew at the next lease.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from bert_explorer.errors import OutOfMemoryError
from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.hub import SMALL_FILES
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.reference import parse_reference
from bert_explorer.models.weights import weight_files
from bert_explorer.results import ModelInfo
from bert_explorer.settings import MB, Settings, get_settings

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

logger = logging.getLogger(__name__)

BYTES_PER_PARAMETER = 4  # float32, whatever the file stores
Version = tuple[tuple[str, int, int], ...]


@dataclass(eq=False)
class _Entry:
    """One model; ``engine`` is not done while it is loading, which counts as a lease.

    A ``stale`` entry left the cache because its files changed; its last lease closes the engine.
    """

    info: ModelInfo
    version: Version
    engine: "Future[Engine]" = field(default_factory=Future)
    num_leases: int = 0
    last_used: int = 0
    stale: bool = False

    @property
    def num_bytes(self) -> int:
        return BYTES_PER_PARAMETER * self.info.num_parameters

    @property
    def evictable(self) -> bool:
        return self.num_leases == 0 and self.engine.result().idle

    def close(self) -> None:
        if self.engine.done() and self.engine.exception() is None:
            self.engine.result().close()


class ModelCache:
    """Opens each model once and keeps it while there is room. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._memory = ResultMemory(settings.max_results_bytes)
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        self._clock = count(1)

    @contextmanager
    def lease(self, ref: str) -> Iterator["Engine"]:
        """The engine of a model, loaded if need be, and kept open while the block runs.

        Raises what loading raises, and OutOfMemoryError where models in use leave too little room.
        """
        reference = parse_reference(ref)
        folder = find_folder(reference, self._settings)
        entry, mine = self._enter(str(reference), folder)
        try:
            if mine:
                self._load(str(reference), entry, folder)
            yield entry.engine.result()
        finally:
            with self._lock:
                entry.num_leases -= 1
                last = entry.stale and entry.num_leases == 0
            if last:
                entry.close()

    def open_models(self) -> list[ModelInfo]:
        """What is in memory now, the least recently used first."""
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: entry.last_used)
            return [entry.engine.result().info for entry in entries if entry.engine.done()]

    @property
    def num_bytes(self) -> int:
        """Bytes of the weights in memory, those being loaded included."""
        with self._lock:
            return sum(entry.num_bytes for entry in self._entries.values())

    def close(self) -> None:
        """Close all engines, leased or not: for the end of the process, and for tests."""
        with self._lock:
            entries, self._entries = list(self._entries.values()), {}
        for entry in entries:
            entry.close()

    def _enter(self, ref: str, folder: Path) -> tuple[_Entry, bool]:
        """The model's entry with one lease more, and whether the caller has to load it."""
        version = folder_version(folder)
        known = self._entries.get(ref)
        if known is not None and known.version == version:
            info = known.info
        else:
            info = describe_model(ref, self._settings)  # reads files, so not under the lock
        to_close: list[_Entry] = []
        try:
            with self._lock:
                entry = self._entries.get(ref)
                if entry is not None and entry.version != version:
                    to_close += self._drop_stale(ref)
                    entry = None
                mine = entry is None
                if entry is None:
                    new = _Entry(info, version)
                    to_close += self._make_room(new)
                    entry = self._entries[ref] = new
                entry.num_leases += 1
                entry.last_used = next(self._clock)
                return entry, mine
        finally:
            for old in to_close:
                old.close()

    def _drop_stale(self, ref: str) -> list[_Entry]:
        """Remove a model whose files changed; gives it if nobody uses it any more. Needs the lock."""
        entry = self._entries.pop(ref)
        entry.stale = True
        return [] if entry.num_leases else [entry]

    def _make_room(self, new: _Entry) -> list[_Entry]:
        """Remove idle models, the least recently used first, until ``new`` fits. Needs the lock."""
        limit = self._settings.max_models_bytes
        used = sum(entry.num_bytes for entry in self._entries.values())
        idle = sorted((entry.last_used, ref) for ref, entry in self._entries.items() if entry.evictable)
        if used + new.num_bytes - sum(self._entries[ref].num_bytes for _, ref in idle) > limit:
            raise OutOfMemoryError(
                f"'{new.info.name}' needs {new.num_bytes / MB:,.0f} MB; models in memory take "
                f"{used / MB:,.0f} of the {limit / MB:,.0f} MB allowed (BERT_EXPLORER_MAX_MODELS_BYTES), and "
                "too few of them are idle. Try again later, or choose a smaller model."
            )
        removed = []
        for _, ref in idle:
            if used + new.num_bytes <= limit:
                break
            removed.append(self._entries.pop(ref))
            used -= removed[-1].num_bytes
        return removed

    def _load(self, ref: str, entry: _Entry, folder: Path) -> None:
        """Load for everyone who waits on the entry; a failure goes to all of them and is not kept."""
        try:
            entry.engine.set_result(open_engine(folder, entry.info, self._settings, self._memory))
        except BaseException as error:  # noqa: BLE001 - an interrupt too must reach those who wait
            with self._lock:
                if self._entries.get(ref) is entry:
                    del self._entries[ref]
            entry.engine.set_exception(error)
        else:
            logger.info("Opened '%s' (%.0f MB)", ref, entry.num_bytes / MB)


def open_engine(folder: Path, info: ModelInfo, settings: Settings, memory: ResultMemory) -> "Engine":
    """Load a model and start its engine. Imports torch, which pages that only show inputs never wait for."""
    from bert_explorer.models.engine import Engine
    from bert_explorer.models.loader import load_model

    return Engine(load_model(folder, info, settings), settings, memory)


def folder_version(folder: Path) -> Version:
    """Changes with the files of a model: name, size and time of change of config, tokenizer and weights."""
    small = {path for pattern in SMALL_FILES for path in folder.glob(pattern)}
    return file_versions([*sorted(small), *weight_files(folder)])


def file_versions(paths: Sequence[Path]) -> Version:
    """Name, size in bytes and time of change in ns of those that are there."""
    states = [(path.name, path.stat()) for path in paths if path.is_file()]
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


_process_caches: list[ModelCache] = []
_process_lock = threading.Lock()


def get_model_cache() -> ModelCache:
    """The cache of this process, with the process's settings."""
    with _process_lock:
        if not _process_caches:
            _process_caches.append(ModelCache(get_settings()))
        return _process_caches[0]


def open_model(ref: str) -> AbstractContextManager["Engine"]:
    """Lease the engine of a model from the process's cache: ``with open_model("bundled") as engine``."""
    return get_model_cache().lease(ref)


def close_model_cache() -> None:
    """Close all models of the process; the next ``open_model`` starts with the settings of then."""
    with _process_lock:
        caches, _process_caches[:] = list(_process_caches), []
    for cache in caches:
        cache.close()
