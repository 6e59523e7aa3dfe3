"""Checkpoints of every family in one home, and a cache that has them open."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.models.loader import load_model
from bert_explorer.models.requests import HiddenStatesRequest
from bert_explorer.settings import Settings
from tests.tiny_models import FAMILIES, build_tiny

HEADS = {
    "pretraining": ("bert", "pretraining"),
    "next-sentence": ("bert", "next-sentence"),
    "classifier": ("bert", "text-classification"),
    "roberta-classifier": ("roberta", "text-classification"),
    "modernbert-classifier": ("modernbert", "text-classification"),
    "tagger": ("bert", "token-classification"),
    "reader": ("bert", "question-answering"),
    "encoder": ("bert", "encoder"),
}


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread() -> None:
    """Tiny models gain nothing from more, and the machine may be busy."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ``models`` folder holds every family, and BERTs with every head. Do not change it."""
    home = tmp_path_factory.mktemp("home")
    for family in FAMILIES:
        build_tiny(family, home / "models" / family)
    for name, (family, head) in HEADS.items():
        build_tiny(
            family,
            home / "models" / name,
            head=head,
            labels=("ham", "spam", "other")[: 2 if head == "question-answering" else 3],
        )
    return home


@pytest.fixture(scope="session")
def home_settings(checkpoints: Path) -> Settings:
    return Settings(
        home=checkpoints, hub_cache=checkpoints / "hub", offline=True, device="cpu", num_threads=1
    )


@pytest.fixture(scope="session")
def cache(home_settings: Settings) -> Iterator[ModelCache]:
    cache = ModelCache(home_settings)
    yield cache
    cache.close()


@pytest.fixture
def engine(cache: ModelCache) -> Iterator[Engine]:
    """The BERT with MLM and NSP heads."""
    with cache.lease("local:pretraining") as engine:
        yield engine


@pytest.fixture
def new_engine(home_settings: Settings) -> Iterator[Callable[..., Engine]]:
    """Makes engines of their own, with other settings where given: ``new_engine(max_queue=2)``."""
    engines = []

    def build(name: str = "pretraining", **changes: Any) -> Engine:
        values = {"home": home_settings.home, "device": "cpu", "num_threads": 1} | changes
        settings = Settings(**values)
        folder = home_settings.local_models_path / name
        engines.append(
            Engine(load_model(folder, inspect_folder(folder, f"local:{name}", name), settings), settings)
        )
        return engines[-1]

    yield build
    for engine in engines:
        engine.close()


@pytest.fixture
def copy_of(checkpoints: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a checkpoint to be spoiled: ``copy_of("bert")`` is its folder."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(checkpoints / "models" / name, tmp_path / name))

    return copy


def plain(folder: Path, auto_class: str) -> tuple[Any, Any]:
    """Model and tokenizer as plain transformers opens them, eager: the second road to every number."""
    model = getattr(transformers, auto_class).from_pretrained(folder, attn_implementation="eager")
    return model.eval(), transformers.AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Engine], threading.Event]]:
    """``release = hold(engine)`` stops its worker before the next forward pass until ``release.set()``."""
    releases = []

    def hold_one(engine: Engine) -> threading.Event:
        release, started = threading.Event(), threading.Event()
        forward = engine._worker._answerer._forward
        run = forward.run

        def waiting(*args: Any) -> Any:
            started.set()
            release.wait(30)
            return run(*args)

        monkeypatch.setattr(forward, "run", waiting)
        engine.submit(HiddenStatesRequest("hold", layers=(0,)))
        assert started.wait(30)
        releases.append(release)
        return release

    yield hold_one
    for release in releases:
        release.set()


def break_forward(engine: Engine, monkeypatch: pytest.MonkeyPatch, word: str, error: Exception) -> list[int]:
    """Batches with ``word`` in a text raise ``error``. Returns the sizes of the batches that were tried."""
    forward = engine._worker._answerer._forward
    run, sizes = forward.run, []

    def failing(batch: Any, wanted: Any) -> Any:
        sizes.append(len(batch))
        if any(word in item.tokens.text for item in batch):
            raise error
        return run(batch, wanted)

    monkeypatch.setattr(forward, "run", failing)
    return sizes
