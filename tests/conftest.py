"""Fixtures that every test may use: tiny checkpoints, and settings that never touch the real home."""

import os

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bert_explorer.settings import BUNDLED_MODEL, REPOSITORY, Settings, get_settings

ASSET_FOLDERS = ("datasets", "examples", "web")


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a BERT with MLM and NSP heads: 2 layers, 2 heads, hidden 32, 128 positions."""
    from tests.tiny_models import build_tiny

    return build_tiny("bert", tmp_path_factory.mktemp("tiny-bert"), head="pretraining")


@pytest.fixture(scope="session")
def tiny_classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a BERT that sorts texts into ham, spam and other."""
    from tests.tiny_models import build_tiny

    labels = ("ham", "spam", "other")
    folder = tmp_path_factory.mktemp("tiny-classifier")
    return build_tiny("bert", folder, head="text-classification", labels=labels)


@pytest.fixture(scope="session")
def _one_component_scan() -> Iterator[None]:
    """As in a server, installed packages are searched for components once, and not for every page."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def settings(tmp_path: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Offline settings with a home of their own, which ``get_settings()`` returns too.

    ``bundled`` and ``local:tiny-bert`` are the tiny BERT; the other assets are the real ones.
    """
    yield from use_settings(tmp_path, monkeypatch, bundled=tiny_bert)


@pytest.fixture(scope="module")
def bundled_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """As ``settings``, with the real assets: ``bundled`` is the model that the product ships.

    For the tests of one file together, which all read it: opening it costs more than asking it.
    """
    with pytest.MonkeyPatch.context() as patch:
        yield from use_settings(tmp_path_factory.mktemp("bundled"), patch)


def use_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bundled: Path | None = None
) -> Iterator[Settings]:
    """Settings of a home of its own until the generator ends; ``bundled`` stands in for the shipped model."""
    if bundled is not None:
        assets = tmp_path / "assets"
        (assets / "models").mkdir(parents=True)
        (assets / "models" / BUNDLED_MODEL).symlink_to(bundled)
        for name in ASSET_FOLDERS:
            (assets / name).symlink_to(REPOSITORY / "assets" / name)
        shutil.copytree(bundled, tmp_path / "home" / "models" / "tiny-bert")
        monkeypatch.setenv("BERT_EXPLORER_ASSETS", str(assets))
    monkeypatch.setenv("BERT_EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BERT_EXPLORER_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("BERT_EXPLORER_OFFLINE", "true")
    monkeypatch.setenv("BERT_EXPLORER_DEVICE", "cpu")
    monkeypatch.setenv("BERT_EXPLORER_NUM_THREADS", "1")
    get_settings.cache_clear()
    yield get_settings()
    _close_models()
    get_settings.cache_clear()


def _close_models() -> None:
    """Stop the engines that the test opened; a test without models never imports torch for this."""
    import sys

    cache = sys.modules.get("bert_explorer.models.cache")
    if cache is not None:
        cache.close_model_cache()
