"""The cache of models: one load however many ask, bounded, never closes a model in use."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bert_explorer.errors import BrokenModelError, OutOfMemoryError
from bert_explorer.models import cache as cache_module
from bert_explorer.models.cache import ModelCache, get_model_cache, open_model
from bert_explorer.models.engine import Engine
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

ONE_MODEL = 150_000  # bytes of a tiny BERT in memory, at most


@pytest.fixture
def small_cache(checkpoints: Path) -> Iterator[ModelCache]:
    """Has room for two tiny models."""
    cache = ModelCache(
        Settings(home=checkpoints, device="cpu", num_threads=1, max_models_bytes=2 * ONE_MODEL)
    )
    yield cache
    cache.close()


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References in the order of their loads."""
    refs: list[str] = []
    load = cache_module.open_engine

    def counting(folder: Path, info: Any, *rest: Any) -> Any:
        refs.append(info.ref)
        return load(folder, info, *rest)

    monkeypatch.setattr(cache_module, "open_engine", counting)
    return refs


def refs(cache: ModelCache) -> list[str]:
    return [info.ref for info in cache.open_models()]


def test_many_threads_that_ask_at_once_share_one_load(small_cache: ModelCache, loads: list[str]) -> None:
    barrier = threading.Barrier(16)

    def ask(_: int) -> Engine:
        barrier.wait(30)
        with small_cache.lease("local:bert") as engine:
            assert engine.tokenize("the cat").tokens[1] == "the"
            return engine

    with ThreadPoolExecutor(16) as pool:
        engines = set(pool.map(ask, range(16)))
    assert len(engines) == 1
    assert loads == ["local:bert"]


def test_the_least_recently_used_idle_model_makes_room(small_cache: ModelCache, loads: list[str]) -> None:
    for name in ("bert", "distilbert", "bert", "electra"):
        with small_cache.lease(f"local:{name}"):
            assert small_cache.num_bytes <= 2 * ONE_MODEL
    assert refs(small_cache) == ["local:bert", "local:electra"]
    assert loads == ["local:bert", "local:distilbert", "local:electra"]


def test_a_model_in_use_is_never_closed(small_cache: ModelCache) -> None:
    with small_cache.lease("local:bert") as first, small_cache.lease("local:distilbert"):
        with (
            pytest.raises(OutOfMemoryError, match=r"needs 0 MB; models in memory take .*Try again later"),
            small_cache.lease("local:electra"),
        ):
            pass
        assert first.tokenize("the cat").tokens[1] == "the"
    with small_cache.lease("local:electra") as engine:
        assert engine.tokenize("the cat").tokens[1] == "the"


def test_a_model_that_is_computing_is_not_idle(small_cache: ModelCache) -> None:
    from bert_explorer.models.requests import HiddenStatesRequest

    with small_cache.lease("local:bert") as engine:
        release = threading.Event()
        forward = engine._worker._answerer._forward
        run, forward.run = forward.run, lambda *args: release.wait(30) and run(*args)  # type: ignore[method-assign]
        future = engine.submit(HiddenStatesRequest("the cat", layers=(1,)))
    with small_cache.lease("local:distilbert"), pytest.raises(OutOfMemoryError):
        small_cache.lease("local:electra").__enter__()
    release.set()
    assert future.result(30).hidden_states.shape == (1, 4, 32)


def test_a_failed_load_reaches_everyone_and_is_not_kept(
    small_cache: ModelCache, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = cache_module.open_engine
    started = threading.Barrier(8)

    def failing(*_: Any) -> Any:
        raise BrokenModelError("spoiled")

    monkeypatch.setattr(cache_module, "open_engine", failing)

    def ask(_: int) -> str:
        started.wait(30)
        with pytest.raises(BrokenModelError, match="spoiled"), small_cache.lease("local:bert"):
            pass
        return "refused"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["refused"] * 8
    monkeypatch.setattr(cache_module, "open_engine", load)
    with small_cache.lease("local:bert") as engine:
        assert engine.idle
    assert loads == ["local:bert"]


def test_a_model_whose_files_change_is_loaded_anew_and_the_old_serves_its_leases(tmp_path: Path) -> None:
    folder = build_tiny("bert", tmp_path / "models" / "changing", seed=1)
    cache = ModelCache(Settings(home=tmp_path, device="cpu", num_threads=1))
    with cache.lease("local:changing") as old:
        before = old.mask_logits("the [MASK]").logits
        build_tiny("bert", folder, seed=2)
        os.utime(folder / "model.safetensors", ns=(1, 1))
        with cache.lease("local:changing") as new:
            assert new is not old
            assert np.abs(new.mask_logits("the [MASK]").logits - before).max() > 0.1
        assert old.mask_logits("the [MASK] sat").logits.shape[0] == 1
    assert not old._worker.is_alive()
    assert cache.open_models() == [new.info]
    cache.close()


def test_an_error_inside_the_block_gives_the_lease_back(small_cache: ModelCache) -> None:
    with pytest.raises(KeyError), small_cache.lease("local:bert"):
        raise KeyError
    for name in ("distilbert", "electra"):
        with small_cache.lease(f"local:{name}"):
            pass
    assert refs(small_cache) == ["local:distilbert", "local:electra"]


def test_answers_are_remembered_across_leases(small_cache: ModelCache) -> None:
    with small_cache.lease("local:bert") as engine:
        first = engine.mask_logits("the [MASK]")
    with small_cache.lease("local:bert") as engine:
        assert engine.mask_logits("the [MASK]") is first


def test_the_process_has_one_cache_with_its_settings(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        caches = set(pool.map(lambda _: get_model_cache(), range(8)))
    assert len(caches) == 1
    with open_model("bundled") as engine:
        assert engine.info.ref == "bundled"
        assert engine._settings == settings


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "config.json"])
def test_any_file_of_a_model_that_changes_counts(name: str, tmp_path: Path, loads: list[str]) -> None:
    folder = build_tiny("bert", tmp_path / "models" / "changing")
    cache = ModelCache(Settings(home=tmp_path, device="cpu", num_threads=1))
    for _ in range(2):
        with cache.lease("local:changing"):
            pass
    assert len(loads) == 1
    (folder / name).touch()
    os.utime(folder / name, ns=(1, 1))
    with cache.lease("local:changing"):
        assert len(loads) == 2
    cache.close()
