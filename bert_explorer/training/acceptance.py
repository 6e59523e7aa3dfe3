"""What is checked before a run is accepted: whatever would make it fail later, as far as can be told."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from bert_explorer.errors import CapabilityError, DataError, ModelNotFoundError, RunError, RunNotFoundError
from bert_explorer.models.catalog import describe_model
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.settings import MB, Settings
from bert_explorer.training.config import FROM_NOTHING, MASKED_WORDS, FineTuneConfig
from bert_explorer.training.estimate import estimate_mean_tokens, estimate_seconds
from bert_explorer.training.examples import read_examples, split_examples
from bert_explorer.training.freezing import check_freeze
from bert_explorer.training.run import RunState
from bert_explorer.training.store import RunStore
from bert_explorer.training.tables.decoding import decode_text

FLOAT_BYTES = 4
COPIES_OF_WEIGHTS = 7  # two checkpoints while one replaces the other (weights and Adam's two moments), model


@dataclass(frozen=True)
class Checked:
    """What is known of an accepted run: the labels found in its file, and how long it will take."""

    labels: tuple[str, ...]
    expected_s: float | None  # not known of a pretraining


def check_submission(
    owner: str, filename: str, content: bytes, config: FineTuneConfig, store: RunStore, settings: Settings
) -> Checked:
    """Raises DataError, InputError, ModelError or RunError."""
    if config.task == MASKED_WORDS:
        _check_pretraining(owner, content, config, store, settings)
        return Checked((), None)
    data = read_examples(filename, content, config, settings)
    split_examples(data, config)
    _check_access(config.model, owner, store)
    info = describe_model(config.model, settings)
    check_freeze(config, info)
    _check_disk(info, settings.runs_path)
    tokens = estimate_mean_tokens(data.texts) + (estimate_mean_tokens(data.pairs) if data.pairs else 0.0)
    return Checked(data.labels, estimate_seconds(len(data), tokens, config, info, settings))


def _check_pretraining(
    owner: str, content: bytes, config: FineTuneConfig, store: RunStore, settings: Settings
) -> None:
    """The text is looked at as text only: whether it has enough sentences is for those who ask for it to "
    "say."""
    if len(content) > settings.max_upload_bytes:
        raise DataError(
            f"The text has {len(content) / MB:.1f} MB; the limit is {settings.max_upload_bytes / MB:.0f} MB."
        )
    decode_text(content)
    if config.model == FROM_NOTHING:
        return
    _check_access(config.model, owner, store)
    info = describe_model(config.model, settings)
    if info.family != "bert" or Capability.MASKED_LM not in info.capabilities:
        raise CapabilityError(
            f"'{info.name}' cannot be pretrained on: that needs a BERT with a head for masked words. Choose "
            "the bundled model, or begin from nothing."
        )
    _check_disk(info, settings.runs_path)


def _check_access(ref: str, owner: str, store: RunStore) -> None:
    """The model of a run may be trained further by those who may see the run."""
    reference = parse_reference(ref)
    if reference.kind != "run":
        return
    try:
        state = store.get(reference.name, owner).state
    except RunNotFoundError as error:
        raise ModelNotFoundError(
            f"There is no model '{ref}' here, or it belongs to somebody else."
        ) from error
    if state is not RunState.FINISHED:
        raise ModelNotFoundError(f"There is no model '{ref}' yet: the run is {state}.")


def _check_disk(info: ModelInfo, runs_path: Path) -> None:
    needed = COPIES_OF_WEIGHTS * FLOAT_BYTES * info.num_parameters
    existing = next(path for path in (runs_path, *runs_path.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise RunError(
            f"Fine-tuning '{info.name}' needs about {needed / MB:,.0f} MB of disk space, and {existing} has "
            f"{free / MB:,.0f} MB left. Delete old runs, or set BERT_EXPLORER_HOME to a larger disk."
        )
