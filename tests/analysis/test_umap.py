"""UMAP in its own process: right, repeatable, and never the end of the server."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bert_explorer.analysis import umap_pool
from bert_explorer.analysis.projection import project
from bert_explorer.analysis.umap_pool import UmapPool
from bert_explorer.errors import BusyError, DeadlineError, QueueFullError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

ECHO = "from tests.analysis.umap_doubles import {} as answer; answer()"


@pytest.fixture
def pools() -> Iterator[list[UmapPool]]:
    opened: list[UmapPool] = []
    yield opened
    for pool in opened:
        pool.close()


def double(name: str) -> tuple[str, ...]:
    """A worker that answers otherwise than with UMAP (see umap_doubles)."""
    return (sys.executable, "-c", ECHO.format(name))


VECTORS = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_umap_keeps_groups_together_and_repeats_itself(
    pools: list[UmapPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    pools.append(UmapPool())
    monkeypatch.setattr(umap_pool, "_pool", pools[0])
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], 15)
    vectors = (rng.normal(size=(3, 20))[groups] * 20 + rng.normal(size=(45, 20))).astype(np.float32)
    points = project(vectors, method="umap", seed=3)
    np.testing.assert_array_equal(points.coordinates, project(vectors, method="umap", seed=3).coordinates)
    distances = np.linalg.norm(points.coordinates[:, None] - points.coordinates, axis=2) + 1e9 * np.eye(45)
    assert (groups[distances.argmin(axis=1)] == groups).all()
    with ThreadPoolExecutor(30) as threads:  # the same worker: its start takes most of this test
        many = threads.map(lambda seed: pools[0].compute(vectors, dimensions=2, seed=seed % 3), range(30))
    found = list(many)
    assert all(np.isfinite(answer).all() for answer in found)
    for number, answer in enumerate(found):
        np.testing.assert_array_equal(answer, found[number % 3])
    for few in (vectors[:3], np.repeat(vectors[:2], 4, axis=0)):
        assert np.isfinite(project(few, method="umap", dimensions=3).coordinates).all()


def test_thirty_askers_get_their_own_answers(pools: list[UmapPool]) -> None:
    pools.append(UmapPool(command=double("first_columns")))
    inputs = [np.full((5, 4), number, dtype=np.float32) for number in range(30)]
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda rows: pools[0].compute(rows, dimensions=2, seed=0), inputs))
    for number, answer in enumerate(answers):
        np.testing.assert_array_equal(answer, np.full((5, 2), number))


def test_thirty_pictures_in_the_making_keep_nobody_waiting(
    pools: list[UmapPool], settings: Settings, tmp_path: Path
) -> None:
    """The worker stands still until the file is there; thirty wait for it, and the model answers others."""
    gate = tmp_path / "gate"
    pools.append(UmapPool(command=(*double("wait_for_file"), str(gate))))
    with ThreadPoolExecutor(30) as threads, open_model("bundled") as engine:
        waiting = [threads.submit(pools[0].compute, VECTORS, dimensions=2, seed=0) for _ in range(30)]
        for number in range(10):
            assert engine.mask_logits(f"the [MASK] sat on mat {number}").logits.shape[0] == 1
        assert settings.offline
        assert not any(future.done() for future in waiting)
        gate.touch()
        for future in waiting:
            np.testing.assert_array_equal(future.result(), VECTORS[:, :2])


def test_a_process_that_ends_is_an_error_and_is_replaced(pools: list[UmapPool]) -> None:
    pools.append(UmapPool(command=double("end_at_seed_1")))
    for _ in range(2):
        with pytest.raises(BusyError, match="ended"):
            pools[0].compute(VECTORS, dimensions=2, seed=1)
        np.testing.assert_array_equal(pools[0].compute(VECTORS, dimensions=2, seed=0), VECTORS[:, :2])


def test_an_error_of_umap_is_told(pools: list[UmapPool]) -> None:
    pools.append(UmapPool(command=double("refuse")))
    with pytest.raises(BusyError, match="could not draw these vectors"):
        pools[0].compute(VECTORS, dimensions=2, seed=1)


def test_what_takes_too_long_is_ended(pools: list[UmapPool]) -> None:
    pools.append(UmapPool(command=double("sleep"), limit_s=0.5))
    with pytest.raises(DeadlineError, match="took longer than"):
        pools[0].compute(VECTORS, dimensions=2, seed=1)


def test_a_full_line_refuses(pools: list[UmapPool]) -> None:
    pools.append(UmapPool(command=double("sleep"), limit_s=1.0, max_waiting=0))

    def wait_in_vain() -> None:
        with pytest.raises(DeadlineError):
            pools[0].compute(VECTORS, dimensions=2, seed=0)

    waiting = threading.Thread(target=wait_in_vain)
    waiting.start()
    while pools[0]._places.acquire(blocking=False):
        pools[0]._places.release()
    with pytest.raises(QueueFullError, match="the limit"):
        pools[0].compute(VECTORS, dimensions=2, seed=1)
    waiting.join()
