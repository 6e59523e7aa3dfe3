"""Models of the Hugging Face hub: an id becomes the folder of one snapshot on this disk.

Only the files that an encoder needs are fetched, after the hub's own list of files has shown that there
are safetensors. Everything later works on the snapshot's path, so the id is never looked up again
(and a folder of the same name in the working directory is never opened instead).
"""

import logging
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from bert_explorer.errors import (
    BrokenModelError,
    HubUnreachableError,
    ModelError,
    ModelNotFoundError,
    OutOfMemoryError,
    UnsafeModelError,
)
from bert_explorer.models.reference import ModelReference, parse_reference
from bert_explorer.models.weights import INDEX, PICKLES, SINGLE, weight_files
from bert_explorer.settings import MB, Settings

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo as HubModel

logger = logging.getLogger(__name__)

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
SMALL_FILES = (
    "config.json",
    *TOKENIZER_FILES,
    "*.model",
    "adapter_config.json",  # fetched only to be refused with a clear message
)
SHARDS = "model-*-of-*.safetensors"
ANSWER_TIMEOUT_S = 10.0

_resolved: dict[tuple[str, Path, str], Path] = {}
_locks: dict[tuple[str, Path, str], threading.Lock] = {}


def find_snapshot(reference: ModelReference, settings: Settings) -> Path:
    """The folder of a hub model. The hub is asked once a process, and not at all offline.

    Raises ModelNotFoundError, UnsafeModelError, BrokenModelError, OutOfMemoryError for a model that
    exceeds the memory bound, or HubUnreachableError where the model is not on this disk either.
    """
    key = (settings.hub_endpoint, cache_folder(settings), str(reference))
    with _locks.setdefault(key, threading.Lock()):  # two pages that ask at once share one download
        if not (key in _resolved and _resolved[key].is_dir()):
            _resolved[key] = _find(reference, settings)
        return _resolved[key]


def cached_snapshots(settings: Settings) -> Iterator[tuple[ModelReference, Path]]:
    """Hub models on this disk (their main revision), in the order of their names."""
    parent = cache_folder(settings)
    for folder in sorted(parent.glob("models--*--*")) if parent.is_dir() else []:
        try:
            reference = parse_reference(folder.name.removeprefix("models--").replace("--", "/", 1))
        except ModelError:
            continue  # a dataset of ours it is not, and no name that can be typed
        snapshot = cached_snapshot(reference, settings)
        if snapshot is not None:
            yield reference, snapshot


def cached_snapshot(reference: ModelReference, settings: Settings) -> Path | None:
    """The snapshot of this revision (main by default) on this disk, if its weights are there."""
    repository = cache_folder(settings) / f"models--{reference.name.replace('/', '--')}"
    revision = reference.revision or "main"
    pointer = repository / "refs" / revision
    commit = pointer.read_text("utf-8").strip() if pointer.is_file() else revision
    snapshot = repository / "snapshots" / commit
    try:
        return snapshot if (snapshot / "config.json").is_file() and weight_files(snapshot) else None
    except ModelError:
        return None  # an incomplete download


def cache_folder(settings: Settings) -> Path:
    """Where snapshots are kept: the setting, else Hugging Face's own default."""
    if settings.hub_cache is not None:
        return settings.hub_cache
    from huggingface_hub import constants  # 0.1 s, and not needed where the setting is given

    return Path(constants.HF_HUB_CACHE)


def _find(reference: ModelReference, settings: Settings) -> Path:
    cached = cached_snapshot(reference, settings)
    if settings.offline:
        if cached is None:
            raise HubUnreachableError(
                f"'{reference}' is not on this disk, and BERT Explorer is set to work offline."
            )
        return cached
    try:
        return _download(reference, settings)
    except HubUnreachableError as error:
        if cached is None:
            raise
        logger.warning("%s The copy on this disk is used.", error)
        return cached


def _download(reference: ModelReference, settings: Settings) -> Path:
    import httpx2
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    api = HfApi(endpoint=settings.hub_endpoint or None)
    try:
        model = api.model_info(
            reference.name, revision=reference.revision, files_metadata=True, timeout=ANSWER_TIMEOUT_S
        )
        path = snapshot_download(
            reference.name,
            revision=model.sha,
            cache_dir=cache_folder(settings),
            allow_patterns=_wanted_files(reference, model, settings),
            endpoint=settings.hub_endpoint or None,
        )
    except GatedRepoError:
        raise ModelNotFoundError(
            f"'{reference}' is shown only to people who accepted its terms on the hub. "
            "Accept them in a browser and log in here with 'hf auth login'."
        ) from None
    except RevisionNotFoundError:
        raise ModelNotFoundError(
            f"The hub's '{reference.name}' has no revision '{reference.revision}'."
        ) from None
    except RepositoryNotFoundError:
        raise ModelNotFoundError(
            f"The hub has no model '{reference.name}', or it is private. Check its id."
        ) from None
    except (httpx2.HTTPError, OSError) as error:  # OSError: also the hub client's own offline switch
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise HubUnreachableError(f"The hub did not deliver '{reference}' ({reason}).") from error
    _remember_revision(reference, Path(path))
    return Path(path)


def _wanted_files(reference: ModelReference, model: "HubModel", settings: Settings) -> list[str]:
    """Names to fetch: the small files, and one set of safetensors. Refuses before anything is fetched."""
    sizes = {item.rfilename: item.size or 0 for item in model.siblings or []}
    weights = [SINGLE] if SINGLE in sizes else [name for name in sizes if fnmatch(name, SHARDS)]
    if not weights:
        if any(fnmatch(name, pattern) for name in sizes for pattern in PICKLES):
            raise UnsafeModelError(
                f"The hub's '{reference}' has only pickle weights, and opening those can run any code. "
                "Choose a model or a revision with safetensors."
            )
        raise BrokenModelError(f"The hub's '{reference}' has no safetensors weights. Choose another model.")
    total = sum(sizes[name] for name in weights)
    if total > settings.max_models_bytes:
        raise OutOfMemoryError(
            f"'{reference}' has {total / MB:,.0f} MB of weights; the limit is "
            f"{settings.max_models_bytes / MB:,.0f} MB (BERT_EXPLORER_MAX_MODELS_BYTES). "
            "Choose a smaller model."
        )
    small = [name for name in sizes if any(fnmatch(name, pattern) for pattern in SMALL_FILES)]
    return [*small, *weights, *([INDEX] if INDEX in sizes and SINGLE not in sizes else [])]


def _remember_revision(reference: ModelReference, snapshot: Path) -> None:
    """Write the pointer from branch to commit that the hub client skips when it is given the commit."""
    pointer = snapshot.parent.parent / "refs" / (reference.revision or "main")
    if snapshot.name != reference.revision:
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.write_text(snapshot.name, "utf-8")
