"""Engines of tiny models of every family, each opened once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

OpenTiny = Callable[..., Engine]


@pytest.fixture(scope="module")
def open_tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenTiny]:
    """``open_tiny("albert", num_hidden_groups=2)``: an engine over a tiny model, kept for the module."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, offline=True, device="cpu", num_threads=1)
    cache = ModelCache(settings)
    leases = []
    engines: dict[str, Engine] = {}

    def open_one(family: str, *, head: str | None = None, **options: object) -> Engine:
        name = "-".join([family, head or "default", *(f"{key}{value}" for key, value in options.items())])
        if name not in engines:
            build_tiny(family, Path(home / "models" / name), head=head, **options)
            leases.append(cache.lease(f"local:{name}"))
            engines[name] = leases[-1].__enter__()
        return engines[name]

    yield open_one
    for lease in leases:
        lease.__exit__(None, None, None)
    cache.close()
