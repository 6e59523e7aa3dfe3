"""Models of the hub, against a hub on loopback; nothing here reaches the internet."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bert_explorer.errors import (
    BrokenModelError,
    HubUnreachableError,
    ModelNotFoundError,
    OutOfMemoryError,
    UnsafeModelError,
    UnsupportedModelError,
)
from bert_explorer.models import hub as hub_module
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.catalog import describe_model, list_models
from bert_explorer.settings import Settings
from tests.models.fake_hub import COMMIT, FakeHub, serve_hub

REPO = "acme/tiny-bert"


@pytest.fixture
def hub(copy_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """Serves the tiny BERT as acme/tiny-bert, with files beside it that nobody needs."""
    monkeypatch.setattr(hub_module, "_resolved", {})
    folder = copy_of("pretraining")
    for name in ("README.md", "pytorch_model.bin", "flax_model.msgpack"):
        (folder / name).write_bytes(b"not needed")
    with serve_hub(REPO, folder) as hub:
        yield hub


@pytest.fixture
def online(hub: FakeHub, tmp_path: Path, checkpoints: Path) -> Settings:
    return Settings(
        home=checkpoints, hub_cache=tmp_path / "hub", hub_endpoint=hub.url, device="cpu", num_threads=1
    )


def ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process would: forget which ids were looked up."""
    monkeypatch.setattr(hub_module, "_resolved", {})


def test_only_the_files_of_an_encoder_are_fetched(hub: FakeHub, online: Settings) -> None:
    info = describe_model(REPO, online)
    assert (info.ref, info.name, info.num_layers) == (REPO, REPO, 2)
    assert sorted(hub.fetched) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_a_model_of_the_hub_opens_and_answers(hub: FakeHub, online: Settings) -> None:
    cache = ModelCache(online)
    with cache.lease(REPO) as engine:
        assert engine.mask_logits("the [MASK] sat").logits.shape[0] == 1
    cache.close()
    assert hub.num_lookups == 1


def test_the_hub_is_asked_once_a_process_even_by_many_threads(hub: FakeHub, online: Settings) -> None:
    barrier = threading.Barrier(8)

    def ask(_: int) -> str:
        barrier.wait(30)
        return describe_model(REPO, online).ref

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {REPO}
    assert hub.num_lookups == 1
    assert len(hub.fetched) == 4


def test_a_folder_of_the_same_name_is_never_opened_instead(
    hub: FakeHub, online: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / REPO).symlink_to(checkpoints / "models" / "electra")
    monkeypatch.chdir(tmp_path)
    assert describe_model(REPO, online).family == "bert"
    assert hub.num_lookups == 1


def test_offline_opens_what_was_fetched_before(
    hub: FakeHub, online: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_model(REPO, online)
    ask_again(monkeypatch)
    offline = replace(online, offline=True)
    assert describe_model(REPO, offline).num_layers == 2
    assert describe_model(f"{REPO}@{COMMIT}", offline).num_layers == 2
    assert REPO in [info.ref for info in list_models(offline)]
    assert hub.num_lookups == 1


def test_offline_says_which_models_are_available(online: Settings) -> None:
    offline = replace(online, offline=True)
    with pytest.raises(
        HubUnreachableError,
        match=r"'acme/other' is not on this disk.*offline.*Available without it:.*local:bert,",
    ):
        describe_model("acme/other", offline)


def test_an_unreachable_hub_says_so_and_what_is_available(
    online: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_model(REPO, online)
    ask_again(monkeypatch)
    unreachable = replace(online, hub_endpoint="http://127.0.0.1:9")
    with pytest.raises(HubUnreachableError, match=rf"did not deliver 'acme/other'.*local:bert,.*{REPO}"):
        describe_model("acme/other", unreachable)
    assert describe_model(REPO, unreachable).num_layers == 2


def test_a_hub_in_trouble_is_no_missing_model(hub: FakeHub, online: Settings) -> None:
    hub.status = 503
    with pytest.raises(HubUnreachableError, match="503"):
        describe_model(REPO, online)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("acme/nothing", "no model 'acme/nothing'"),
        (f"{REPO}@nothing", "has no revision 'nothing'"),
        ("gated/model", "accepted its terms"),
    ],
)
def test_a_model_that_the_hub_does_not_have_is_not_found(ref: str, message: str, online: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=message):
        describe_model(ref, online)


def test_pickle_only_models_are_refused_before_anything_is_fetched(hub: FakeHub, online: Settings) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(UnsafeModelError, match=r"only pickle weights.*safetensors"):
        describe_model(REPO, online)
    assert hub.fetched == []


def test_models_without_weights_are_refused_before_anything_is_fetched(
    hub: FakeHub, online: Settings
) -> None:
    for name in ("model.safetensors", "pytorch_model.bin"):
        del hub.files[name]
    with pytest.raises(BrokenModelError, match="no safetensors weights"):
        describe_model(REPO, online)
    assert hub.fetched == []


def test_models_larger_than_the_memory_allowed_are_refused_before_they_are_fetched(
    hub: FakeHub, online: Settings
) -> None:
    with pytest.raises(OutOfMemoryError, match="MB of weights; the limit is"):
        describe_model(REPO, replace(online, max_models_bytes=1000))
    assert hub.fetched == []


def test_code_in_a_downloaded_config_is_refused(hub: FakeHub, online: Settings) -> None:
    hub.files["config.json"] = b'{"model_type": "bert", "auto_map": {"AutoModel": "evil.Model"}}'
    with pytest.raises(UnsafeModelError, match="auto_map"):
        describe_model(REPO, online)


def test_an_unsupported_type_is_refused_by_name(hub: FakeHub, online: Settings) -> None:
    hub.files["config.json"] = b'{"model_type": "gpt2"}'
    with pytest.raises(UnsupportedModelError, match="gpt2"):
        describe_model(REPO, online)


def test_an_incomplete_download_is_not_offered_offline(
    online: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_model(REPO, online)
    ask_again(monkeypatch)
    next((online.hub_cache or Path()).glob("models--*/snapshots/*/model.safetensors")).unlink()
    offline = replace(online, offline=True)
    assert REPO not in [info.ref for info in list_models(offline)]
    with pytest.raises(HubUnreachableError):
        describe_model(REPO, offline)
